import { describe, expect, it } from "vitest";
import type { Configuration, ConnectionVerdict, MeshChange, MeshJudge, MeshObject, Verdict } from "#mesh";
import { applyChange, judgeMesh, serviceHost, workloadId } from "#mesh";
import {
  authorizationPolicy, authorizationRule, controlPlane, destinationRule, egress, envoyFilter, gateway, mesh, meshConfig, namespace, peerAuthentication, pod, service, serviceEntry, sidecar, slice, source, tls, trafficPolicy, unread, virtualService, workloadEntry,
} from "../support/mesh.ts";

// One object changes what is answered: whatever was kept of the mesh before, the answer is the new one.

const HOST = "server.bar.svc.cluster.local";
const at = "10.71.0.1";
const client = pod("foo", "client", { proxy: "sidecar", ips: ["10.71.0.2"] });
const server = pod("bar", "server", { proxy: "sidecar", ips: [at] });
const web = service("bar", "server", { clusterIPs: ["10.71.1.1"] });
const webSlice = slice(web, [server]);
const BASE: readonly MeshObject[] = [client, server, web, webSlice];
const disable = (ns: string, options: Parameters<typeof destinationRule>[3] = {}) => destinationRule(ns, "plain", HOST, { trafficPolicy: trafficPolicy(tls("DISABLE")), ...options });
const to = (host: string, subset: string | null = null) => [{ conditional: false, destinations: [{ host, subset, port: null }] }];
const touching = (ns: string) => envoyFilter(ns, "raw", { patches: [{ applyTo: "CLUSTER", context: "ANY", touchesTransport: true }] });
const deny = authorizationPolicy("bar", "nobody", {});
const strict = peerAuthentication("bar", "default", "STRICT");
const config = meshConfig();
const discovering = meshConfig({ discoverySelectors: [{ matchLabels: { mesh: "on" }, matchExpressions: [] }] });
const [foo, bar] = [namespace("foo", { mesh: "on" }), namespace("bar", { mesh: "on" })];
const istiod = controlPlane();
const scope = sidecar("foo", "default", { egress: egress("*/*") });
const listening = sidecar("bar", "server", { ingress: [{ port: 9090, protocol: "HTTP", captureMode: null, tlsMode: null }] });

function value(verdict: Verdict<string>): string {
  return verdict.kind === "known" ? verdict.value : "?";
}

/** What is said of the connection, by itself and among the ways of its workloads. */
function told(judge: MeshJudge): string {
  const text = ({ clientMode, serverMode, transport, authorization }: { readonly [Fact in keyof ConnectionVerdict]: Verdict<string> | ConnectionVerdict[Fact] }) => [clientMode, serverMode, transport, authorization].map((one) => value(one as Verdict<string>)).join(" ");
  const asked = text(judge.connection({ client: { namespace: "foo", name: "client" }, server: { namespace: "bar", name: "server" }, port: 80, via: { type: "service", host: serviceHost(HOST) } }));
  const paths = (["http", "tcp"] as const).flatMap((family) => judge.paths(workloadId("foo", "client"), workloadId("bar", "server"), serviceHost(HOST), family));
  for (const { verdict } of paths) expect(text(verdict as never)).toBe(asked);
  return paths.length === 0 ? `${asked}, no way` : asked;
}

function change(part: Partial<MeshChange>): (configuration: Configuration) => Configuration {
  return (configuration) => applyChange(configuration, { add: [], update: [], remove: [], ...part });
}

const add = (...objects: readonly MeshObject[]) => change({ add: objects });
const update = <T extends MeshObject>(one: T, to_: Partial<T>) => change({ update: [[one, { ...one, ...to_ }]] });
const MTLS = "AUTO_MTLS PERMISSIVE mTLS allow";
const PLAIN = "DR_DISABLE PERMISSIVE plaintext allow";
const PAST = "PASSTHROUGH PERMISSIVE plaintext allow";
/** without any AuthorizationPolicy all are allowed, whatever they send */
const UNKNOWN_SENT = "? PERMISSIVE ? allow";

const NO_WAY = "? ? ? ?, no way";

interface Row {
  readonly name: string;
  readonly with?: readonly MeshObject[];
  readonly was?: string;
  readonly changed: (configuration: Configuration) => Configuration;
  readonly is: string;
}

