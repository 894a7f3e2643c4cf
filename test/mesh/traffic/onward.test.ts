import { describe, expect, it } from "vitest";
import { applyChange, evaluateMesh, judgeMesh, type Configuration, type Edge, type KubernetesGateway, type MeshObject, type MeshVerdicts, type TrafficRow } from "#mesh";
import { ambientControlPlane, mesh, namespace, peerAuthentication, pod, service, serviceEntry } from "../../support/mesh.ts";
import { NOBODY, onlyEdge, row, UNPROVED, WINDOW_START_MS } from "../../support/telemetry.ts";

// What a waypoint tells of is the hop to it. It sends on through a tunnel where the server takes one, else in plaintext (semantics C.5).

const WAY: KubernetesGateway = { kind: "KubernetesGateway", namespace: "foo", name: "way", labels: {}, annotations: {}, createdAtMs: null, gatewayClassName: "istio-waypoint", listeners: [{ name: "mesh", port: 15_008, protocol: "HBONE", tlsMode: null }] };
const USE = { "istio.io/use-waypoint": "way" };
const AROUND: readonly MeshObject[] = [
  namespace("foo"), ambientControlPlane(), WAY, pod("foo", "way", { proxy: "waypoint", labels: { "gateway.networking.k8s.io/gateway-name": "way" } }),
  pod("foo", "sleep", { proxy: "ambient" }), service("foo", "httpbin", { labels: USE }),
];
const THROUGH = row({ reporter: "waypoint" });
const SIDECAR = pod("foo", "httpbin", { proxy: "sidecar" });

function evaluated(configuration: Configuration, rows: readonly TrafficRow[], before: MeshVerdicts | null = null): MeshVerdicts {
  const telemetry = before?.snapshot.telemetry ?? { windowStartMs: WINDOW_START_MS, windowEndMs: WINDOW_START_MS + 900_000, rows, lookBackRows: [], lookBackStartMs: WINDOW_START_MS - 3_600_000, gaps: [], queries: [] };
  return evaluateMesh({ capturedAtMs: 0, configuration, telemetry }, judgeMesh(configuration, before?.judge), before);
}

function edges(objects: readonly MeshObject[], ...rows: readonly TrafficRow[]): readonly Edge[] {
  return evaluated(mesh([...AROUND, ...objects]), rows).edges;
}

function seen({ state, rule, counts: { mtls, unclear }, configured, disagreement }: Edge): readonly unknown[] {
  return [state, rule, mtls, unclear, ...configured.map(({ verdict: { transport } }) => (transport.kind === "known" ? transport.value : "?")), ...(disagreement === null ? [] : ["disagrees"])];
}

function why(edge: Edge): string | undefined {
  return edge.observations.find(({ rule }) => rule === "OBS-25")?.detail?.replace("the waypoint reported the hop to itself, and nobody the one from it", "…");
}

