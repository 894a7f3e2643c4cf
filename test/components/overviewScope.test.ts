import { describe, expect, it } from "vitest";
import { scopeOf } from "../../components/address/scope.ts";
import { NO_FILTERS } from "../../components/address/address.ts";
import { overviewScope } from "../../components/overview/overviewScope.ts";
import { counts, edge, meshView, node, totals } from "./mesh.ts";

const STATES = ["blocked", "plaintext", "mTLS", "idle"] as const;
const view = meshView({
  nodes: [node("foo/web"), node("foo/old", { dataPlaneModes: ["none"] }), node("foo/gone", { ownerKind: null, dataPlaneModes: [] }), node("bar/api"), node("bar/db")],
  edges: [
    edge("foo/web", "bar/api", { counts: counts({ mtls: 100 }) }),
    edge("foo/old", "bar/api", { state: "plaintext", counts: counts({ plaintext: 7 }) }),
    edge("bar/api", "bar/db", { family: "tcp", counts: counts({ mtls: 5 }) }),
    edge("bar/api", "foo/web", { state: "blocked", counts: counts({ refused: 3 }) }),
  ],
  totals: totals({ requests: counts({ mtls: 100, plaintext: 7, refused: 3 }), connections: counts({ mtls: 5 }), edges: STATES.map((state) => ({ state, edges: 1 })), workloads: 4, workloadsWithoutProxy: 1 }),
});

describe("what the overview says of chosen namespaces", () => {
  it("is of the whole mesh where none is chosen", () => {
    expect(overviewScope(view, [])).toEqual({ edges: view.edges, totals: view.totals, unreported: { requests: 0, connections: 0 } });
  });

  it("sums the connections that begin or end there, and counts the workloads there", () => {
    expect(overviewScope(view, ["foo"]).totals).toEqual({
      requests: counts({ mtls: 100, plaintext: 7, refused: 3 }),
      connections: counts(),
      edges: [{ state: "blocked", edges: 1 }, { state: "plaintext", edges: 1 }, { state: "mTLS", edges: 1 }, { state: "idle", edges: 0 }],
      workloads: 2,
      workloadsWithoutProxy: 1,
    });
    expect(overviewScope(view, ["bar"]).totals.connections).toEqual(counts({ mtls: 5 }));
  });

  it("sums what is plaintext by configuration alone by itself", () => {
    const edges = [edge("foo/web", "bar/search", { unreportedPlaintext: 8100 }), edge("bar/api", "bar/db", { family: "tcp", unreportedPlaintext: 3 })];
    expect(overviewScope({ ...view, edges }, []).unreported).toEqual({ requests: 8100, connections: 3 });
    expect(overviewScope({ ...view, edges }, ["foo"]).unreported).toEqual({ requests: 8100, connections: 0 });
  });

  it("is what the list of connections shows of them", () => {
    const { edges } = overviewScope(view, ["foo"]);
    expect(edges.map(({ id }) => id)).toEqual(scopeOf(view, { ...NO_FILTERS, namespaces: ["foo"] }).edges.map(({ id }) => id));
    expect(edges).toHaveLength(3);
  });
});