const rows: readonly Row[] = [
  { name: "a PeerAuthentication", changed: add(peerAuthentication("bar", "default", "DISABLE")), is: "AUTO_PLAINTEXT DISABLE plaintext allow" },
  { name: "its mode", with: [strict], was: "AUTO_MTLS STRICT mTLS allow", changed: update(strict, { mode: "PERMISSIVE" }), is: MTLS },
  { name: "its selector", with: [strict], was: "AUTO_MTLS STRICT mTLS allow", changed: update(strict, { selector: { app: "other" } }), is: MTLS },
  { name: "one that selects by the node", with: [strict], was: "AUTO_MTLS STRICT mTLS allow", changed: update(strict, { selector: { "topology.kubernetes.io/zone": "a" } }), is: "? ? ? allow" },
  { name: "the mesh's root namespace", with: [config, peerAuthentication("root", "default", "STRICT")], changed: update(config, { rootNamespace: "root" }), is: "AUTO_MTLS STRICT mTLS allow" },
  { name: "a DestinationRule", changed: add(disable("bar")), is: PLAIN },
  { name: "one of the client's namespace", changed: add(disable("foo")), is: PLAIN },
  { name: "one for a label that the client has", with: [pod("foo", "other", { proxy: "sidecar" })], changed: add(disable("foo", { workloadSelector: { app: "client" } })), is: PLAIN },
  { name: "one for a label that it has not", changed: add(disable("foo", { workloadSelector: { app: "other" } })), is: MTLS },
  { name: "its end", with: [disable("foo")], was: PLAIN, changed: (one) => ({ ...one, objects: { ...one.objects, DestinationRule: [] } }), is: MTLS },
  { name: "a Sidecar that imports less", with: [scope], changed: update(scope, { egress: egress("./*") }), is: PAST },
  { name: "a Sidecar that refuses what it does not know", with: [scope], changed: update(scope, { egress: egress("./*"), outboundTrafficPolicyMode: "REGISTRY_ONLY" }), is: "BLACKHOLE PERMISSIVE blocked allow" },
  { name: "what is done with what nobody knows", with: [config, sidecar("foo", "default", { egress: egress("./*") })], was: PAST, changed: update(config, { outboundTrafficPolicyMode: "REGISTRY_ONLY" }), is: "BLACKHOLE PERMISSIVE blocked allow" },
  { name: "auto mTLS", with: [config], changed: update(config, { enableAutoMtls: false }), is: "AUTO_PLAINTEXT PERMISSIVE plaintext allow" },
  { name: "an EnvoyFilter of the client's", changed: add(touching("foo")), is: UNKNOWN_SENT },
  { name: "an EnvoyFilter of the server's", changed: add(touching("bar")), is: "AUTO_MTLS ? ? allow" },
  { name: "an AuthorizationPolicy", changed: add(deny), is: "AUTO_MTLS PERMISSIVE mTLS deny" },
  { name: "its rules", with: [deny], was: "AUTO_MTLS PERMISSIVE mTLS deny", changed: update(deny, { rules: [authorizationRule({ from: [source({ namespaces: ["foo"] })] })] }), is: MTLS },
  { name: "its selector", with: [deny], was: "AUTO_MTLS PERMISSIVE mTLS deny", changed: update(deny, { selector: { app: "other" } }), is: MTLS },
  { name: "a VirtualService that chooses a subset", with: [destinationRule("bar", "subsets", HOST, { subsets: [{ name: "v1", labels: {}, trafficPolicy: trafficPolicy(tls("DISABLE")) }] })], changed: add(virtualService("bar", "route", { hosts: [HOST], http: to(HOST, "v1") })), is: PLAIN },
  { name: "a Service's export", changed: update(web, { annotations: { "networking.istio.io/exportTo": "." } }), is: PAST },
  { name: "a Service's port, which its slices do not have", changed: update(web, { ports: web.ports.map((port) => ({ ...port, name: "other" })) }), is: NO_WAY },
  { name: "a Service's namesake in the client's namespace", changed: add(serviceEntry("foo", "twin", HOST, { location: "MESH_EXTERNAL", endpoints: [{ address: at, ports: {}, labels: {}, serviceAccount: null, network: null }] })), is: "AUTO_PLAINTEXT PERMISSIVE plaintext allow" },
  { name: "who is behind the address that an EndpointSlice tells", changed: update(webSlice, { endpoints: [{ addresses: [at], ready: true, targetRef: null }] }), is: UNKNOWN_SENT },
  { name: "an EndpointSlice without endpoints", changed: update(webSlice, { endpoints: [] }), is: NO_WAY },
  { name: "the server's mark", changed: update(server, { labels: { app: "server" } }), is: "AUTO_PLAINTEXT PERMISSIVE plaintext allow" },
  { name: "the server's ports", with: [strict], was: "AUTO_MTLS STRICT mTLS allow", changed: update(server, { annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "8080" } }), is: "AUTO_MTLS UNCAPTURED blocked allow" },
  { name: "what the client lets past its proxy", changed: update(client, { annotations: { "traffic.sidecar.istio.io/excludeOutboundPorts": "80" } }), is: "BYPASS PERMISSIVE plaintext allow" },
  { name: "ranges that the client lets past its proxy", changed: update(client, { annotations: { "traffic.sidecar.istio.io/excludeOutboundIPRanges": "10.71.1.0/24" } }), is: "BYPASS PERMISSIVE plaintext allow" },
  { name: "a label of the client's that a rule selects", with: [disable("foo", { workloadSelector: { tier: "x" } })], changed: update(client, { labels: { ...client.labels, tier: "x" } }), is: PLAIN },
  { name: "the client's account", with: [authorizationPolicy("bar", "only", { rules: [authorizationRule({ from: [source({ principals: ["*/sa/client"] })] })] })], changed: update(client, { serviceAccountName: "other" }), is: "AUTO_MTLS PERMISSIVE mTLS deny" },
  { name: "the server's account, where a rule wants names", with: [destinationRule("foo", "names", HOST, { trafficPolicy: trafficPolicy(tls("ISTIO_MUTUAL", { subjectAltNames: ["spiffe://cluster.local/ns/bar/sa/server"] })) })], was: "DR_ISTIO_MUTUAL PERMISSIVE mTLS allow", changed: update(server, { serviceAccountName: "other" }), is: "DR_ISTIO_MUTUAL PERMISSIVE blocked allow" },
  { name: "the namespaces that istiod looks into", with: [discovering, foo, bar], changed: update(bar, { labels: {} }), is: PAST },
  { name: "whether it looks into few", with: [config, foo, namespace("bar")], changed: update(config, { discoverySelectors: discovering.discoverySelectors }), is: PAST },
  { name: "a policy in a namespace that it looks into", with: [discovering, foo, bar], changed: add(strict), is: "AUTO_MTLS STRICT mTLS allow" },
  { name: "a rule in a namespace that it looks into", with: [discovering, foo, bar], changed: add(disable("foo")), is: PLAIN },
  { name: "a Sidecar in a namespace that it looks into", with: [discovering, foo, bar], changed: add(sidecar("foo", "default", { egress: egress("./*") })), is: PAST },
  { name: "a Service in a namespace that it looks into", with: [discovering, foo, bar], changed: update(web, { annotations: { "networking.istio.io/exportTo": "." } }), is: PAST },
  { name: "an AuthorizationPolicy in a namespace that it looks into", with: [discovering, foo, bar], changed: add(deny), is: "AUTO_MTLS PERMISSIVE mTLS deny" },
  { name: "an EnvoyFilter in a namespace that it looks into", with: [discovering, foo, bar], changed: add(touching("foo")), is: UNKNOWN_SENT },
  { name: "an EndpointSlice in a namespace that it looks into", with: [discovering, foo, bar], changed: update(webSlice, { endpoints: [{ addresses: [at], ready: true, targetRef: null }] }), is: UNKNOWN_SENT },
  { name: "the client's revision", with: [controlPlane({ name: "istiod-canary", revision: "canary" }), meshConfig({ name: "istio-canary", revision: "canary", enableAutoMtls: false }), config, istiod], changed: update(client, { labels: { ...client.labels, "istio.io/rev": "canary" } }), is: "AUTO_PLAINTEXT PERMISSIVE plaintext allow" },
  { name: "the revision of the client's namespace", with: [controlPlane({ name: "istiod-canary", revision: "canary" }), meshConfig({ name: "istio-canary", revision: "canary", enableAutoMtls: false }), config, istiod, foo], changed: update(foo, { labels: { "istio.io/rev": "canary" } }), is: "AUTO_PLAINTEXT PERMISSIVE plaintext allow" },
  { name: "knowledge of rules that is lost", changed: (one) => ({ ...one, unread: [unread("DestinationRule", { namespace: "foo" })] }), is: UNKNOWN_SENT },
  { name: "knowledge of policies that is lost", changed: (one) => ({ ...one, unread: [unread("PeerAuthentication", { namespace: "bar" })] }), is: "? ? ? allow" },
  { name: "another cluster domain", changed: (one) => ({ ...one, clusterDomain: "cluster.example" }), is: NO_WAY },
];

