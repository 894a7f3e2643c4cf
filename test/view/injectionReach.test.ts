import { expect, it } from "vitest";
import { evaluateMesh, type Labels, type MeshObject, type Pod, type TrafficRow } from "#mesh";
import { presentEdge, presentMesh } from "#view";
import { mesh, namespace, pod, service, type PodOptions } from "../support/mesh.ts";

// A label of a namespace reaches more than the sender that it is advised for.

const AT_MS = Date.UTC(2026, 5, 1);
const ROW: TrafficRow = {
  what: "traffic", reporter: "destination", proxy: "envoy", family: "http", connectionSecurityPolicy: "none", client: { namespace: "platform", workload: "prometheus", principal: null },
  server: { namespace: "shop", workload: "cart", principal: null }, serviceHost: "cart.shop.svc.cluster.local", serviceName: "cart", responseCode: null, responseFlags: null, count: 60, bytes: 0, extrapolated: false, lastSeenMs: AT_MS - 1000,
};

function fix(neighbours: readonly Pod[], labels: Labels = {}, scraper: PodOptions = {}): string | null | undefined {
  const objects: readonly MeshObject[] = [namespace("platform", labels), namespace("shop", { "istio-injection": "enabled" }), pod("shop", "cart", { proxy: "sidecar" }), service("shop", "cart"), pod("platform", "prometheus", scraper), ...neighbours];
  const telemetry = { windowStartMs: AT_MS - 900_000, windowEndMs: AT_MS, rows: [ROW], lookBackRows: [], lookBackStartMs: AT_MS - 4_500_000, gaps: [], queries: [] };
  const verdicts = evaluateMesh({ capturedAtMs: AT_MS, configuration: mesh(objects), telemetry });
  const [edge] = presentMesh(verdicts, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [] }).edges;
  return presentEdge(verdicts, edge?.id ?? "")?.fix;
}

const OWN = "Label the pods of platform/prometheus sidecar.istio.io/inject=true, then restart platform/prometheus; or label namespace platform istio-injection=enabled";
const OUTSIDE = "; or, if it has to stay outside, keep port 8080 PERMISSIVE for it with a portLevelMtls entry (a scraper can read merged metrics on port 15020).";

it("names the others whom the namespace's label would inject: not who refuses, is on the host's network, has a proxy, or runs elsewhere", () => {
  const out = [
    pod("platform", "cert-manager", { labels: { "sidecar.istio.io/inject": "false" } }), pod("platform", "vault", { annotations: { "sidecar.istio.io/inject": "false" } }),
    pod("platform", "node-agent", { hostNetwork: true }), pod("platform", "meshed", { proxy: "sidecar" }), pod("elsewhere", "backup"),
  ];
  expect(fix(out)).toBe(`${OWN}${OUTSIDE}`);
  expect(fix([...out, pod("platform", "log-collector"), pod("platform", "backup")])).toBe(`${OWN}, which would also inject platform/backup and platform/log-collector${OUTSIDE}`);
});

it("of many names the first few", () => {
  expect(fix(["a", "b", "c", "d", "e"].map((name) => pod("platform", name)))).toContain(", which would also inject platform/a, platform/b, platform/c and 2 more; or, if");
});

it("does not advise a pod's label where the namespace's keeps it from counting", () => {
  expect(fix([pod("platform", "backup")], { "istio-injection": "disabled" })).toBe(`Label namespace platform istio-injection=enabled in place of disabled, which would also inject platform/backup, then restart platform/prometheus${OUTSIDE}`);
});

it("of a pod that refuses asks for its own label alone", () => {
  expect(fix([pod("platform", "backup")], {}, { labels: { "sidecar.istio.io/inject": "false" } })).toBe(`Label the pods of platform/prometheus sidecar.istio.io/inject=true in place of "false", then restart platform/prometheus${OUTSIDE}`);
});
