import { describe, expect, it } from "vitest";
import type { EndpointSlice, EnvoyFilter, Labels, MeshObject } from "#mesh";
import { judgeMesh, serviceHost, workloadId } from "#mesh";
import { byHost, describeChains, type Whole } from "../support/judging.ts";
import { controlPlane, destinationRule, egress, envoyFilter, mesh, peerAuthentication, pod, second, service, serviceEntry, sidecar, slice, tls, trafficPolicy, unread, virtualService, type ServiceOptions } from "../support/mesh.ts";

// What a client's proxy is told: policies of namespaces in its scope, VirtualServices for the mesh, filters for its side, rules that are folded; and which ports a name has.

const HOST = "server.bar.svc.cluster.local";
const client = pod("foo", "client", { proxy: "sidecar" });
const server = pod("bar", "server", { proxy: "sidecar" });
const web = service("bar", "server");
const to = (host: string, subset: string | null = null) => [{ conditional: false, destinations: [{ host, subset, port: null }] }];

// the endpoint is in baz, which no Service of bar makes known
const far = pod("baz", "far", { proxy: "sidecar" });
const over = service("bar", "over", { selector: {} });
const overSlice: EndpointSlice = { ...slice(over, [far]), ports: [{ name: "http", port: 8080, protocol: "TCP", appProtocol: null }] };
const FAR: readonly MeshObject[] = [client, far, over, overSlice, peerAuthentication("baz", "far", "DISABLE", { selector: { app: "far" } })];
const dialled = (from = "foo/client") => ({ client: from, server: "baz/far", via: byHost("over.bar.svc.cluster.local") });
const KNOWN: Whole["says"] = { clientMode: ["AUTO_PLAINTEXT", "PA-3 PeerAuthentication baz/far spec.mtls.mode = DISABLE"] };
const UNKNOWN: Whole["says"] = { clientMode: ["AUTO_MTLS"], serverMode: ["DISABLE"], transport: ["blocked"] };
const twoPorts = service("baz", "near", { ports: [{ port: 80, name: "http", targetPort: 8080 }, { port: 81, name: "http-b", targetPort: 8081 }] });
const narrow = sidecar("foo", "default", { egress: egress("bar/*") });
const elsewhere = (ns: string): readonly MeshObject[] => [narrow, service(ns, "near"), virtualService("bar", "route", { hosts: ["any.bar.svc.cluster.local"], http: to(`near.${ns}.svc.cluster.local`) }), service("bar", "any")];

describeChains("a policy of the endpoint's namespace", [
  { name: "[AUTO-3] is known to a client that sees a Service of it", objects: [...FAR, service("baz", "near")], asked: dialled(), says: KNOWN },
  { name: "[AUTO-1] is not where there is none", objects: FAR, asked: dialled(), says: UNKNOWN },
  { name: "[AUTO-1] is not where its Services are exported to itself only", objects: [...FAR, service("baz", "near", { annotations: { "networking.istio.io/exportTo": "." } })], asked: dialled(), says: UNKNOWN },
  { name: "[AUTO-1] is not where the Sidecar imports none of them", objects: [...FAR, service("baz", "near"), narrow], asked: dialled(), says: UNKNOWN },
  { name: "[AUTO-3] is where it imports one port of one", objects: [...FAR, twoPorts, sidecar("foo", "default", { egress: [{ hosts: ["baz/*"], port: 81, captureMode: null }, { hosts: ["bar/*"], port: null, captureMode: null }] })], asked: dialled(), says: KNOWN },
  { name: "[AUTO-3] is to a client of that namespace", objects: [...FAR, pod("baz", "client", { proxy: "sidecar" })], asked: dialled("baz/client"), says: KNOWN },
  { name: "[AUTO-3] is where a VirtualService leads into that namespace", objects: [...FAR, ...elsewhere("baz")], asked: dialled(), says: KNOWN },
  { name: "[AUTO-1] is not where it leads into another", objects: [...FAR, ...elsewhere("qux")], asked: dialled(), says: UNKNOWN },
  { name: "[AUTO-3] was to all before 1.30", objects: [...FAR, controlPlane({ version: "1.29.0" })], asked: dialled(), says: KNOWN },
]);

