import { describe, expect, it } from "vitest";
import type { Container, DestinationRule, KubernetesGateway, MeshObject, Pod } from "#mesh";
import { judgeMesh } from "#mesh";
import { byHost, describeChains, type Whole } from "../support/judging.ts";
import {
  ambientControlPlane, authorizationPolicy, authorizationRule, controlPlane, destinationRule, egress, mesh, meshConfig, operation, peerAuthentication, pod, second, service, serviceEntry, sidecar, source, tls, trafficPolicy,
  unread, workloadEntry, type DestinationRuleOptions,
} from "../support/mesh.ts";

// What servers of each kind enforce, on which ports, and which DestinationRule and AuthorizationPolicy counts: with the reasons.

const client = pod("foo", "client", { proxy: "sidecar" });
const plain = pod("foo", "client");
const server = pod("bar", "server", { proxy: "sidecar" });
const web = service("bar", "server");
const HOST = "server.bar.svc.cluster.local";
const app: Container = { name: "app", init: "app", args: [], ports: [], runAsUser: null };
const proxy: Container = { ...app, name: "istio-proxy", args: ["proxy", "sidecar"] };
const named = (...names: readonly (readonly [string, number])[]): Container => ({ ...app, ports: names.map(([name, containerPort]) => ({ name, containerPort, protocol: "TCP" })) });
const APP = { app: "server" };
const onPort = (port: number, mode: string) => peerAuthentication("bar", "ports", "STRICT", { selector: APP, portLevelMtls: { [port]: mode } });
const hostNetwork = (ns: string, name: string) => pod(ns, name, { proxy: "sidecar", hostNetwork: true });
const grpc = pod("bar", "server", { proxy: "grpc-agent" });
const grpcClient = pod("foo", "client", { proxy: "grpc-agent" });
const rule = (mode: string) => destinationRule("foo", "own", "*", { trafficPolicy: trafficPolicy(tls(mode)) });
const LABEL = "metadata.labels.security.istio.io/tlsMode";

const planes: readonly Whole[] = [
  { name: "[PLANE-1] no proxy", objects: [plain, pod("bar", "server"), web], says: { clientMode: ["NONE", "PLANE-1 Pod foo/client"], serverMode: ["NONE", "PLANE-1 Pod bar/server"] } },
  { name: "[PLANE-2] the host's network", objects: [hostNetwork("foo", "client"), hostNetwork("bar", "server"), web], says: { clientMode: ["NONE", "PLANE-2 Pod foo/client"], serverMode: ["NONE", "PLANE-2 Pod bar/server spec.hostNetwork = true"] } },
  { name: "[GRPC-1] STRICT", objects: [plain, grpc, web, peerAuthentication("bar", "default", "STRICT")], says: { serverMode: ["STRICT", "GRPC-1 Pod bar/server"] } },
  { name: "[GRPC-2] PERMISSIVE with the label", objects: [plain, grpc, web], says: { serverMode: ["STRICT", `GRPC-2 Pod bar/server ${LABEL} = istio`] } },
  { name: "[GRPC-2] and without", objects: [plain, pod("bar", "server", { proxy: "grpc-agent", labels: { "security.istio.io/tlsMode": "disabled" } }), web], says: { serverMode: ["DISABLE", `GRPC-2 Pod bar/server ${LABEL} = disabled`] } },
  { name: "[GRPC-3] what it is told to send", objects: [grpcClient, server, web, rule("ISTIO_MUTUAL")], says: { clientMode: ["DR_ISTIO_MUTUAL", "GRPC-3 DestinationRule foo/own spec.trafficPolicy.tls.mode = ISTIO_MUTUAL"] } },
  { name: "[GRPC-4] what it is not told", objects: [grpcClient, server, web], says: { clientMode: ["AUTO_PLAINTEXT", "GRPC-4 Pod foo/client"] } },
  { name: "[GRPC-4] what it ignores", objects: [grpcClient, server, web, rule("SIMPLE")], says: { clientMode: ["AUTO_PLAINTEXT", "GRPC-4 DestinationRule foo/own spec.trafficPolicy.tls.mode = SIMPLE"] } },
  { name: "[GRPC-4] by address", objects: [grpcClient, server, web, rule("ISTIO_MUTUAL")], asked: { via: "podIP" }, says: { clientMode: ["AUTO_PLAINTEXT", "GRPC-4 Pod foo/client"] } },
  { name: "[GW-1] a gateway", objects: [plain, pod("bar", "server", { proxy: "gateway" }), web], says: { serverMode: ["GATEWAY", "GW-1 Pod bar/server"] } },
  { name: "[AMB-12] a waypoint's tunnel", objects: [plain, pod("bar", "server", { proxy: "waypoint" })], asked: { via: "podIP", port: 15_008 }, says: { serverMode: ["STRICT", "AMB-12 Pod bar/server"] } },
  { name: "[AMB-12] and its other ports", objects: [plain, pod("bar", "server", { proxy: "waypoint" })], asked: { via: "podIP" }, says: { serverMode: ["UNCAPTURED", "AMB-12 Pod bar/server"] } },
  {
    name: "[AMB-6] what bypasses ztunnel",
    objects: [plain, ambientControlPlane(), pod("bar", "server", { proxy: "ambient", annotations: { "ambient.istio.io/bypass-inbound-capture": "true" } }), web],
    says: { serverMode: ["UNCAPTURED", "AMB-6 Pod bar/server metadata.annotations.ambient.istio.io/bypass-inbound-capture = true"] },
  },
  { name: "[AMB-2] with any other word nothing does", objects: [plain, ambientControlPlane(), pod("bar", "server", { proxy: "ambient", annotations: { "ambient.istio.io/bypass-inbound-capture": "yes" } }), web], says: { serverMode: ["PERMISSIVE"] } },
  {
    name: "[PA-4] a port by its name",
    objects: [plain, pod("bar", "server", { proxy: "sidecar", containers: [named(["admin", 9001]), { ...named(["metrics", 9002], ["web", 9000]), name: "second" }, proxy] }), service("bar", "server", { ports: [{ port: 80, name: "http", targetPort: "web" }] }), onPort(9000, "DISABLE")],
    says: { serverMode: ["DISABLE"] },
  },
];

