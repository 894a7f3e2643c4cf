import { describe, expect, it } from "vitest";
import type { KubernetesGateway, MeshObject } from "#mesh";
import { judgeMesh } from "#mesh";
import { describeRules, flattened, question } from "../support/judging.ts";
import { ambientControlPlane, authorizationPolicy, authorizationRule, controlPlane, destinationRule, mesh, namespace, peerAuthentication, pod, service, source, tls, trafficPolicy } from "../support/mesh.ts";

const plain = pod("foo", "client");
const ambientClient = pod("foo", "client", { proxy: "ambient" });
const sidecarClient = pod("foo", "client", { proxy: "sidecar" });
const server = pod("bar", "server", { proxy: "ambient" });
const web = service("bar", "server");
const app = { app: "server" };
const control = ambientControlPlane();
const base: readonly MeshObject[] = [plain, server, web, control];
const root = (mode: string) => peerAuthentication("istio-system", "default", mode);
const own = (mode: string | null, ports: Record<string, string>) => peerAuthentication("bar", "server", mode, { selector: app, portLevelMtls: ports });

describeRules("what an ambient workload accepts", [
  { rule: "AMB-1", name: "STRICT refuses plaintext", objects: [...base, root("STRICT")], expect: { serverMode: "STRICT", transport: "blocked" } },
  { rule: "AMB-2", name: "nothing is said", objects: base, expect: { serverMode: "PERMISSIVE", transport: "plaintext" } },
  { rule: "AMB-2", name: "DISABLE is PERMISSIVE", objects: [...base, peerAuthentication("bar", "default", "DISABLE")], expect: { serverMode: "PERMISSIVE" } },
  { rule: "AMB-2", name: "an empty selector in the root namespace is ignored", objects: [...base, peerAuthentication("istio-system", "default", "STRICT", { selector: {} })], expect: { serverMode: "PERMISSIVE" } },
  { rule: "AMB-3", name: "a STRICT port of an open workload", objects: [...base, own("PERMISSIVE", { 8080: "STRICT" })], expect: { serverMode: "STRICT", transport: "blocked" } },
  { rule: "AMB-4", name: "an open port of a STRICT workload", objects: [...base, own("STRICT", { 8080: "DISABLE" })], expect: { serverMode: "PERMISSIVE", transport: "plaintext" } },
  { rule: "AMB-4", name: "a PERMISSIVE port under an inherited STRICT", objects: [...base, root("STRICT"), own(null, { 8080: "PERMISSIVE" })], expect: { serverMode: "PERMISSIVE" } },
  { rule: "AMB-1", name: "a DISABLE port under an inherited STRICT is still refused", objects: [...base, root("STRICT"), own(null, { 8080: "DISABLE" })], expect: { serverMode: "STRICT" } },
  { rule: "AMB-1", name: "other ports stay STRICT beside an open one", objects: [...base, root("STRICT"), own(null, { 9999: "PERMISSIVE" })], expect: { serverMode: "STRICT" } },
  { rule: "AMB-5", name: "a STRICT port of an open workload under a STRICT mesh is not enforced", objects: [...base, root("STRICT"), own("PERMISSIVE", { 8080: "STRICT" })], expect: { serverMode: "PERMISSIVE", transport: "plaintext" } },
  {
    rule: "AMB-6",
    name: "inbound capture switched off",
    objects: [plain, pod("bar", "server", { proxy: "ambient", annotations: { "ambient.istio.io/bypass-inbound-capture": "true" } }), web, control, root("STRICT")],
    expect: { serverMode: "UNCAPTURED", transport: "plaintext" },
  },
]);

const sidecarServer = (labels: Record<string, string> = {}) => pod("bar", "server", { proxy: "sidecar", labels });
const strict = root("STRICT");