const subsets = destinationRule("bar", "subsets", HOST, { subsets: [{ name: "v1", labels: {}, trafficPolicy: trafficPolicy(tls("DISABLE")) }, { name: "v1", labels: {}, trafficPolicy: trafficPolicy(tls("ISTIO_MUTUAL")) }, { name: "v2", labels: {}, trafficPolicy: trafficPolicy(tls("ISTIO_MUTUAL")) }] });
const route = (name: string, subset: string, options: Parameters<typeof virtualService>[2] = {}) => virtualService("bar", name, { hosts: [HOST], http: to(HOST, subset), ...options });
const ROUTED: readonly MeshObject[] = [client, server, web, subsets];
const FIRST: Whole["says"] = { clientMode: ["DR_DISABLE", "REG-16 VirtualService bar/a spec.http"] };
const UNROUTED: Whole["says"] = { clientMode: ["AUTO_MTLS"] };

describeChains("a VirtualService", [
  { name: "[REG-16] for the mesh, as all are that name no gateway; of two definitions of a subset the first counts", objects: [...ROUTED, route("a", "v1")], says: FIRST },
  { name: "[REG-16] for the mesh beside a gateway", objects: [...ROUTED, route("a", "v1", { gateways: ["bar/gate", "mesh"] })], says: FIRST },
  { name: "[REG-4] for a gateway only", objects: [...ROUTED, route("a", "v1", { gateways: ["bar/gate"] })], says: UNROUTED },
  { name: "[REG-16] that is older than another", objects: [...ROUTED, route("b", "v2", { createdAtMs: second(9) }), route("a", "v1", { createdAtMs: second(2) })], says: FIRST },
  { name: "[REG-4] that is not exported to the client", objects: [...ROUTED, route("a", "v1", { exportTo: ["."] })], says: UNROUTED },
  { name: "[REG-16] beside one that is not", objects: [...ROUTED, route("hidden", "v2", { exportTo: ["."], createdAtMs: second(0) }), route("a", "v1")], says: FIRST },
  { name: "[REG-4] that the Sidecar does not import by any of its hosts", objects: [...ROUTED, route("a", "v1", { hosts: ["other.example"] }), sidecar("foo", "default", { egress: egress(`bar/${HOST}`) })], says: UNROUTED },
  { name: "[REG-16] that it imports by one of them", objects: [...ROUTED, route("a", "v1", { hosts: [HOST, "other.example"] }), sidecar("foo", "default", { egress: egress(`bar/${HOST}`) })], says: FIRST },
]);

const scoped = (...hosts: readonly string[]): readonly MeshObject[] => [client, server, web, sidecar("foo", "default", { egress: egress(...hosts) })];
const SEEN: Whole["says"] = { clientMode: ["AUTO_MTLS", "REG-4 Service bar/server"] };
const HIDDEN: Whole["says"] = { clientMode: ["PASSTHROUGH", "REG-3 Sidecar foo/default spec.egress"] };
const own = { client: "bar/client" };
const inBar = (...hosts: readonly string[]): readonly MeshObject[] => [pod("bar", "client", { proxy: "sidecar" }), server, web, sidecar("bar", "default", { egress: egress(...hosts) })];
const byPort = (...listeners: readonly (readonly [host: string, port: number | null])[]) => sidecar("foo", "default", { egress: listeners.map(([host, port]) => ({ hosts: [host], port, captureMode: null })) });

describeChains("a Sidecar", [
  { name: "[REG-4] imports what any of its entries for a namespace names", objects: scoped("bar/other.bar.svc.cluster.local", `bar/${HOST}`), says: SEEN },
  { name: "[REG-3] imports nothing by a host without namespace", objects: scoped(HOST), says: HIDDEN },
  { name: "[REG-4] imports its own namespace by a dot", objects: inBar("./*"), asked: own, says: SEEN },
  { name: "[REG-3] leaves out its own by a dot as well", objects: inBar("*/*", "~./*"), asked: own, says: { clientMode: ["PASSTHROUGH", "REG-3 Sidecar bar/default spec.egress"] } },
  { name: "[REG-3] leaves out what it imported by name", objects: scoped("bar/*", `~bar/${HOST}`), says: HIDDEN },
  { name: "[REG-3] of another port speaks for that", objects: [client, server, web, byPort(["bar/*", 81], ["./*", null])], says: HIDDEN },
  { name: "[REG-16] that imports a host on one port has its VirtualServices", objects: [...ROUTED, byPort(["bar/*", 80]), route("a", "v1")], says: FIRST },
  { name: "[REG-4] is not for gateways", objects: [pod("foo", "client", { proxy: "gateway" }), server, web, sidecar("foo", "default", { egress: egress("./*") })], says: SEEN },
]);