describeChains("servers and clients of each kind", planes);

describe("ports that are declared", () => {
  const ports = (one: Pod | ReturnType<typeof workloadEntry>, ...objects: readonly MeshObject[]) =>
    judgeMesh(mesh([one, ...objects])).ports({ namespace: "bar", name: "server" }).map(({ targetPort, protocol, services }) => `${targetPort} ${protocol} ${services.map(({ host, port }) => `${host}:${port}`).join(" ")}`.trim());
  const listening = sidecar("bar", "own", { ingress: [{ port: 9090, protocol: "TCP", captureMode: null, tlsMode: null }] });
  const merging = controlPlane({ env: { PILOT_ALLOW_SIDECAR_SERVICE_INBOUND_LISTENER_MERGE: "true" } });
  const address = server.ips[0] ?? "";
  const entry = (ns: string) => serviceEntry(ns, "entry", "entry.example", { ports: [{ number: 90, name: "tcp", protocol: "TCP", targetPort: 7000 }], endpoints: [{ address, ports: {}, labels: {}, serviceAccount: null, network: null }], createdAtMs: second(5) });

  it("by Services, or by the Sidecar's listeners in their place", () => {
    expect(ports(server, web)).toEqual([`8080 HTTP ${HOST}:80`]);
    expect(ports(server, web, listening)).toEqual(["9090 TCP"]);
    expect(ports(server, web, { ...listening, ingress: [] })).toEqual([`8080 HTTP ${HOST}:80`]);
    expect(ports(server, web, { ...listening, ingress: null })).toEqual([`8080 HTTP ${HOST}:80`]);
    expect(ports(server, web, listening, merging)).toEqual([`8080 HTTP ${HOST}:80`, "9090 TCP"]);
    expect(ports(pod("bar", "server"), web, listening)).toEqual([`8080 HTTP ${HOST}:80`]);
  });

  it("by the name that a container has, and by none other", () => {
    const by = service("bar", "server", { ports: [{ port: 80, name: "http", targetPort: "web" }] });
    expect(ports(pod("bar", "server", { proxy: "sidecar", containers: [named(["other", 1], ["web", 9000]), proxy] }), by)).toEqual([`9000 HTTP ${HOST}:80`]);
    expect(ports(pod("bar", "server", { proxy: "sidecar", containers: [named(["other", 1]), proxy] }), by)).toEqual([]);
  });

  it("of a machine: its own number for a port's name first", () => {
    const machine = (own: Readonly<Record<string, number>>) => workloadEntry("bar", "server", { ports: own, workloadLabels: APP });
    expect(ports(machine({}), web)).toEqual([`8080 HTTP ${HOST}:80`]);
    expect(ports(machine({ http: 9000 }), web)).toEqual([`9000 HTTP ${HOST}:80`]);
    expect(ports(machine({ other: 9000 }), service("bar", "server", { ports: [{ port: 80, name: "http", targetPort: "web" }] }))).toEqual([]);
  });

  it("by an entry that has the address, in the same namespace and beside a Service", () => {
    expect(ports(server, entry("bar"))).toEqual(["7000 TCP entry.example:90"]);
    expect(ports(server, web, entry("bar"))).toEqual(["7000 TCP entry.example:90", `8080 HTTP ${HOST}:80`]);
    expect(ports(server, web, entry("foo"))).toEqual([`8080 HTTP ${HOST}:80`]);
  });

  it("[JOIN-11] the older says the protocol, whichever selects the pod", () => {
    const raw = { ...entry("bar"), ports: [{ number: 90, name: "tcp", protocol: "TCP", targetPort: 8080 }] };
    expect(ports(server, web, raw)).toEqual([`8080 HTTP ${HOST}:80 entry.example:90`]);
    expect(ports(server, { ...web, createdAtMs: second(9) }, raw)).toEqual([`8080 TCP entry.example:90 ${HOST}:80`]);
  });

  it("[JOIN-11] of one age the smaller host says it: `server-alt.bar…` comes before `server.bar…`", () => {
    const alt = service("bar", "server-alt", { selector: APP, ports: [{ port: 80, name: "tcp", targetPort: 8080 }] });
    expect(ports(server, web, alt)).toEqual([`8080 TCP server-alt.${HOST.slice("server.".length)}:80 ${HOST}:80`]);
  });
});

