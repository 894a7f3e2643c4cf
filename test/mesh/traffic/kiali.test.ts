// The defects found in the security data of Kiali's graph (v2.31, executed against its own functions): each input, and the right answer.
import { describe, expect, it } from "vitest";
import type { TrafficRow } from "#mesh";
import { judgeOf, workload } from "../../support/judge.ts";
import { clientRow, NOBODY, observe, row, UNPROVED } from "../../support/telemetry.ts";

const OTHER = { namespace: "foo", workload: "other", principal: "spiffe://cluster.local/ns/foo/sa/other" } as const;
const PLAIN = row({ connectionSecurityPolicy: "none", client: UNPROVED });
const NAMELESS = row({ connectionSecurityPolicy: "none", client: NOBODY });

function edges(...rows: readonly TrafficRow[]) {
  return observe({ rows }, judgeOf({})).map((edge) => ({ client: edge.client.kind === "workload" ? edge.client.id : edge.client.kind, family: edge.family, state: edge.state, mtls: edge.counts.mtls, plaintext: edge.counts.plaintext }));
}

describe("what another dashboard gets wrong", () => {
  it("G1 and G2: plaintext, and nobody reporting, are different answers", () => {
    expect(edges(PLAIN).map((edge) => edge.state)).toEqual(["plaintext"]);
    expect(edges(clientRow({ client: UNPROVED })).map((edge) => edge.state)).toEqual(["unclear"]);
    expect(edges()).toEqual([]);
  });

  it("G3: 299 mTLS and 1 plaintext is mixed, with both numbers", () => {
    expect(edges(row({ count: 299 }), { ...PLAIN, count: 1 })).toEqual([{ client: "foo/sleep", family: "http", state: "mixed", mtls: 299, plaintext: 1 }]);
  });

  it("G4: versions behind one Service do not overwrite each other", () => {
    const [v1, v2] = ["httpbin-v1", "httpbin-v2"].map((name) => ({ namespace: "foo", workload: name, principal: null }));
    const rows = [row({ server: v1 ?? NOBODY, count: 90 }), row({ server: v2 ?? NOBODY, count: 1 }), { ...PLAIN, server: v2 ?? NOBODY, count: 100 }];
    const forwards = edges(...rows);
    expect(forwards.map((edge) => [edge.mtls, edge.plaintext, edge.state])).toEqual([[90, 0, "mTLS"], [1, 100, "mixed"]]);
    expect(edges(...rows.toReversed())).toEqual(forwards);
  });

  it("G5: callers of one workload stay apart", () => {
    expect(edges(row({ count: 100 }), row({ client: OTHER, count: 1 }), { ...NAMELESS, count: 100 })).toEqual([
      { client: "foo/other", family: "http", state: "mTLS", mtls: 1, plaintext: 0 },
      { client: "foo/sleep", family: "http", state: "mTLS", mtls: 100, plaintext: 0 },
      { client: "unidentified", family: "http", state: "plaintext", mtls: 0, plaintext: 100 },
    ]);
  });

  it("G6: service accounts of one workload add up", () => {
    const second = { ...row().client, principal: "spiffe://cluster.local/ns/foo/sa/second" };
    expect(edges(row({ count: 100 }), row({ client: second, count: 100 }), { ...PLAIN, count: 100 })).toEqual([{ client: "foo/sleep", family: "http", state: "mixed", mtls: 200, plaintext: 100 }]);
  });

  it("G7: requests and connections are two facts, and bytes are neither", () => {
    expect(edges(row({ count: 1 }), { ...PLAIN, family: "tcp", count: 2, bytes: 100_000 })).toEqual([
      { client: "foo/sleep", family: "http", state: "mTLS", mtls: 1, plaintext: 0 },
      { client: "foo/sleep", family: "tcp", state: "plaintext", mtls: 0, plaintext: 2 },
    ]);
  });

  it("G8: clients outside the mesh are one sender per server, not one for the mesh", () => {
    const elsewhere = { ...NAMELESS, server: { namespace: "bar", workload: "httpbin", principal: null } };
    expect(new Set(observe({ rows: [NAMELESS, elsewhere] }, judgeOf({})).map((edge) => edge.key)).size).toBe(2);
  });

  it("G10: three callers through one Service keep three principals", () => {
    const callers = ["a", "b", "c"].map((name) => row({ client: { namespace: "foo", workload: name, principal: `spiffe://cluster.local/ns/foo/sa/${name}` } }));
    expect(observe({ rows: callers }, judgeOf({ workloads: [workload("foo/httpbin")] })).map((edge) => edge.sender.principals)).toEqual(["a", "b", "c"].map((name) => [`spiffe://cluster.local/ns/foo/sa/${name}`]));
  });

  it("one-directional TCP still has a security", () => {
    expect(edges(row({ family: "tcp", count: 0, bytes: 10 })).map((edge) => edge.state)).toEqual(["mTLS"]);
  });
});