const narrowed = (...more: readonly MeshObject[]): readonly MeshObject[] => [client, server, web, pod("foo", "near", { proxy: "sidecar" }), service("foo", "near"), sidecar("foo", "default", { egress: egress("./*") }), ...more];
const leading = (host: string, destination: string) => virtualService("foo", "route", { hosts: [host], http: to(destination) });
const headless = (ns: string, name: string, exportTo: string, createdAt: number) =>
  service(ns, name, { clusterIPs: ["None"], selector: ns === "bar" ? { app: "server" } : {}, createdAtMs: second(createdAt), annotations: { "networking.istio.io/exportTo": exportTo }, ports: [{ port: 8080, name: "tcp", targetPort: 8080 }] });
const qux = headless("qux", "old", "bar", 1);
const quxSlice: EndpointSlice = { ...slice(qux, []), ports: [{ name: "tcp", port: 8080, protocol: "TCP", appProtocol: null }], endpoints: [{ addresses: server.ips, ready: true, targetRef: null }] };

describeChains("which cluster takes a dial", [
  { name: "[DR-12] the subset that was asked for, whatever a VirtualService chooses", objects: [...ROUTED, route("a", "v1")], asked: { via: byHost(HOST, "v2") }, says: { clientMode: ["DR_ISTIO_MUTUAL"] } },
  { name: "[REG-15] one that a VirtualService for its host leads to", objects: narrowed(leading(HOST, HOST)), says: { clientMode: ["AUTO_MTLS", "REG-15 VirtualService foo/route spec.hosts"] } },
  { name: "[REG-3] none where a VirtualService for another host leads to it", objects: narrowed(leading("near.foo.svc.cluster.local", HOST)), says: HIDDEN },
  { name: "[REG-3] none where a VirtualService leads elsewhere", objects: narrowed(leading(HOST, "near.foo.svc.cluster.local")), says: HIDDEN },
  { name: "[REG-10] the client's own private headless Service before an older one that is exported to it", objects: [pod("bar", "client", { proxy: "sidecar" }), server, headless("bar", "own", ".", 2), qux, quxSlice], asked: { client: "bar/client", via: "podIP" }, says: { clientMode: ["AUTO_MTLS", "REG-10 Service bar/own spec.clusterIP = None"] } },
  { name: "[REG-10] the older of two that are exported to it", objects: [pod("bar", "client", { proxy: "sidecar" }), server, headless("bar", "own", "bar", 2), headless("bar", "older", "bar", 1)], asked: { client: "bar/client", via: "podIP" }, says: { clientMode: ["AUTO_MTLS", "REG-10 Service bar/older spec.clusterIP = None"] } },
  { name: "any headless Service of the port, where its endpoints were not read", objects: [client, server, headless("qux", "any", "*", 1)], unread: [unread("EndpointSlice", { namespace: "qux" })], asked: { via: "podIP" }, says: { clientMode: ["unknown", "? `EndpointSlice` objects in namespace `qux`: forbidden"] } },
  { name: "[REG-12] none of another port, whether they were read or not", objects: [client, server, headless("qux", "any", "*", 1)], unread: [unread("EndpointSlice", { namespace: "qux" })], asked: { port: 9090, via: "podIP" }, says: { clientMode: ["PASSTHROUGH", "REG-12 (default)"] } },
]);

const PAST = { loadBalancerSimple: "PASSTHROUGH" };
const passing = (main: Parameters<typeof trafficPolicy>[1], part: Parameters<typeof trafficPolicy>[1], ...more: readonly MeshObject[]): readonly MeshObject[] => [
  client, server, web, peerAuthentication("bar", "server", "DISABLE", { selector: { app: "server" } }), destinationRule("bar", "passing", HOST, { trafficPolicy: trafficPolicy(null, main), subsets: [{ name: "v1", labels: {}, trafficPolicy: trafficPolicy(null, part) }] }), ...more,
];
const bare = pod("bar", "bare", { labels: { app: "server" } });
const V1 = { via: byHost(HOST, "v1") };
const AS_DIALLED: Whole["says"] = { clientMode: ["AUTO_MTLS", "AUTO-7 Service bar/server"] };

