import { describe, expect, it } from "vitest";
import { evaluateMesh, type MeshObject, type UnreadObject } from "#mesh";
import { presentMesh, type GapView } from "#view";
import { envoyFilter, mesh, namespace, peerAuthentication, pod, service, unread } from "../support/mesh.ts";

const AT_MS = Date.UTC(2026, 5, 1);
const PATCHES = [{ applyTo: "FILTER_CHAIN", context: "SIDECAR_INBOUND", touchesTransport: true }];

function gaps(objects: readonly MeshObject[], missing: readonly UnreadObject[] = []): readonly GapView[] {
  const telemetry = { windowStartMs: AT_MS - 900_000, windowEndMs: AT_MS, rows: [], lookBackRows: [], lookBackStartMs: AT_MS - 4_500_000, gaps: [], blindSpots: [{ wanted: "a blind spot", because: "always" }], queries: [] };
  const verdicts = evaluateMesh({ capturedAtMs: AT_MS, configuration: mesh(objects, { unread: missing }), telemetry });
  return presentMesh(verdicts, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [] }).gaps.filter(({ wanted }) => wanted !== "a blind spot");
}

function workloads(ns: string, ...names: readonly string[]): readonly MeshObject[] {
  return [namespace(ns), ...names.flatMap((name) => [pod(ns, name, { proxy: "sidecar" }), service(ns, name)])];
}

describe("what is not known of what workloads accept", () => {
  it("is nothing where all of it is known", () => {
    expect(gaps([...workloads("foo", "httpbin", "sleep"), envoyFilter("foo", "header", { patches: [{ applyTo: "HTTP_FILTER", context: "SIDECAR_INBOUND", touchesTransport: false }] })])).toEqual([]);
  });

  it("is told by cause, those of most workloads first", () => {
    const modes = peerAuthentication("bar", "default", "STRIKT");
    expect(gaps([...workloads("foo", "httpbin", "sleep"), ...workloads("bar", "web"), envoyFilter("foo", "raw", { patches: PATCHES }), modes])).toEqual([
      { wanted: "what 2 workloads of foo accept", because: "what the proxy really does: `EnvoyFilter` `foo/raw` changes its transport" },
      { wanted: "what bar/web accepts", because: "the mode of `PeerAuthentication` `bar/default`: `spec.mtls.mode` is `STRIKT`, which Istio does not know" },
    ]);
  });

  it("is told once for all namespaces that it concerns", () => {
    expect(gaps([...workloads("foo", "httpbin", "sleep"), ...workloads("bar", "web"), envoyFilter("istio-system", "raw", { patches: PATCHES })])).toEqual([
      { wanted: "what 3 workloads of 2 namespaces accept", because: "what the proxy really does: `EnvoyFilter` `istio-system/raw` changes its transport" },
    ]);
  });

  it("is not told again where something was not read", () => {
    expect(gaps(workloads("foo", "httpbin"), [unread("PeerAuthentication")])).toEqual([{ wanted: "`PeerAuthentication` objects", because: "forbidden" }]);
  });

  it("says nothing of ports that no proxy guards, but that nobody counts what they take", () => {
    const names = service("foo", "names", { ports: [{ port: 53, name: "dns", protocol: "UDP" }] });
    expect(gaps([namespace("foo"), pod("foo", "names", { proxy: "sidecar" }), names, envoyFilter("foo", "raw", { patches: PATCHES })])).toEqual([
      { wanted: "UDP: foo/names on 53", because: "no proxy takes UDP, so no metric counts it and nothing encrypts it" },
    ]);
  });

  it("is counted where it is too much to list", () => {
    const many = Array.from({ length: 22 }, (_, n) => [...workloads(`ns${n}`, "web"), envoyFilter(`ns${n}`, "raw", { patches: PATCHES })]).flat();
    const listed = gaps(many);
    expect(listed).toHaveLength(21);
    expect(listed[20]).toEqual({ wanted: "what 2 workloads of 2 namespaces accept", because: "2 more causes: each workload names its own" });
  });
});