const DISABLE = { trafficPolicy: trafficPolicy(tls("DISABLE")) };
const BALANCED = { trafficPolicy: trafficPolicy(null, { loadBalancerSimple: "RANDOM" }) };

function ruled(ns: string, name: string, host: string, options: DestinationRuleOptions = DISABLE): DestinationRule {
  return destinationRule(ns, name, host, options);
}

function chosen(name: string, mode: string, lines: readonly string[], ...rules: readonly MeshObject[]): Whole {
  return { name, objects: [client, server, web, ...rules], says: { clientMode: [mode, ...lines] } };
}

describeChains("which DestinationRule counts", [
  chosen("[DR-9] none; one that is spelled short is none", "AUTO_MTLS", ["DR-9 (default)", "  DR-2 DestinationRule bar/x spec.host = server.bar"], ruled("bar", "x", "server.bar")),
  chosen("[DR-9] with its domain missing", "AUTO_MTLS", ["  DR-2 DestinationRule bar/x spec.host = server.bar.svc"], ruled("bar", "x", "server.bar.svc")),
  chosen("[DR-9] a bare name of another namespace", "AUTO_MTLS", ["  DR-2 DestinationRule foo/x spec.host = server"], ruled("foo", "x", "server")),
  chosen("[DR-9] in a third namespace", "AUTO_MTLS", ["  DR-3 DestinationRule qux/x metadata.namespace = qux"], ruled("qux", "x", HOST)),
  chosen("[DR-9] not exported", "AUTO_MTLS", ["  DR-4 DestinationRule bar/x spec.exportTo = bar,qux"], ruled("bar", "x", HOST, { ...DISABLE, exportTo: ["bar", "qux"] })),
  chosen("[DR-9] not exported by the mesh's default", "AUTO_MTLS", ["  DR-4 DestinationRule bar/x spec.exportTo = (mesh default)"], meshConfig({ defaultDestinationRuleExportTo: ["."] }), ruled("bar", "x", HOST)),
  chosen("[DR-9] of another host nothing is said", "AUTO_MTLS", ["DR-9 (default)"], ruled("bar", "x", "other.bar.svc.cluster.local")),
  chosen("[DR-16] the root namespace's", "DR_DISABLE", ["DR-16 DestinationRule istio-system/x spec.host = *"], ruled("istio-system", "x", "*")),
  chosen("[DR-5] one that selects the client, before those that do not", "DR_DISABLE", [`DR-5 DestinationRule foo/sel spec.host = ${HOST}`, "  DR-8 DestinationRule foo/all"], ruled("foo", "sel", HOST, { ...DISABLE, workloadSelector: { app: "client" } }), ruled("foo", "all", HOST, BALANCED)),
  chosen("[DR-6] one that selects others ends the search", "AUTO_MTLS", ["DR-6 DestinationRule foo/sel spec.workloadSelector"], ruled("foo", "sel", HOST, { ...DISABLE, workloadSelector: { app: "other" } }), ruled("bar", "x", HOST)),
  chosen("[DR-1] one without selector, beside one that selects others", "DR_DISABLE", [`DR-1 DestinationRule foo/all spec.host = ${HOST}`, "  DR-6 DestinationRule foo/sel"], ruled("foo", "sel", HOST, { ...BALANCED, workloadSelector: { app: "other" } }), ruled("foo", "all", HOST)),
  chosen("[DR-7] the oldest gives the policy, what it hides is told", "AUTO_MTLS", [`DR-15 DestinationRule bar/a spec.host = ${HOST}`, "  DR-7 DestinationRule bar/b spec.trafficPolicy"], ruled("bar", "a", HOST, { ...BALANCED, createdAtMs: second(1) }), ruled("bar", "b", HOST, { ...DISABLE, createdAtMs: second(2) })),
  chosen("[DR-7] one without policy hides none", "DR_DISABLE", [`DR-15 DestinationRule bar/a spec.host = ${HOST}`], ruled("bar", "a", HOST, { createdAtMs: second(1) }), ruled("bar", "b", HOST, { ...DISABLE, createdAtMs: second(2) })),
  chosen("[DR-8] with another exportTo the youngest", "AUTO_MTLS", [`DR-15 DestinationRule bar/b spec.host = ${HOST}`, "  DR-8 DestinationRule bar/a"], ruled("bar", "a", HOST, { ...DISABLE, exportTo: ["*"], createdAtMs: second(1) }), ruled("bar", "b", HOST, { ...BALANCED, createdAtMs: second(2) })),
  chosen("[DR-7] before 1.24 exportTo does not keep them apart", "DR_DISABLE", [], controlPlane({ version: "1.23.0" }), ruled("bar", "a", HOST, { ...DISABLE, exportTo: ["*"], createdAtMs: second(1) }), ruled("bar", "b", HOST, { ...BALANCED, createdAtMs: second(2) })),
  chosen("[DR-7] nor where istiod is told so", "DR_DISABLE", [], controlPlane({ env: { ENABLE_ENHANCED_DESTINATIONRULE_MERGE: "false" } }), ruled("bar", "a", HOST, { ...DISABLE, exportTo: ["*"], createdAtMs: second(1) }), ruled("bar", "b", HOST, { ...BALANCED, createdAtMs: second(2) })),
  chosen("a version that is not known matters to two", "unknown", ["? version of istiod (before 1.24 or since): its image tag does not tell"], controlPlane({ version: null }), ruled("bar", "a", HOST, { ...DISABLE, exportTo: ["*"], createdAtMs: second(1) }), ruled("bar", "b", HOST, { ...BALANCED, createdAtMs: second(2) })),
  chosen("[DR-15] and to one it does not", "DR_DISABLE", [], controlPlane({ version: null }), ruled("bar", "a", HOST), ruled("bar", "z", "other.bar.svc.cluster.local")),
  chosen("[DR-1] of the root namespace's client, its private one", "DR_DISABLE", [], ruled("foo", "own", HOST, { ...DISABLE, exportTo: ["."] })),
  {
    name: "[DR-1] a private one of the root namespace is for its own clients",
    objects: [pod("istio-system", "client", { proxy: "sidecar" }), server, web, ruled("istio-system", "own", HOST, { ...DISABLE, exportTo: ["."] })],
    asked: { client: "istio-system/client" },
    says: { clientMode: ["DR_DISABLE", `DR-1 DestinationRule istio-system/own spec.host = ${HOST}`] },
  },
  chosen("[DR-9] and for no others", "AUTO_MTLS", ["  DR-4 DestinationRule istio-system/own spec.exportTo = ."], ruled("istio-system", "own", HOST, { ...DISABLE, exportTo: ["."] })),
]);