describeChains("a subset whose endpoints are wherever was dialled", [
  { name: "[AUTO-3] by neither", objects: passing({}, {}), asked: V1, says: { clientMode: ["AUTO_PLAINTEXT", "PA-3 PeerAuthentication bar/server spec.mtls.mode = DISABLE"] } },
  { name: "[AUTO-7] by its own word", objects: passing({}, PAST), asked: V1, says: AS_DIALLED },
  { name: "[AUTO-7] by the rule's", objects: passing(PAST, {}), asked: V1, says: AS_DIALLED },
  { name: "[AUTO-6] an endpoint without proxy turns mTLS off where the subset itself says so", objects: passing({}, PAST, bare), asked: V1, says: { clientMode: ["AUTO_PLAINTEXT", "AUTO-6 Pod bar/bare metadata.labels.security.istio.io/tlsMode = disabled"] } },
  { name: "[AUTO-7] and does not where only the rule says so", objects: passing(PAST, {}, bare), asked: V1, says: AS_DIALLED },
]);

type Patch = EnvoyFilter["patches"][number];
const patch = (context: string, touchesTransport: boolean): Patch => ({ applyTo: "CLUSTER", context, touchesTransport });
const filtered = (ns: string, ...patches: readonly Patch[]): readonly MeshObject[] => [client, server, web, envoyFilter(ns, "raw", { patches })];
const because = (ns: string) => `? what the proxy really does: \`EnvoyFilter\` \`${ns}/raw\` changes its transport`;

describeChains("an EnvoyFilter", [
  { name: "on the transport of what leaves makes that unknown", objects: filtered("foo", patch("SIDECAR_OUTBOUND", true)), says: { clientMode: ["unknown", because("foo")], serverMode: ["PERMISSIVE"] } },
  { name: "on that of what arrives makes that unknown", objects: filtered("bar", patch("SIDECAR_INBOUND", true)), says: { clientMode: ["AUTO_MTLS"], serverMode: ["unknown", because("bar")] } },
  { name: "on any makes it so too", objects: filtered("bar", patch("ANY", true)), says: { serverMode: ["unknown", because("bar")] } },
  { name: "on the other direction does not", objects: filtered("bar", patch("SIDECAR_OUTBOUND", true)), says: { clientMode: ["AUTO_MTLS"], serverMode: ["PERMISSIVE"] } },
  { name: "on gateways does not", objects: filtered("foo", patch("GATEWAY", true)), says: { clientMode: ["AUTO_MTLS"] } },
  { name: "on something else does not", objects: filtered("foo", patch("ANY", false), patch("SIDECAR_OUTBOUND", false)), says: { clientMode: ["AUTO_MTLS"] } },
  { name: "does with one of its patches", objects: filtered("foo", patch("ANY", false), patch("GATEWAY", true), patch("SIDECAR_OUTBOUND", true)), says: { clientMode: ["unknown", because("foo")] } },
  { name: "of the root namespace does for all", objects: filtered("istio-system", patch("SIDECAR_OUTBOUND", true)), says: { clientMode: ["unknown", because("istio-system")], serverMode: ["PERMISSIVE"] } },
]);

const labelled = pod("foo", "client", { proxy: "sidecar", labels: { tier: "x" } });
const some = (name: string, mode: string | null, workloadSelector: Labels | null, createdAt: number) => destinationRule("foo", name, HOST, { workloadSelector, createdAtMs: second(createdAt), trafficPolicy: mode === null ? null : trafficPolicy(tls(mode)) });
const ruled = (...rules: readonly MeshObject[]): readonly MeshObject[] => [labelled, server, web, ...rules];

