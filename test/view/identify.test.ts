import { expect, it } from "vitest";
import { presentEdge, presentMesh } from "#view";
import { edgeEnds } from "../../lib/view/ends.ts";
import { nodeId } from "../../lib/view/identify.ts";
import { CLASSIC_EDGES, CLASSIC_WORKLOADS, edge, id, judge, verdicts } from "./picture.ts";

it("gives ids that are safe in an address and lead back to their edge", () => {
  const picture = verdicts({ workloads: CLASSIC_WORKLOADS, edges: CLASSIC_EDGES });
  const view = presentMesh(picture, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [] });
  expect(new Set(view.edges.map((one) => one.id)).size).toBe(CLASSIC_EDGES.length);
  for (const shown of view.edges) {
    expect(shown.id).toMatch(/^[0-9a-z-]+$/);
    expect(presentEdge(picture, shown.id)?.edge).toEqual(shown);
  }
  expect(presentEdge(picture, "nothing")).toBeUndefined();
  expect(presentEdge(picture, "__proto__")).toBeUndefined();
});

it("gives an edge the same id in every picture", () => {
  const first = verdicts({ workloads: CLASSIC_WORKLOADS, edges: CLASSIC_EDGES });
  const second = verdicts({ workloads: CLASSIC_WORKLOADS, edges: CLASSIC_EDGES.slice(2) });
  const before = edgeEnds(first.edges).ids;
  edgeEnds(second.edges).ids.forEach((edgeId, position) => {
    expect(first.edges[before.indexOf(edgeId)]?.key).toBe(second.edges[position]?.key);
  });
});

it("tells two edges of one digest apart", () => {
  const by = judge(CLASSIC_WORKLOADS);
  const [spec] = CLASSIC_EDGES;
  if (spec === undefined) throw new Error("the classic mesh has edges");
  const twins = [edge({ ...spec, rest: { key: "same" } }, by), edge({ ...spec, rest: { key: "same" } }, by)];
  const [first = "", second] = edgeEnds(twins).ids;
  expect(second).toBe(`${first}-2`);
});

it("lets no name pass for one of our own ids", () => {
  const server = { kind: "workload", id: id("foo/httpbin") } as const;
  const forged = { kind: "workload", id: id("unidentified:foo/httpbin") } as const;
  expect(nodeId({ kind: "unidentified" }, server)).toBe("unidentified:foo/httpbin");
  expect(nodeId(forged, server)).toBe("unidentified%3Afoo/httpbin");
  expect(nodeId({ kind: "address", address: "fd00::1" }, server)).toBe("address:fd00%3A%3A1");
});
