import { expect, it } from "vitest";
import { evaluateMesh, type MeshObject, type MeshVerdicts, type TrafficRow } from "#mesh";
import { namespaceOutlook, strictOutlook } from "#proposals";
import { presentMesh, presentProposal, presentProposals, type NamespaceView } from "#view";
import { mesh, namespace, pod, service } from "../support/mesh.ts";
import { clientRow, row, UNPROVED } from "../support/telemetry.ts";

// Plaintext that a server reported to a Service, and nobody says to which workload of it.

const AT_MS = Date.UTC(2026, 5, 1);
const ONE = [namespace("foo"), pod("foo", "sleep", { proxy: "sidecar" }), pod("foo", "httpbin", { proxy: "sidecar" }), service("foo", "httpbin")];
const TWO = [...ONE, pod("foo", "httpbin-v2", { proxy: "sidecar", labels: { app: "httpbin" } })];
const UNNAMED = row({ server: { namespace: "foo", workload: null, principal: null }, client: UNPROVED, connectionSecurityPolicy: "none" });
const NAMED = [row({ count: 1 }), row({ count: 1, server: { namespace: "foo", workload: "httpbin-v2", principal: null } }), row({ count: 1, server: { namespace: "foo", workload: "sleep", principal: null }, serviceHost: "sleep.foo.svc.cluster.local" })];

function picture(objects: readonly MeshObject[], rows: readonly TrafficRow[]): MeshVerdicts {
  const telemetry = { windowStartMs: AT_MS - 900_000, windowEndMs: AT_MS, covered: [{ startMs: AT_MS - 900_000, endMs: AT_MS }], rows, lookBackRows: [], lookBackStartMs: AT_MS - 4_500_000, gaps: [], queries: [] };
  return evaluateMesh({ capturedAtMs: AT_MS, configuration: mesh(objects), telemetry });
}

function foo(objects: readonly MeshObject[], ...rows: readonly TrafficRow[]): NamespaceView | undefined {
  const verdicts = picture(objects, rows);
  return presentMesh(verdicts, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [], outlook: namespaceOutlook(verdicts) }).namespaces.find(({ name }) => name === "foo");
}

it("[PRE-31] counts for its namespace, which is not ready", () => {
  expect(foo(TWO, ...NAMED)?.readiness.kind).toBe("ready");
  const shown = foo(TWO, ...NAMED, UNNAMED);
  expect(shown?.incoming.requests).toEqual({ mtls: 3, plaintext: 900, tls: 0, unclear: 0, refused: 0 });
  expect(shown?.readiness).toMatchObject({ kind: "unknown", uncertain: 1, sentence: "What STRICT would do to 1 connection to foo cannot be told." });
});

function proposed(...rows: readonly TrafficRow[]): readonly (readonly [id: string, uncertain: number, staysMtls: number])[] {
  return presentProposals(strictOutlook(picture([...TWO, service("foo", "sleep")], rows))).proposals.map(({ id, uncertain, staysMtls }) => [id, uncertain, staysMtls]);
}

it("[PRE-31] is uncertain in the preview of all that its Service may lead to, and no workload of these is offered as ready alone", () => {
  expect(proposed(...NAMED, UNNAMED)).toEqual([["mesh", 1, 3], ["namespace:foo", 1, 3], ["workload:foo/sleep", 0, 1]]);
  expect(proposed(...NAMED, { ...UNNAMED, connectionSecurityPolicy: "mutual_tls", client: row().client })).toEqual([["mesh", 0, 4], ["namespace:foo", 0, 4]]);
});

it("[PRE-31] says what is not known", () => {
  const verdicts = picture(TWO, [...NAMED, UNNAMED]);
  const [preview] = namespaceOutlook(verdicts).previews;
  if (preview === undefined) throw new Error("nothing is proposed");
  expect(presentProposal(verdicts, preview, { sources: [], applicable: false }).consequences[0]).toMatchObject({
    consequence: "uncertain", affected: 900,
    sentence: "Not known: the workload that took it, because reports of servers name none, and the Service leads to several, or to none that is known.",
  });
});

it("is no doubt where all of it was mTLS, and none of the namespace where only its client told", () => {
  expect(foo(TWO, ...NAMED, { ...UNNAMED, connectionSecurityPolicy: "mutual_tls", client: row().client })).toMatchObject({ incoming: { requests: { mtls: 903 } }, readiness: { kind: "ready" } });
  expect(foo(TWO, ...NAMED, clientRow({ ...UNNAMED, reporter: "source", connectionSecurityPolicy: "unknown" }))?.incoming.requests.unclear).toBe(0);
});

it("[PRE-31] makes nothing ready by mTLS alone: whose it was nobody knows", () => {
  const proved = { ...UNNAMED, connectionSecurityPolicy: "mutual_tls", client: row().client };
  expect(foo(TWO, proved)?.readiness).toMatchObject({
    kind: "unknown", uncertain: 0, sentence: "All mTLS that was seen arriving at foo in 15 min went to what is no workload known there (httpbin.foo.svc.cluster.local): it proves nothing of any that is.",
  });
  expect(foo(TWO, row({ server: { namespace: "foo", workload: "gone", principal: null } }))?.readiness.kind).toBe("unknown");
});

it("is blocked by STRICT where one workload alone can have taken it", () => {
  expect(foo(ONE, row({ count: 1 }), UNNAMED)?.readiness).toMatchObject({ kind: "not ready", blockers: 1 });
});