const policy = (action: "ALLOW" | "DENY", options: Parameters<typeof authorizationRule>[0]) => authorizationPolicy("bar", "policy", { action, rules: [authorizationRule(options)] });
const who = { from: [source({ principals: ["*"] })] };
const ports = { to: [operation({ ports: ["8080"] })] };
const paths = { to: [operation({ paths: ["/x"] })] };
const FOO_RULES = [unread("DestinationRule", { namespace: "foo" })];
const waypoint: KubernetesGateway = { kind: "KubernetesGateway", namespace: "bar", name: "way", labels: {}, annotations: {}, createdAtMs: null, gatewayClassName: "istio-waypoint", listeners: [] };

describeChains("what is known of authorization", [
  { name: "the client may send plaintext, and is asked who it is", objects: [client, server, web, policy("ALLOW", who)], unread: FOO_RULES, says: { authorization: ["unknown", "? `DestinationRule` objects in namespace `foo`: forbidden"] } },
  { name: "[AP-2] the client may send plaintext, and is not asked", objects: [client, server, web, policy("ALLOW", ports)], unread: FOO_RULES, says: { authorization: ["allow", "AP-2 AuthorizationPolicy bar/policy spec.rules[0]"] } },
  {
    name: "the server is no endpoint",
    objects: [client, server, service("bar", "server", { selector: { app: "none" } }), policy("ALLOW", ports)],
    says: { authorization: ["unknown", `? the endpoint of \`${HOST}\` port 80 at \`bar/server\`: no Service or ServiceEntry of that name has it`] },
  },
  { name: "[AP-2] an account without name is `default`", objects: [pod("foo", "client", { proxy: "sidecar", serviceAccountName: "" }), server, web, policy("ALLOW", { from: [source({ serviceAccounts: ["foo/default"] })] })], says: { authorization: ["allow"] } },
  { name: "the protocol is not known, and a path is asked", objects: [client, server, web, policy("DENY", paths)], unread: [unread("ServiceEntry", { namespace: "bar" })], says: { authorization: ["unknown", "? `ServiceEntry` objects in namespace `bar`: forbidden"] } },
  { name: "[AP-4] the protocol is not known, and nothing is asked", objects: [client, server, web, policy("DENY", { to: [operation({ ports: ["1"] })] })], unread: [unread("ServiceEntry", { namespace: "bar" })], says: { authorization: ["allow"] } },
  { name: "[AP-6] a gateway reads paths", objects: [client, pod("bar", "server", { proxy: "gateway" }), web, policy("DENY", paths)], says: { authorization: ["conditional"] } },
  { name: "[AP-6] so does gRPC", objects: [client, grpc, service("bar", "server", { ports: [{ port: 80, name: "tcp", targetPort: 8080 }] }), policy("DENY", paths)], says: { authorization: ["conditional"] } },
  { name: "[AP-1] a sidecar's TCP port does not: all are denied", objects: [client, server, service("bar", "server", { ports: [{ port: 80, name: "tcp", targetPort: 8080 }] }), policy("DENY", paths)], says: { authorization: ["deny"] } },
  {
    name: "[AP-3] a tunnel ends in ztunnel, whatever bypasses it",
    objects: [pod("foo", "client", { proxy: "ambient" }), ambientControlPlane(), pod("bar", "server", { proxy: "ambient", annotations: { "ambient.istio.io/bypass-inbound-capture": "true" } }), web, authorizationPolicy("bar", "none", {})],
    says: { authorization: ["deny", "AP-3 AuthorizationPolicy bar/none spec.rules"] },
  },
  {
    name: "[AP-8] plaintext does not",
    objects: [plain, ambientControlPlane(), pod("bar", "server", { proxy: "ambient", annotations: { "ambient.istio.io/bypass-inbound-capture": "true" } }), web, authorizationPolicy("bar", "none", {})],
    says: { authorization: ["allow", "AP-8 Pod bar/server"] },
  },
  {
    name: "[AP-6] behind a waypoint the client's address is not seen",
    objects: [pod("foo", "client", { proxy: "ambient", ips: ["10.1.2.3"] }), ambientControlPlane(), pod("bar", "server", { proxy: "ambient" }), service("bar", "server", { labels: { "istio.io/use-waypoint": "way" } }), waypoint, policy("ALLOW", { from: [source({ ipBlocks: ["10.0.0.0/8"] })] })],
    says: { authorization: ["conditional"] },
  },
  { name: "[REG-3] a client that does not import the service has no identity there", objects: [client, server, web, sidecar("foo", "scope", { egress: egress("./*") }), policy("ALLOW", who)], asked: { via: byHost(HOST) }, says: { clientMode: ["PASSTHROUGH"], authorization: ["deny"] } },
]);
