import { expect, it } from "vitest";
import { evaluateMesh, type MeshObject, type TrafficRow } from "#mesh";
import { namespaceOutlook } from "#proposals";
import { presentMesh, type NamespaceView } from "#view";
import { mesh, namespace, pod, service } from "../support/mesh.ts";
import { clientRow, row, UNPROVED } from "../support/telemetry.ts";

// Plaintext that a server reported to a Service, and nobody says to which workload of it.

const AT_MS = Date.UTC(2026, 5, 1);
const ONE = [namespace("foo"), pod("foo", "sleep", { proxy: "sidecar" }), pod("foo", "httpbin", { proxy: "sidecar" }), service("foo", "httpbin")];
const TWO = [...ONE, pod("foo", "httpbin-v2", { proxy: "sidecar", labels: { app: "httpbin" } })];
const UNNAMED = row({ server: { namespace: "foo", workload: null, principal: null }, client: UNPROVED, connectionSecurityPolicy: "none" });
const NAMED = [row({ count: 1 }), row({ count: 1, server: { namespace: "foo", workload: "httpbin-v2", principal: null } }), row({ count: 1, server: { namespace: "foo", workload: "sleep", principal: null }, serviceHost: "sleep.foo.svc.cluster.local" })];

function foo(objects: readonly MeshObject[], ...rows: readonly TrafficRow[]): NamespaceView | undefined {
  const telemetry = { windowStartMs: AT_MS - 900_000, windowEndMs: AT_MS, covered: [{ startMs: AT_MS - 900_000, endMs: AT_MS }], rows, lookBackRows: [], lookBackStartMs: AT_MS - 4_500_000, gaps: [], queries: [] };
  const verdicts = evaluateMesh({ capturedAtMs: AT_MS, configuration: mesh(objects), telemetry });
  return presentMesh(verdicts, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [], outlook: namespaceOutlook(verdicts) }).namespaces.find(({ name }) => name === "foo");
}

it("counts for its namespace, which is not ready", () => {
  expect(foo(TWO, ...NAMED)?.readiness.kind).toBe("ready");
  const shown = foo(TWO, ...NAMED, UNNAMED);
  expect(shown?.incoming.requests).toEqual({ mtls: 3, plaintext: 900, tls: 0, unclear: 0, refused: 0 });
  expect(shown?.readiness).toMatchObject({
    kind: "unknown", uncertain: 1,
    sentence: "What STRICT would do to 1 connection to httpbin.foo.svc.cluster.local cannot be told: not all of it was mTLS, and no report names the workload that took it.",
  });
});

it("is no doubt where all of it was mTLS, and none of the namespace where only its client told", () => {
  expect(foo(TWO, ...NAMED, { ...UNNAMED, connectionSecurityPolicy: "mutual_tls", client: row().client })).toMatchObject({ incoming: { requests: { mtls: 903 } }, readiness: { kind: "ready" } });
  expect(foo(TWO, ...NAMED, clientRow({ ...UNNAMED, reporter: "source", connectionSecurityPolicy: "unknown" }))?.incoming.requests.unclear).toBe(0);
});

it("is blocked by STRICT where one workload alone can have taken it", () => {
  expect(foo(ONE, row({ count: 1 }), UNNAMED)?.readiness).toMatchObject({ kind: "not ready", blockers: 1 });
});
