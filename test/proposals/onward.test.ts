import { describe, expect, it } from "vitest";
import { evaluateMesh, type KubernetesGateway, type MeshObject, type TrafficRow } from "#mesh";
import { preview, proposeStrict } from "#proposals";
import { ambientControlPlane, mesh, namespace, peerAuthentication, pod, service, slice } from "../support/mesh.ts";
import { row, WINDOW_START_MS } from "../support/telemetry.ts";

// foo/sleep calls foo/httpbin through the waypoint foo/way, which counts what reached it as mTLS and sends on through a tunnel, or in plaintext (semantics C.5).

const WAY: KubernetesGateway = { kind: "KubernetesGateway", namespace: "foo", name: "way", labels: {}, annotations: {}, createdAtMs: null, gatewayClassName: "istio-waypoint", listeners: [{ name: "mesh", port: 15_008, protocol: "HBONE", tlsMode: null }] };
const SERVED = service("foo", "httpbin", { labels: { "istio.io/use-waypoint": "way" } });
const AROUND: readonly MeshObject[] = [
  namespace("foo"), ambientControlPlane(), WAY, pod("foo", "way", { proxy: "waypoint", labels: { "gateway.networking.k8s.io/gateway-name": "way" } }),
  pod("foo", "sleep", { proxy: "ambient" }), SERVED,
];
const SIDECAR = pod("foo", "httpbin", { proxy: "sidecar" });
const owner = { kind: "Deployment", name: "httpbin" };
const TUNNELLED = pod("foo", "httpbin-0", { proxy: "ambient", labels: { app: "httpbin" }, owner });
const BARE = pod("foo", "httpbin-1", { labels: { app: "httpbin" }, owner });
const THROUGH = row({ reporter: "waypoint" });

function foretold(objects: readonly MeshObject[], ...rows: readonly TrafficRow[]): readonly unknown[] {
  const telemetry = { windowStartMs: WINDOW_START_MS, windowEndMs: WINDOW_START_MS + 900_000, rows, lookBackRows: [], lookBackStartMs: WINDOW_START_MS - 3_600_000, gaps: [], queries: [] };
  const verdicts = evaluateMesh({ capturedAtMs: telemetry.windowEndMs, configuration: mesh([...AROUND, ...objects]), telemetry });
  const proposed = proposeStrict(verdicts, { kind: "namespace", namespace: "foo" });
  if (proposed.kind !== "proposal") throw new Error(proposed.because);
  return preview(verdicts, proposed).consequences.flatMap((one) => [one, ...one.others].map(({ consequence, affected, gaps }) => [consequence, affected, ...gaps.map(({ wanted, because }) => `${wanted}: ${because}`)]));
}

describe("what a waypoint took as mTLS", () => {
  it("[PRE-8] becomes blocked where it goes on to a sidecar in plaintext, beside what its own proxy reported", () => {
    expect(foretold([SIDECAR], THROUGH)).toEqual([["becomes blocked", 900]]);
    expect(foretold([SIDECAR], row({ count: 450 }), THROUGH)).toEqual([["becomes blocked", 450], ["stays mTLS", 450]]);
  });

  it("[PRE-8] stays plaintext where no instance has a proxy, and where a policy keeps the port open", () => {
    expect(foretold([pod("foo", "httpbin")], THROUGH)).toEqual([["stays plaintext", 900]]);
    expect(foretold([SIDECAR, peerAuthentication("foo", "own", "PERMISSIVE", { selector: { app: "httpbin" } })], THROUGH)).toEqual([["stays plaintext", 900]]);
  });

  it("[PRE-7] went through no proxy of the server for that: an instance without one may have taken it", () => {
    const sidecar = pod("foo", "httpbin-2", { proxy: "sidecar", labels: { app: "httpbin" }, owner });
    expect(foretold([sidecar, BARE, slice(SERVED, [sidecar, BARE])], THROUGH)).toEqual([["uncertain", 900, "the security of requests that no proxy of `foo/httpbin` reported: the waypoint reported the hop to itself, and nobody the one from it; no instance of the server takes a tunnel, and a waypoint sends no other mTLS"]]);
  });

  it("[PRE-12] says why nobody knows of it, and that no label is missing", () => {
    const sidecar = pod("foo", "httpbin-2", { proxy: "sidecar", labels: { app: "httpbin" }, owner });
    expect(foretold([TUNNELLED, sidecar, slice(SERVED, [TUNNELLED, sidecar])], THROUGH)).toEqual([["uncertain", 900, "the security of requests that no proxy of `foo/httpbin` reported: the waypoint reported the hop to itself, and nobody the one from it; 1 of 2 instances of the server takes no tunnel, and a waypoint sends no other mTLS"]]);
  });

  it("[PRE-11] stays mTLS where every instance takes the tunnel", () => {
    expect(foretold([pod("foo", "httpbin", { proxy: "ambient" })], THROUGH)).toEqual([["stays mTLS", 900]]);
  });
});