describeChains("DestinationRules for some clients", [
  { name: "[DR-5] of the same labels are one: the older has no TLS, the younger's counts", objects: ruled(some("a", null, { app: "client" }, 1), some("b", "DISABLE", { app: "client" }, 2)), says: { clientMode: ["DR_DISABLE", "DR-5 DestinationRule foo/a spec.host = server.bar.svc.cluster.local"] } },
  { name: "[DR-7] of the same labels are one: the older's TLS counts", objects: ruled(some("a", "DISABLE", { app: "client" }, 1), some("b", "ISTIO_MUTUAL", { app: "client" }, 2)), says: { clientMode: ["DR_DISABLE", "  DR-7 DestinationRule foo/b spec.trafficPolicy"] } },
  { name: "[DR-5] of other labels stand apart", objects: ruled(some("a", "ISTIO_MUTUAL", { app: "other" }, 1), some("b", "DISABLE", { app: "client" }, 2)), says: { clientMode: ["DR_DISABLE", "DR-5 DestinationRule foo/b spec.host = server.bar.svc.cluster.local"] } },
  { name: "[DR-5] of a label more stand apart: the older that fits", objects: ruled(some("a", "DISABLE", { app: "client" }, 1), some("b", "ISTIO_MUTUAL", { app: "client", tier: "x" }, 2)), says: { clientMode: ["DR_DISABLE", "DR-5 DestinationRule foo/a spec.host = server.bar.svc.cluster.local"] } },
  { name: "[DR-5] of a label more that does not fit", objects: ruled(some("a", "ISTIO_MUTUAL", { app: "client", tier: "y" }, 1), some("b", "DISABLE", { app: "client" }, 2)), says: { clientMode: ["DR_DISABLE", "DR-5 DestinationRule foo/b spec.host = server.bar.svc.cluster.local"] } },
  { name: "[DR-5] before one for all of the namespace, though that is older", objects: ruled(some("a", "ISTIO_MUTUAL", null, 1), some("b", "DISABLE", { app: "client" }, 2)), says: { clientMode: ["DR_DISABLE", "DR-5 DestinationRule foo/b spec.host = server.bar.svc.cluster.local"] } },
  { name: "[DR-6] that fit nobody leave the one for all", objects: ruled(some("a", "DISABLE", null, 9), some("b", "ISTIO_MUTUAL", { app: "other" }, 2)), says: { clientMode: ["DR_DISABLE", "DR-1 DestinationRule foo/a spec.host = server.bar.svc.cluster.local"] } },
]);

const tiered = pod("bar", "server", { proxy: "sidecar", labels: { tier: "x" } });
const by = (name: string, mode: "STRICT" | "DISABLE", selector: Labels, createdAt: number) => peerAuthentication("bar", name, mode, { selector, createdAtMs: second(createdAt) });

describeChains("of policies that select by several labels", [
  { name: "[PA-6] the oldest counts, whichever label it asks for", objects: [client, tiered, web, by("first", "DISABLE", { app: "none" }, 1), by("second", "STRICT", { tier: "x" }, 2), by("third", "DISABLE", { app: "server" }, 3)], says: { serverMode: ["STRICT", "PA-3 PeerAuthentication bar/second spec.mtls.mode = STRICT", "  PA-6 PeerAuthentication bar/third = DISABLE"] } },
  { name: "[PA-6] of two that ask for one label too", objects: [client, tiered, web, by("first", "STRICT", { app: "server" }, 1), by("second", "DISABLE", { app: "server", tier: "x" }, 2)], says: { serverMode: ["STRICT", "PA-3 PeerAuthentication bar/first spec.mtls.mode = STRICT"] } },
  { name: "[PA-3] all labels that it asks for have to be there", objects: [client, tiered, web, by("first", "STRICT", { app: "server", tier: "y" }, 1), by("second", "DISABLE", { tier: "x", app: "server" }, 2)], says: { serverMode: ["DISABLE", "PA-3 PeerAuthentication bar/second spec.mtls.mode = DISABLE"] } },
]);

describe("a reason", () => {
  it("says what it overrode where there is something, and what it read where that is something", () => {
    const told = (...objects: readonly MeshObject[]) => judgeMesh(mesh([server, ...objects])).serverMode({ namespace: "bar", name: "server" }, 8080);
    const pod_ = { kind: "Pod", namespace: "bar", name: "server" };
    expect(told()).toStrictEqual({ kind: "known", value: "PERMISSIVE", reasons: [{ rule: "CAP-4", object: pod_, field: null }, { rule: "PA-0", object: null, field: null }] });
    const [wide, own] = [peerAuthentication("istio-system", "default", "STRICT"), peerAuthentication("bar", "default", "DISABLE")];
    expect(told(wide, own)).toStrictEqual({
      kind: "known", value: "DISABLE",
      reasons: [
        { rule: "CAP-4", object: pod_, field: null },
        { rule: "PA-2", object: { kind: "PeerAuthentication", namespace: "bar", name: "default" }, field: "spec.mtls.mode", value: "DISABLE", overrode: [{ rule: "PA-2", object: { kind: "PeerAuthentication", namespace: "istio-system", name: "default" }, field: "spec.mtls.mode", value: "STRICT" }] },
      ],
    });
    expect(told(own)).toStrictEqual({ kind: "known", value: "DISABLE", reasons: [{ rule: "CAP-4", object: pod_, field: null }, { rule: "PA-2", object: { kind: "PeerAuthentication", namespace: "bar", name: "default" }, field: "spec.mtls.mode", value: "DISABLE" }] });
  });
});

