import { describe, expect, it } from "vitest";
import { evaluateMesh, type KubernetesGateway, type MeshObject, type MeshVerdicts, type TrafficRow } from "#mesh";
import { namespaceOutlook } from "#proposals";
import { presentEdge, presentMesh, presentProposal, type EdgeDetailView } from "#view";
import { ambientControlPlane, mesh, namespace, pod, service, serviceEntry, slice } from "../support/mesh.ts";
import { NOBODY, row, WINDOW_START_MS } from "../support/telemetry.ts";

// foo/sleep calls foo/httpbin through the waypoint foo/way, which tells of the hop to it and not of the one from it.

const WAY: KubernetesGateway = { kind: "KubernetesGateway", namespace: "foo", name: "way", labels: {}, annotations: {}, createdAtMs: null, gatewayClassName: "istio-waypoint", listeners: [{ name: "mesh", port: 15_008, protocol: "HBONE", tlsMode: null }] };
const USE = { "istio.io/use-waypoint": "way" };
const SERVED = service("foo", "httpbin", { labels: USE });
const AROUND: readonly MeshObject[] = [
  namespace("foo"), ambientControlPlane(), WAY, pod("foo", "way", { proxy: "waypoint", labels: { "gateway.networking.k8s.io/gateway-name": "way" } }),
  pod("foo", "sleep", { proxy: "ambient" }), SERVED,
];
const THROUGH = row({ reporter: "waypoint" });
const owner = { kind: "Deployment", name: "httpbin" };
const SIDECAR = pod("foo", "httpbin-0", { proxy: "sidecar", labels: { app: "httpbin" }, owner });

function evaluated(objects: readonly MeshObject[], rows: readonly TrafficRow[]): MeshVerdicts {
  const telemetry = { windowStartMs: WINDOW_START_MS, windowEndMs: WINDOW_START_MS + 900_000, rows, lookBackRows: [], lookBackStartMs: WINDOW_START_MS - 3_600_000, gaps: [], queries: [] };
  return evaluateMesh({ capturedAtMs: telemetry.windowEndMs, configuration: mesh([...AROUND, ...objects]), telemetry });
}

function detail(objects: readonly MeshObject[], ...rows: readonly TrafficRow[]): EdgeDetailView | undefined {
  const verdicts = evaluated(objects, rows);
  const { edges } = presentMesh(verdicts, { revision: 1, mesh: { name: "m", simulated: false, playground: null, savedAtMs: null }, sources: [], outlook: namespaceOutlook(verdicts) });
  return presentEdge(verdicts, edges[0]?.id ?? "");
}

describe("[OBS-25] what a waypoint took as mTLS", () => {
  it("was reported by the waypoint, and goes on in plaintext for want of a tunnel", () => {
    const shown = detail([SIDECAR, slice(SERVED, [SIDECAR])], THROUGH);
    expect(shown?.cause).toBe(
      "The waypoint reported the hop to itself, and nobody the one from it; no instance of the server takes a tunnel, and a waypoint sends no other mTLS, and configuration says plaintext: foo/sleep sends mTLS to the waypoint (KubernetesGateway foo/way), which passes it on as plaintext.",
    );
    expect(shown?.fix).toMatch(/^Set ISTIO_META_ENABLE_HBONE=true in the proxies of foo\/httpbin/);
  });

  it("is told beside what the server's own proxy reported, with what configuration says", () => {
    const shown = detail([SIDECAR, slice(SERVED, [SIDECAR])], row({ count: 450 }), THROUGH);
    expect(shown?.edge.sentence).toBe("450 requests were mTLS; of 450 more nobody reported the security, and configuration says plaintext.");
    expect(shown?.cause).toMatch(/^Of 450 requests nobody reported the security: the waypoint reported the hop to itself, and nobody the one from it; /);
  });

  it("leaves the mesh, and nothing there could report it", () => {
    const outside = serviceEntry("foo", "bank", "bank.example.com", { location: "MESH_EXTERNAL", resolution: "DNS", labels: USE });
    const shown = detail([outside], row({ reporter: "waypoint", server: NOBODY, serviceHost: "bank.example.com", serviceName: "bank.example.com" }));
    expect(shown?.cause).toBe("The waypoint reported the hop to itself, and nobody the one from it; the server is no workload, and the configuration knows no port for it.");
    expect(shown?.fix).toMatch(/^Let the application speak TLS to bank\.example\.com/);
  });

  it("is no plaintext of the client's where STRICT would refuse it", () => {
    const verdicts = evaluated([SIDECAR, slice(SERVED, [SIDECAR])], [row({ count: 450 }), THROUGH]);
    const preview = namespaceOutlook(verdicts).previews.find(({ proposal }) => proposal.id === "namespace:foo");
    if (preview === undefined) throw new Error("nothing is proposed");
    expect(presentProposal(verdicts, preview, { sources: [], applicable: false }).consequences[0]).toMatchObject({
      consequence: "becomes blocked", sentence: "The waypoint sends on what comes from foo/sleep as plaintext, and under STRICT foo/httpbin would accept mTLS only: 450 of 900 requests in the window.",
    });
  });
});