describe("an answer changes with", () => {
  it.each(rows)("$name", ({ with: more = [], was = MTLS, changed, is }) => {
    const before = mesh([...BASE, ...more]);
    const judge = judgeMesh(before);
    expect(told(judge)).toBe(was);
    const after = changed(before);
    expect(told(judgeMesh(after, judge))).toBe(is);
    expect(told(judgeMesh(after))).toBe(is);
  });

  it("and changes back with it", () => {
    for (const { with: more = [], was = MTLS, changed } of rows) {
      const before = mesh([...BASE, ...more]);
      const judge = judgeMesh(before);
      told(judge);
      const there = judgeMesh(changed(before), judge);
      told(there);
      expect(told(judgeMesh(before, there))).toBe(was);
    }
  });
});

describe("the ports of a server change with", () => {
  const ports = (judge: MeshJudge) => judge.ports({ namespace: "bar", name: "server" }).map(({ targetPort, protocol }) => `${targetPort} ${protocol}`);

  it.each<[string, readonly MeshObject[], (configuration: Configuration) => Configuration, readonly string[]]>([
    ["a Service's port", [], update(web, { ports: web.ports.map((port) => ({ ...port, name: "tcp", targetPort: 9000 })) }), ["9000 TCP"]],
    ["another Service", [], add(service("bar", "more", { selector: { app: "server" }, ports: [{ port: 81, name: "tcp", targetPort: 9000 }] })), ["8080 HTTP", "9000 TCP"]],
    ["a Service's selector", [], update(web, { selector: { app: "other" } }), []],
    ["an entry that selects it", [], add(serviceEntry("bar", "entry", "entry.example", { workloadSelector: { app: "server" }, ports: [{ number: 81, name: "tcp", protocol: "TCP", targetPort: 9000 }] })), ["8080 HTTP", "9000 TCP"]],
    ["an entry that names its address", [], add(serviceEntry("bar", "entry", "entry.example", { endpoints: [{ address: at, ports: {}, labels: {}, serviceAccount: null, network: null }], ports: [{ number: 81, name: "tcp", protocol: "TCP", targetPort: 9000 }] })), ["8080 HTTP", "9000 TCP"]],
    ["a listener of its Sidecar", [], add(listening), ["9090 HTTP"]],
    ["the end of that", [listening], change({ remove: [listening] }), ["8080 HTTP"]],
    ["its own label", [], update(server, { labels: { app: "other" } }), []],
    ["a policy for a port", [], add(peerAuthentication("bar", "port", "STRICT", { selector: { app: "server" }, portLevelMtls: { 9001: "DISABLE" } })), ["8080 HTTP", "9001 AUTO"]],
  ])("%s", (_name, more, changed, is) => {
    const before = mesh([...BASE, ...more]);
    const judge = judgeMesh(before);
    expect(ports(judge)).toEqual(more.length === 0 ? ["8080 HTTP"] : ["9090 HTTP"]);
    const after = changed(before);
    expect(ports(judgeMesh(after, judge))).toEqual(is);
    expect(ports(judgeMesh(after))).toEqual(is);
  });
});