describe("the ways of a name", () => {
  const [from, at] = [workloadId("foo", "client"), workloadId("bar", "server")];
  function ways(host: string, ...objects: readonly MeshObject[]): readonly string[] {
    const judge = judgeMesh(mesh([client, ...objects]));
    return (["http", "tcp"] as const).flatMap((family) => judge.paths(from, at, serviceHost(host), family).map(({ port, targetPort, portName, pairs }) => `${family} ${port} ${targetPort} ${portName ?? "-"} x${pairs}`));
  }
  const ported = (ports: ServiceOptions): readonly MeshObject[] => [server, service("bar", "server", ports)];

  it("are its ports of the family, and in both families those of which nothing is said", () => {
    expect(ways(HOST, ...ported({ ports: [{ port: 80, name: "http", targetPort: 8080 }, { port: 81, name: "tcp", targetPort: 8081 }, { port: 53, name: "dns", protocol: "UDP", targetPort: 53 }] }))).toEqual(["http 80 8080 http x1", "tcp 81 8081 tcp x1"]);
    expect(ways(HOST, ...ported({ ports: [{ port: 80, targetPort: 8080 }] }))).toEqual(["http 80 8080 - x1", "tcp 80 8080 - x1"]);
    expect(ways(HOST, ...ported({ ports: [{ port: 80, name: "https", targetPort: 8080 }] }))).toEqual(["tcp 80 8080 https x1"]);
  });

  it("are told once for instances that are alike, and for each port where they serve", () => {
    const pods = [1, 2, 3].map((n) => pod("bar", `server-${n}`, { proxy: "sidecar", owner: { kind: "Deployment", name: "server" }, labels: { app: "server" }, serviceAccountName: "server" }));
    const two = [slice(web, pods.slice(0, 2)), { ...slice(web, pods.slice(2)), name: "server-2", ports: [{ name: "http", port: 9090, protocol: "TCP", appProtocol: null }] }];
    expect(ways(HOST, ...pods, web)).toEqual(["http 80 8080 http x3"]);
    expect(ways(HOST, ...pods, web, ...two)).toEqual(["http 80 8080 http x2", "http 80 9090 http x1"]);
    const unlike = pods.map((one, n) => ({ ...one, serviceAccountName: n === 0 ? "server" : "other" }));
    expect(ways(HOST, ...unlike, web)).toEqual(["http 80 8080 http x3"]);
  });

  it("are told for each kind of client", () => {
    const pair = ["sidecar", undefined].map((proxy, n) => pod("foo", `pair-${n}`, { ...(proxy === "sidecar" ? { proxy } : {}), owner: { kind: "Deployment", name: "pair" }, serviceAccountName: "pair" }));
    const told = (...clients: readonly MeshObject[]) => judgeMesh(mesh([...clients, server, web, peerAuthentication("bar", "default", "STRICT")])).paths(workloadId("foo", "pair"), at, serviceHost(HOST), "http").map(({ clientInstance, pairs, verdict: { transport } }) => [clientInstance, pairs, transport.kind === "known" ? transport.value : "?"]);
    expect(told(...pair)).toEqual([["pair-0", 1, "mTLS"], ["pair-1", 1, "blocked"]]);
    expect(told(...pair.slice(0, 1))).toEqual([["pair-0", 1, "mTLS"]]);
    expect(told(...pair.map((one) => ({ ...one, containers: [] })))).toEqual([["pair-0", 2, "blocked"]]);
    expect(told()).toEqual([]);
  });

  it("by an address are the ports that are declared there, of instances that have one", () => {
    const direct = (...objects: readonly MeshObject[]) => {
      const judge = judgeMesh(mesh([client, ...objects]));
      return (["http", "tcp"] as const).flatMap((family) => judge.paths(from, at, null, family).map(({ port, portName, pairs, serverInstance }) => `${family} ${port} ${portName ?? "-"} x${pairs} ${serverInstance}`));
    };
    const kin = (name: string, options: Parameters<typeof pod>[2] = {}) => pod("bar", name, { proxy: "sidecar", owner: { kind: "Deployment", name: "server" }, labels: { app: "server" }, serviceAccountName: "server", ...options });
    expect(direct(server, web)).toEqual(["http 8080 http x1 server"]);
    expect(direct(server, service("bar", "server", { ports: [{ port: 80, targetPort: 8080 }] }))).toEqual(["http 8080 - x1 server", "tcp 8080 - x1 server"]);
    expect(direct(server)).toEqual([]);
    expect(direct(kin("a", { ips: [] }), web)).toEqual([]);
    expect(direct(kin("a", { ips: [] }), kin("b"), kin("c"), web)).toEqual(["http 8080 http x2 b"]);
    expect(direct(kin("a"), kin("b", { serviceAccountName: "other" }), web)).toEqual(["http 8080 http x2 a"]);
  });

  it("are those of everything that has the name", () => {
    const twin = serviceEntry("bar", "twin", HOST, { workloadSelector: { app: "server" }, ports: [{ number: 81, name: "http-b", protocol: "HTTP", targetPort: 8081 }] });
    expect(ways(HOST, server, web, twin)).toEqual(["http 80 8080 http x1", "http 81 8081 http-b x1"]);
    expect(ways("alias.foo.svc.cluster.local", server, web, service("foo", "alias", { type: "ExternalName", externalName: HOST, selector: {}, clusterIPs: [], ports: [] }))).toEqual(["http 80 8080 http x1"]);
    expect(ways("nobody.example", server, web)).toEqual([]);
    expect(ways(HOST, web)).toEqual([]);
  });
});

