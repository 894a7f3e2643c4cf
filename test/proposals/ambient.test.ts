import { expect, test } from "vitest";
import { evaluateMesh, type MeshVerdicts, type TrafficRow } from "#mesh";
import { limitsOf, preview, proposeStrict } from "#proposals";
import { ambientControlPlane, mesh, peerAuthentication, pod, service, slice } from "../support/mesh.ts";
import { WINDOW_START_MS, ztunnelRow } from "../support/telemetry.ts";

const web = pod("foo", "web", { proxy: "ambient" });
const store = service("foo", "web");
const objects = [web, pod("foo", "cart", { proxy: "ambient" }), pod("bar", "legacy"), store, slice(store, [web]), ambientControlPlane()];

function from(namespace: string, workload: string, connectionSecurityPolicy: string): TrafficRow {
  return ztunnelRow({ client: { namespace, workload, principal: null }, server: { namespace: "foo", workload: "web", principal: null }, serviceHost: "web.foo.svc.cluster.local", serviceName: "web", connectionSecurityPolicy, lastSeenMs: WINDOW_START_MS - 600_000 });
}

/** What ztunnel saw before the window, and not in it. */
function seenBefore(rows: readonly TrafficRow[]): MeshVerdicts {
  const telemetry = { windowStartMs: WINDOW_START_MS, windowEndMs: WINDOW_START_MS + 900_000, rows: [], lookBackRows: rows, lookBackStartMs: WINDOW_START_MS - 3_600_000, gaps: [], queries: [] };
  return evaluateMesh({ capturedAtMs: telemetry.windowEndMs, configuration: mesh(objects), telemetry });
}

// ztunnel counts connections, whatever they carry: the ports of HTTP are theirs as well
test("a connection that ztunnel saw to a port of HTTP is foretold by that port", () => {
  const verdicts = seenBefore([from("foo", "cart", "mutual_tls"), from("bar", "legacy", "mutual_tls")]);
  const proposal = proposeStrict(verdicts, { kind: "namespace", namespace: "foo" });
  if (proposal.kind !== "proposal") throw new Error(proposal.because);
  const { consequences } = preview(verdicts, proposal);
  expect(consequences.map(({ edge, consequence, after }) => [edge.key.split("|")[0], edge.family, consequence, after.map(({ port, targetPort }) => [port, targetPort])])).toEqual([
    ["bar/legacy", "tcp", "becomes blocked", [[80, 8080]]],
    ["foo/cart", "tcp", "stays mTLS", [[80, 8080]]],
  ]);
});

test.each([["DISABLE", []], ["PERMISSIVE", ["spec.portLevelMtls.8080.mode"]]])("under an inherited STRICT ztunnel keeps a port open that is %s: %j", (mode, kept) => {
  const own = peerAuthentication("foo", "own", null, { selector: { app: "web" }, portLevelMtls: { 8080: mode } });
  const telemetry = { windowStartMs: WINDOW_START_MS, windowEndMs: WINDOW_START_MS + 900_000, rows: [], lookBackRows: [], lookBackStartMs: WINDOW_START_MS - 3_600_000, gaps: [], queries: [] };
  const verdicts = evaluateMesh({ capturedAtMs: telemetry.windowEndMs, configuration: mesh([...objects, own]), telemetry });
  const proposal = proposeStrict(verdicts, { kind: "namespace", namespace: "foo" });
  if (proposal.kind !== "proposal") throw new Error(proposal.because);
  expect(limitsOf(verdicts, proposal).flatMap((limit) => (limit.kind === "policy keeps" ? [limit.field] : []))).toEqual(kept);
});

test("ztunnel is not told of a root policy with an empty selector, and a limit says whom that leaves as it is", () => {
  const root = peerAuthentication("istio-system", "default", "PERMISSIVE", { selector: {} });
  const telemetry = { windowStartMs: WINDOW_START_MS, windowEndMs: WINDOW_START_MS + 900_000, rows: [], lookBackRows: [], lookBackStartMs: WINDOW_START_MS - 3_600_000, gaps: [], queries: [] };
  const verdicts = evaluateMesh({ capturedAtMs: telemetry.windowEndMs, configuration: mesh([...objects, root]), telemetry });
  const proposal = proposeStrict(verdicts, { kind: "mesh" });
  if (proposal.kind !== "proposal") throw new Error(proposal.because);
  expect(limitsOf(verdicts, proposal)).toContainEqual({ kind: "not told to ztunnel", object: { kind: "PeerAuthentication", namespace: "istio-system", name: "default" }, workloads: ["foo/cart", "foo/web"] });
});
