import { describe, expect, it } from "vitest";
import type { MeshObject } from "#mesh";
import { judgeMesh } from "#mesh";
import { chainOf, question } from "../support/judging.ts";
import { controlPlane, destinationRule, egress, mesh, meshConfig, peerAuthentication, pod, service, sidecar, tls, trafficPolicy } from "../support/mesh.ts";

// The whole of what an answer rests on, step by step, as an expert would check it.

const client = pod("foo", "client", { proxy: "sidecar" });
const server = pod("bar", "server", { proxy: "sidecar" });
const bare = pod("bar", "old", { labels: { app: "server" } });
const web = service("bar", "server");
const headless = service("bar", "server", { clusterIPs: ["None"] });
const app = { app: "server" };
const MARK = "metadata.labels.security.istio.io/tlsMode";
const [FOUND, NO_RULE] = ["REG-4 Service bar/server", "DR-9 (default)"];

function chains(...objects: readonly MeshObject[]) {
  const configuration = mesh([client, server, ...objects]);
  const { clientMode, transport } = judgeMesh(configuration).connection(question(configuration));
  return { clientMode: chainOf(clientMode), transport: chainOf(transport) };
}

describe("what a client sends rests on", () => {
  it("[AUTO-1] the endpoint's mark", () => {
    expect(chains(web)).toEqual({ clientMode: [FOUND, NO_RULE, `AUTO-1 Pod bar/server ${MARK} = istio`], transport: ["JOIN-6 Pod bar/server"] });
  });

  it("[AUTO-3] the policy of the endpoint's workload", () => {
    expect(chains(web, peerAuthentication("bar", "w", "DISABLE", { selector: app }))).toEqual({
      clientMode: [FOUND, NO_RULE, "PA-3 PeerAuthentication bar/w spec.mtls.mode = DISABLE", `AUTO-3 Pod bar/server ${MARK} = istio`],
      transport: ["JOIN-5 Pod bar/server"],
    });
  });

  it("[AUTO-4] the policy of the service's namespace, before that of the mesh", () => {
    expect(chains(web, peerAuthentication("bar", "default", "DISABLE"), peerAuthentication("istio-system", "default", "STRICT")).clientMode).toEqual([
      FOUND, NO_RULE, "PA-2 PeerAuthentication bar/default spec.mtls.mode = DISABLE", "  PA-2 PeerAuthentication istio-system/default spec.mtls.mode = STRICT", "AUTO-4 Service bar/server",
    ]);
  });

  it("[AUTO-6] one endpoint without proxy, of a headless Service", () => {
    expect(chains(headless, bare).clientMode).toEqual([FOUND, NO_RULE, `AUTO-6 Pod bar/old ${MARK} = disabled`]);
  });

  it("[AUTO-6] one endpoint without proxy, where the load balancer passes addresses through", () => {
    const through = destinationRule("bar", "lb", "server", { trafficPolicy: trafficPolicy(null, { loadBalancerSimple: "PASSTHROUGH" }) });
    expect(chains(web, bare, through).clientMode).toEqual([FOUND, "DR-15 DestinationRule bar/lb spec.host = server", `AUTO-6 Pod bar/old ${MARK} = disabled`]);
  });

  it("[AUTO-11] the mesh's configuration", () => {
    expect(chains(web, meshConfig({ enableAutoMtls: false })).clientMode).toEqual([FOUND, NO_RULE, "AUTO-11 ConfigMap istio-system/istio data.mesh enableAutoMtls = false"]);
  });

  it("[REG-8] the Sidecar that lets it see the service", () => {
    const old = controlPlane({ version: "1.29.0" });
    expect(chains(web, old, sidecar("foo", "s", { egress: egress("foo/*", "bar/*") }), peerAuthentication("bar", "w", "DISABLE", { selector: app })).clientMode).toEqual([
      "REG-8 Sidecar foo/s", FOUND, NO_RULE, "PA-3 PeerAuthentication bar/w spec.mtls.mode = DISABLE", `AUTO-3 Pod bar/server ${MARK} = istio`,
    ]);
  });

  it("[DR-10] a DestinationRule's port, before the rest of it", () => {
    const policy = { ...trafficPolicy(tls("ISTIO_MUTUAL")), portLevelSettings: [{ ...trafficPolicy(tls("DISABLE")), port: 80 }] };
    expect(chains(web, destinationRule("bar", "p", "server", { trafficPolicy: policy })).clientMode).toEqual([
      FOUND, "DR-15 DestinationRule bar/p spec.host = server", "DR-10 DestinationRule bar/p spec.trafficPolicy.portLevelSettings[0].tls.mode = DISABLE", "  DR-17 DestinationRule bar/p spec.trafficPolicy.tls.mode = ISTIO_MUTUAL",
    ]);
  });

  const written = (namespace: string, host: string) => destinationRule(namespace, "rule", host, { trafficPolicy: trafficPolicy(tls("DISABLE")) });

  it("[DR-1] a rule of its own namespace, before those of the service's and of the root namespace", () => {
    expect(chains(web, written("foo", "*.local"), written("bar", "server"), written("istio-system", "*"), written("qux", "server.bar.svc.cluster.local")).clientMode).toEqual([
      FOUND, "DR-1 DestinationRule foo/rule spec.host = *.local", "  DR-1 DestinationRule bar/rule spec.host = server", "  DR-1 DestinationRule istio-system/rule spec.host = *",
      "DR-10 DestinationRule foo/rule spec.trafficPolicy.tls.mode = DISABLE",
    ]);
  });

  it("[DR-15] a rule of the service's namespace, before those of the root namespace; one that is not exported is none", () => {
    expect(chains(web, written("bar", "server"), written("istio-system", "*")).clientMode.slice(1, 3)).toEqual(["DR-15 DestinationRule bar/rule spec.host = server", "  DR-15 DestinationRule istio-system/rule spec.host = *"]);
    expect(chains(web, written("bar", "server"), { ...written("istio-system", "*"), exportTo: ["."] }).clientMode.slice(1, 3)).toEqual(["DR-15 DestinationRule bar/rule spec.host = server", "DR-10 DestinationRule bar/rule spec.trafficPolicy.tls.mode = DISABLE"]);
  });

  it("what is missing, where no Service has the endpoint", () => {
    const gap = "? the endpoint of `server.bar.svc.cluster.local` port 80 at `bar/server`: no Service or ServiceEntry of that name has it";
    expect(chains(service("bar", "server", { selector: { app: "none" } }))).toEqual({ clientMode: [gap], transport: [gap] });
  });
});