describeRules("what ztunnel and the tunnel's friends send", [
  { rule: "AMB-8", name: "to an ambient pod by its Service", objects: [ambientClient, server, web, control, strict], expect: { clientMode: "HBONE", transport: "mTLS" } },
  { rule: "AMB-8", name: "by its address", objects: [ambientClient, server, web, control, strict], asked: { via: "podIP" }, expect: { clientMode: "HBONE", transport: "mTLS" } },
  { rule: "AMB-8", name: "to a sidecar with the tunnel's label, DISABLE or not", objects: [ambientClient, sidecarServer({ "networking.istio.io/tunnel": "http" }), web, control, peerAuthentication("bar", "default", "DISABLE")], expect: { clientMode: "HBONE", serverMode: "DISABLE", transport: "mTLS" } },
  { rule: "AMB-9", name: "to a sidecar without", objects: [ambientClient, sidecarServer(), web, control, strict], expect: { clientMode: "ZT_PLAINTEXT", transport: "blocked" } },
  { rule: "AMB-9", name: "a DestinationRule is not asked", objects: [ambientClient, pod("bar", "server"), web, control, destinationRule("foo", "all", "*", { trafficPolicy: trafficPolicy(tls("ISTIO_MUTUAL")) })], expect: { clientMode: "ZT_PLAINTEXT", transport: "plaintext" } },
  { rule: "AMB-10", name: "a sidecar of an ambient control plane", objects: [sidecarClient, server, web, control, strict], expect: { clientMode: "HBONE", transport: "mTLS" } },
  { rule: "AMB-10", name: "DISABLE or not", objects: [sidecarClient, server, web, control, strict, destinationRule("bar", "own", "server", { trafficPolicy: trafficPolicy(tls("DISABLE")) })], expect: { clientMode: "HBONE", transport: "mTLS" } },
  { rule: "AUTO-1", name: "classic mTLS is preferred between sidecars", objects: [sidecarClient, sidecarServer({ "networking.istio.io/tunnel": "http" }), web, control, strict], expect: { clientMode: "AUTO_MTLS", transport: "mTLS" } },
  { rule: "REG-12", name: "not by a pod's address", objects: [sidecarClient, server, web, control, strict], asked: { via: "podIP" }, expect: { clientMode: "PASSTHROUGH", transport: "blocked" } },
]);

const waypoint: KubernetesGateway = {
  kind: "KubernetesGateway", namespace: "bar", name: "waypoint", labels: {}, annotations: {}, createdAtMs: null, gatewayClassName: "istio-waypoint",
  listeners: [{ name: "mesh", port: 15_008, protocol: "HBONE", tlsMode: null }],
};
const waypointPod = pod("bar", "waypoint-1", { proxy: "waypoint", serviceAccountName: "waypoint", labels: { "gateway.networking.k8s.io/gateway-name": "waypoint" } });
const guarded = service("bar", "server", { labels: { "istio.io/use-waypoint": "waypoint" } });

describeRules("waypoints", [
  { rule: "AMB-11", name: "a Service that asks for one", objects: [ambientClient, server, guarded, waypoint, waypointPod, control, strict], expect: { clientMode: "HBONE", transport: "mTLS" } },
  { rule: "AMB-11", name: "a namespace that asks for one", objects: [ambientClient, server, web, namespace("bar", { "istio.io/use-waypoint": "waypoint" }), waypoint, waypointPod, control], expect: { clientMode: "HBONE" } },
  { rule: "AMB-8", name: "`none` on the Service asks for none", objects: [ambientClient, server, service("bar", "server", { labels: { "istio.io/use-waypoint": "none" } }), namespace("bar", { "istio.io/use-waypoint": "waypoint" }), waypoint, control], expect: { clientMode: "HBONE" } },
  { rule: "AMB-12", name: "a waypoint's own port takes its tunnel only", objects: [plain, waypointPod, control], asked: { server: "bar/waypoint-1", port: 15_008, via: "podIP" }, expect: { serverMode: "STRICT", transport: "blocked" } },
  { rule: "AMB-13", name: "it sends plaintext to a sidecar without the tunnel's label", objects: [ambientClient, sidecarServer(), guarded, waypoint, waypointPod, control, strict], expect: { clientMode: "HBONE", serverMode: "STRICT", transport: "blocked" } },
  { rule: "AMB-10", name: "sidecars pass it by", objects: [sidecarClient, server, guarded, waypoint, waypointPod, control, strict], expect: { clientMode: "HBONE", transport: "mTLS" } },
]);

describe("a waypoint in between", () => {
  it("is who the server's policies see", () => {
    const onlyWaypoint = authorizationPolicy("bar", "only", { selector: app, rules: [authorizationRule({ from: [source({ serviceAccounts: ["bar/waypoint"] })] })] });
    const through = mesh([ambientClient, server, guarded, waypoint, waypointPod, control, onlyWaypoint]);
    const past = mesh([ambientClient, server, web, control, onlyWaypoint]);
    expect(flattened(judgeMesh(through).connection(question(through))).authz).toBe("allow");
    expect(flattened(judgeMesh(past).connection(question(past))).authz).toBe("deny");
  });

  it("of a control plane without ambient there is no tunnel for sidecars", () => {
    const configuration = mesh([sidecarClient, server, web, controlPlane(), strict]);
    expect(flattened(judgeMesh(configuration).connection(question(configuration)))).toMatchObject({ clientMode: "AUTO_PLAINTEXT", transport: "blocked" });
  });
});