describe("a way changes with what stands behind a name", () => {
  const via = { type: "service", host: serviceHost("alias.foo.svc.cluster.local") } as const;
  const alias = (externalName: string) => service("foo", "alias", { type: "ExternalName", externalName, selector: {}, clusterIPs: [], ports: [] });
  const ask = (judge: MeshJudge) => value(judge.connection({ client: { namespace: "foo", name: "client" }, server: { namespace: "bar", name: "server" }, port: 80, via }).clientMode);

  it("an alias", () => {
    const one = alias(HOST);
    const before = mesh([...BASE, one]);
    const judge = judgeMesh(before);
    expect(ask(judge)).toBe("AUTO_MTLS");
    expect(ask(judgeMesh(update(one, { externalName: "nobody.example" })(before), judge))).toBe("?");
  });

  it("a machine, and a gateway's Gateway", () => {
    const machine = workloadEntry("bar", "machine", { address: "10.71.0.9", serviceAccount: "machine", workloadLabels: { app: "server" } });
    const gate = gateway("bar", "gate", { selector: { app: "edge" }, servers: [{ port: 8080, protocol: "HTTP", hosts: ["*"], tlsMode: null }] });
    const before = mesh([...BASE, machine, pod("bar", "edge", { proxy: "gateway" }), service("bar", "edge"), gate]);
    const judge = judgeMesh(before);
    const sent = (one: MeshJudge, name: string, host: string) => {
      const { clientMode, transport } = one.connection({ client: { namespace: "foo", name: "client" }, server: { namespace: "bar", name }, port: 80, via: { type: "service", host: serviceHost(host) } });
      return `${value(clientMode)} ${value(transport)}`;
    };
    expect(sent(judge, "machine", HOST)).toBe("AUTO_MTLS mTLS");
    expect(sent(judgeMesh(update(machine, { serviceAccount: null })(before), judge), "machine", HOST)).toBe("AUTO_PLAINTEXT plaintext");
    expect(sent(judge, "edge", "edge.bar.svc.cluster.local")).toBe("AUTO_PLAINTEXT plaintext");
    expect(sent(judgeMesh(change({ remove: [gate] })(before), judge), "edge", "edge.bar.svc.cluster.local")).toBe("AUTO_PLAINTEXT blocked");
  });
});