describe("how a port is read", () => {
  type Written = Partial<NonNullable<ServiceOptions["ports"]>[number]>;
  function read(written: Written): string {
    const judge = judgeMesh(mesh([server, service("bar", "server", { ports: [{ port: 80, targetPort: 8080, ...written }] })]));
    return judge.ports({ namespace: "bar", name: "server" }).map(({ protocol }) => protocol).join();
  }

  it.each<[string, Written, string]>([
    ["a name", { name: "http" }, "HTTP"], ["a name with more behind a dash", { name: "http2-web" }, "HTTP"], ["in capitals", { name: "HTTP-web" }, "HTTP"], ["one that only begins like it", { name: "httpweb" }, "AUTO"],
    ["gRPC", { name: "grpc-x" }, "HTTP"], ["gRPC for the web, whose name has a dash", { name: "grpc-web" }, "HTTP"], ["and more behind that", { name: "grpc-web-x" }, "HTTP"],
    ["TCP", { name: "tcp-x" }, "TCP"], ["a database", { name: "mongo" }, "TCP"], ["HTTPS is TCP to a proxy", { name: "https" }, "TCP"], ["TLS", { name: "tls-x" }, "TCP"],
    ["a dash at the beginning", { name: "-http" }, "AUTO"], ["nothing", {}, "AUTO"], ["another name", { name: "web" }, "AUTO"],
    ["appProtocol before the name", { name: "tcp", appProtocol: "http" }, "HTTP"], ["appProtocol that is none", { name: "http", appProtocol: "my.example/x" }, "AUTO"], ["appProtocol of Kubernetes", { name: "tcp", appProtocol: "kubernetes.io/h2c" }, "HTTP"], ["its TLS", { name: "http", appProtocol: "kubernetes.io/wss" }, "TCP"],
    ["the number of MySQL", { port: 3306 }, "TCP"], ["the number, where the name says nothing", { port: 25, name: "mail" }, "TCP"], ["the name before the number", { port: 3306, name: "http" }, "HTTP"],
    ["UDP", { name: "dns", protocol: "UDP" }, "UDP"], ["SCTP", { name: "http", protocol: "SCTP" }, "UDP"], ["a TCP port named udp", { name: "udp-x" }, "UDP"],
  ])("%s", (_name, written, protocol) => {
    expect(read(written)).toBe(protocol);
  });
});