describe("[OBS-25] what a waypoint took as mTLS", () => {
  it.each<[string, readonly MeshObject[], readonly unknown[]]>([
    ["an ambient server", [pod("foo", "httpbin", { proxy: "ambient" })], ["mTLS", "EDGE-6", 900, 0, "mTLS"]],
    ["a sidecar that takes tunnels", [pod("foo", "httpbin", { proxy: "sidecar", labels: { "networking.istio.io/tunnel": "http" } })], ["mTLS", "EDGE-6", 900, 0, "mTLS"]],
    ["a sidecar that takes none", [SIDECAR], ["unclear", "EDGE-7", 0, 900, "plaintext"]],
    ["one that is STRICT", [SIDECAR, peerAuthentication("foo", "default", "STRICT")], ["unclear", "EDGE-7", 0, 900, "blocked"]],
    ["a server without proxy", [pod("foo", "httpbin")], ["unclear", "EDGE-7", 0, 900, "plaintext"]],
    ["a server that is gone, of which nothing more is known", [], ["mTLS", "EDGE-6", 900, 0]],
  ])("goes on to %s", (_name, objects, told) => {
    expect(seen(onlyEdge(edges(objects, THROUGH)))).toEqual(told);
  });

  it("is not mTLS as a whole where one of two instances takes no tunnel", () => {
    const two = [pod("foo", "httpbin", { proxy: "ambient" }), pod("foo", "httpbin-old", { proxy: "sidecar", labels: { app: "httpbin" }, owner: { kind: "Deployment", name: "httpbin" } })];
    const edge = onlyEdge(edges(two, THROUGH));
    expect([edge.state, edge.counts.mtls, edge.counts.unclear, why(edge)]).toEqual(["unclear", 0, 900, "…; 1 of 2 instances of the server takes no tunnel, and a waypoint sends no other mTLS"]);
  });

  it("leaves the mesh as nobody knows what", () => {
    const outside = serviceEntry("foo", "bank", "bank.example.com", { location: "MESH_EXTERNAL", resolution: "DNS", labels: USE });
    const edge = onlyEdge(edges([outside], row({ reporter: "waypoint", server: NOBODY, serviceHost: "bank.example.com", serviceName: "bank.example.com" })));
    expect([...seen(edge), why(edge)]).toEqual(["unclear", "EDGE-8", 0, 900, "…; the server is no workload"]);
  });

  it("goes on through the tunnel, whether or not the client is still there", () => {
    expect(seen(onlyEdge(edges([pod("foo", "httpbin", { proxy: "ambient" })], { ...THROUGH, client: { namespace: "foo", workload: "nightly", principal: "spiffe://cluster.local/ns/foo/sa/nightly" } })))).toEqual(["mTLS", "EDGE-6", 900, 0, "?"]);
  });

  it("proves the client all the same", () => {
    expect(onlyEdge(edges([SIDECAR], THROUGH)).sender.confidence).toBe("proved by identity");
  });

  it("leaves the server's own report of what came from the waypoint", () => {
    const arrived = row({ connectionSecurityPolicy: "none", client: { ...UNPROVED, workload: "way" } });
    expect(edges([SIDECAR], THROUGH, arrived).map(({ client, state }) => [client.kind === "workload" ? client.id : client.kind, state])).toEqual([["foo/sleep", "unclear"], ["foo/way", "plaintext"]]);
    expect(onlyEdge(edges([SIDECAR], THROUGH, { ...arrived, client: UNPROVED }))).toMatchObject({ state: "plaintext", counts: { plaintext: 900, unclear: 0 } });
  });

  it("stands beside what the server reported of the same client, as far as it is more", () => {
    const two = [pod("foo", "httpbin", { proxy: "sidecar", labels: { "networking.istio.io/tunnel": "http" } }), pod("foo", "httpbin-old", { proxy: "sidecar", labels: { app: "httpbin" }, owner: { kind: "Deployment", name: "httpbin" } })];
    const beside = (...rows: readonly TrafficRow[]) => onlyEdge(edges(two, ...rows)).counts;
    expect(beside(row({ count: 450 }), THROUGH)).toMatchObject({ mtls: 450, unclear: 450 });
    expect(beside(row({ count: 450 }), row({ reporter: "waypoint", count: 460 }))).toMatchObject({ mtls: 450, unclear: 10 });
    expect(beside(row({ count: 450 }), row({ reporter: "waypoint", count: 450 }))).toMatchObject({ mtls: 450, unclear: 0 });
    expect(onlyEdge(edges(two.slice(0, 1), row({ count: 450 }), THROUGH)).counts).toMatchObject({ mtls: 450, unclear: 0 });
  });

  it("is mTLS as a whole as soon as the server takes the tunnel, and not before", () => {
    const before = evaluated(mesh([...AROUND, SIDECAR]), [THROUGH]);
    const restarted = { ...SIDECAR, labels: { ...SIDECAR.labels, "networking.istio.io/tunnel": "http" } };
    const after = applyChange(before.snapshot.configuration, { add: [], update: [[SIDECAR, restarted]], remove: [] });
    const anew = evaluated(after, [THROUGH], before);
    expect([before, anew].map((one) => onlyEdge(one.edges).state)).toEqual(["unclear", "mTLS"]);
    expect(anew.edges).toEqual(evaluated(after, [THROUGH]).edges);
  });
});