describe("who is asked about and is not there", () => {
  const judge = judgeMesh(mesh(BASE));
  const ask = (from: string, name: string) => judge.connection({ client: { namespace: "foo", name: from }, server: { namespace: "bar", name }, port: 80, via: { type: "service", host: serviceHost(HOST) } });
  const nobody = (name: string) => ({ kind: "unknown", gaps: [{ wanted: `workload instance \`${name}\``, because: "no Pod or WorkloadEntry of that name exists" }] });

  it("is what is missing", () => {
    expect(ask("gone", "server")).toEqual({ clientMode: nobody("foo/gone"), serverMode: nobody("foo/gone"), transport: nobody("foo/gone"), authorization: nobody("foo/gone") });
    expect(ask("client", "gone")).toEqual({ clientMode: nobody("bar/gone"), serverMode: nobody("bar/gone"), transport: nobody("bar/gone"), authorization: nobody("bar/gone") });
    expect(ask("gone", "gone")).toMatchObject({ clientMode: nobody("foo/gone"), serverMode: nobody("foo/gone") });
    expect(judge.serverMode({ namespace: "bar", name: "gone" }, 80)).toEqual(nobody("bar/gone"));
    expect(judge.ports({ namespace: "bar", name: "gone" })).toEqual([]);
    expect(judge.workloadPorts(workloadId("bar", "gone"))).toEqual([]);
    expect(judge.paths(workloadId("foo", "gone"), workloadId("bar", "server"), serviceHost(HOST), "http")).toEqual([]);
    expect(judge.paths(workloadId("foo", "client"), workloadId("bar", "gone"), serviceHost(HOST), "http")).toEqual([]);
  });

  it("may be among what was not read", () => {
    const lacking = judgeMesh(mesh(BASE, { unread: [unread("Pod", { namespace: "bar" }), unread("WorkloadEntry", { namespace: "bar" })] }));
    expect(lacking.serverMode({ namespace: "bar", name: "gone" }, 80)).toEqual({ kind: "unknown", gaps: [{ wanted: "`Pod` objects in namespace `bar`", because: "forbidden" }, { wanted: "`WorkloadEntry` objects in namespace `bar`", because: "forbidden" }] });
  });
});
