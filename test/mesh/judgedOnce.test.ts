import { describe, expect, it } from "vitest";
import type { ConnectionAnswer, MeshObject, UnreadObject } from "#mesh";
import { judgeMesh, serviceHost, workloadId } from "#mesh";
import {
  ambientControlPlane, authorizationPolicy, authorizationRule, destinationRule, egress, envoyFilter, gateway, mesh, meshConfig, peerAuthentication, pod, service, serviceEntry, sidecar, slice, source, tls, trafficPolicy, unread, virtualService,
  type PodOptions, type ServiceOptions,
} from "../support/mesh.ts";

// Known answers are one object wherever they are equal. One that is unknown is put together for each judgement: where two clients, or two servers,
// are given the very same object, they were judged once.

const host = (name: string, ns = "bar") => `${name}.${ns}.svc.cluster.local`;

interface Dial {
  readonly client: string;
  readonly host: string;
  readonly server: string;
}

function answerOf(judge: ReturnType<typeof judgeMesh>, dial: Dial): ConnectionAnswer {
  const id = (text: string) => workloadId(text.split("/")[0] ?? "", text.split("/")[1] ?? "");
  const [path] = judge.paths(id(dial.client), id(dial.server), serviceHost(dial.host), "http");
  if (path === undefined) throw new Error(`${dial.client} has no way to ${dial.host}`);
  return path.verdict;
}

/** Whether two dials are given one answer, whichever is asked about first. */
function isOne(objects: readonly MeshObject[], [one, other]: readonly [Dial, Dial], options: { readonly unread?: readonly UnreadObject[] } = {}): boolean {
  const orders = [[one, other], [other, one]].map((dials) => {
    const judge = judgeMesh(mesh(objects, options));
    const [first, second] = dials.map((dial) => answerOf(judge, dial));
    expect(first?.clientMode.kind === "known" && first.transport.kind === "known", "the answer is unknown").toBe(false);
    return first === second;
  });
  expect(orders[0]).toBe(orders[1]);
  return orders[0] === true;
}

describe("clients that send alike are judged once:", () => {
  const HOST = host("server");
  const DISABLE = { trafficPolicy: trafficPolicy(tls("DISABLE")) };
  /** what the server accepts nobody knows, since Istio does not know the mode */
  const server = [pod("bar", "server", { proxy: "sidecar" }), peerAuthentication("bar", "default", "LAX")];
  const near = (name: string, options: PodOptions = {}) => pod("foo", name, { proxy: "sidecar", ...options });
  const distant = (options: PodOptions = {}, ns = "qux") => pod(ns, "c", { proxy: "sidecar", ...options });
  const [A, B, C] = ["foo/a", "foo/b", "qux/c"].map((client): Dial => ({ client, host: HOST, server: "bar/server" })) as [Dial, Dial, Dial];
  const web = (options: ServiceOptions = {}) => service("bar", "server", options);
  const exported = (to: string) => web({ annotations: { "networking.istio.io/exportTo": to } });

  interface Row {
    readonly name: string;
    readonly a?: PodOptions;
    readonly other: MeshObject;
    readonly objects?: readonly MeshObject[];
    readonly service?: readonly MeshObject[];
    readonly once: boolean;
  }

  it.each<Row>([
    { name: "two workloads of a namespace", other: near("b"), once: true },
    { name: "workloads of two namespaces", other: distant(), once: true },
    { name: "where the Service says that it is for all", other: distant(), service: [exported("*")], once: true },
    { name: "by one rule that is for all", other: distant(), objects: [destinationRule("bar", "server", HOST, { ...DISABLE, exportTo: ["*"] })], once: true },
    { name: "by a rule of the root namespace", other: distant(), objects: [destinationRule("istio-system", "server", HOST, DISABLE)], once: true },
    { name: "whatever rules a namespace has for other hosts", other: distant(), objects: [destinationRule("qux", "other", host("other"), DISABLE)], once: true },
    { name: "whatever is routed under other names", other: distant(), objects: [virtualService("qux", "other", { hosts: [host("other")], http: [{ conditional: false, destinations: [{ host: HOST, subset: null, port: null }] }] })], once: true },
    { name: "where the Sidecar of one imports the Service", other: distant(), objects: [sidecar("qux", "default", { egress: egress("bar/*") })], once: true },
    { name: "whatever EnvoyFilters are elsewhere", other: distant(), objects: [envoyFilter("bar", "raw")], once: true },
    { name: "of which none has a label that a rule selects", other: near("b"), objects: [destinationRule("foo", "own", HOST, { ...DISABLE, workloadSelector: { version: "v2" } })], once: true },
    { name: "of which both have it", a: { labels: { version: "v2" } }, other: near("b", { labels: { version: "v2" } }), objects: [destinationRule("foo", "own", HOST, { ...DISABLE, workloadSelector: { version: "v2" } })], once: true },
    { name: "with the same configuration of their proxies", a: { annotations: { "proxy.istio.io/config": "x: y" } }, other: distant({ annotations: { "proxy.istio.io/config": "x: y" } }), once: true },
    { name: "of the same network", a: { labels: { "topology.istio.io/network": "one" } }, other: distant({ labels: { "topology.istio.io/network": "one" } }), once: true },
    { name: "in ambient", a: { proxy: "ambient" }, other: distant({ proxy: "ambient" }), objects: [ambientControlPlane()], once: true },
    { name: "in ambient, whatever network or rules they are of", a: { proxy: "ambient" }, other: distant({ proxy: "ambient", labels: { "topology.istio.io/network": "one" } }), objects: [ambientControlPlane(), destinationRule("qux", "own", HOST, DISABLE)], once: true },
    { name: "without a proxy, whatever hides the Service", a: { containers: [] }, other: pod("qux", "c"), service: [exported(".")], once: true },
    { name: "gateways of two namespaces", a: { proxy: "gateway" }, other: distant({ proxy: "gateway" }), once: true },
    { name: "but not a sidecar with a gateway", other: near("b", { proxy: "gateway" }), once: false },
    { name: "but not where their namespaces are told apart by whom the Service is exported to", other: distant(), service: [exported("foo,qux")], once: false },
    { name: "but in one namespace also of a Service that is not for all", other: near("b"), service: [exported("foo,qux")], once: true },
    { name: "but not where another host has the name", other: distant(), objects: [serviceEntry("bar", "twin", HOST)], once: false },
    { name: "but not where a VirtualService has the host", other: distant(), objects: [virtualService("qux", "route", { hosts: [HOST], tcp: [{ conditional: false, destinations: [{ host: HOST, subset: null, port: null }] }] })], once: false },
    { name: "but not where a VirtualService has all hosts of a domain", other: distant(), objects: [virtualService("qux", "route", { hosts: ["*.bar.svc.cluster.local"], tcp: [{ conditional: false, destinations: [{ host: HOST, subset: null, port: null }] }] })], once: false },
    { name: "whatever hosts of other domains a VirtualService has", other: distant(), objects: [virtualService("qux", "route", { hosts: ["*.qux.svc.cluster.local", "server.bar.svc.cluster.local.example"], tcp: [{ conditional: false, destinations: [{ host: HOST, subset: null, port: null }] }] })], once: true },
    { name: "but not by a rule for some", other: distant(), objects: [destinationRule("bar", "server", HOST, { ...DISABLE, exportTo: ["foo", "qux"] })], once: false },
    { name: "but not where one namespace has a rule of its own", other: distant(), objects: [destinationRule("qux", "own", HOST, DISABLE)], once: false },
    { name: "but not where the Sidecar of one imports less", other: distant(), objects: [sidecar("qux", "default", { egress: egress("./*") })], once: false },
    { name: "but not where an EnvoyFilter is for one namespace", other: distant(), objects: [envoyFilter("qux", "raw")], once: false },
    { name: "but not with one of the root namespace", other: distant({}, "istio-system"), once: false },
    { name: "but not where only one has a label that a rule selects", other: near("b", { labels: { version: "v2" } }), objects: [destinationRule("foo", "own", HOST, { ...DISABLE, workloadSelector: { version: "v2" } })], once: false },
    { name: "but not where only one has a label that an EnvoyFilter selects", other: near("b", { labels: { version: "v2" } }), objects: [envoyFilter("foo", "raw", { workloadSelector: { version: "v2" } })], once: false },
    { name: "but not where only one has a label that a Sidecar selects", other: near("b", { labels: { version: "v2" } }), objects: [sidecar("foo", "own", { workloadSelector: { version: "v2" }, egress: egress("bar/*") })], once: false },
    { name: "of the Service's own namespace, which goes by the rule for all", other: distant({}, "bar"), objects: [destinationRule("bar", "server", HOST, DISABLE)], once: true },
    { name: "but not of the Service's own namespace, which has a rule for itself", other: distant({}, "bar"), objects: [destinationRule("bar", "server", HOST, { ...DISABLE, exportTo: ["."] })], once: false },
    { name: "but not of the Service's own namespace, which has a rule for some of it beside the one for all", other: distant({}, "bar"), objects: [destinationRule("bar", "server", HOST, DISABLE), destinationRule("bar", "some", HOST, { ...DISABLE, workloadSelector: { version: "v2" } })], once: false },
    { name: "but not where a namespace has the very rule that all would read, were it theirs", other: distant(), objects: [destinationRule("bar", "server", HOST, DISABLE), destinationRule("qux", "server", HOST, DISABLE)], once: false },
    { name: "but not where the configuration of one proxy is another", other: near("b", { annotations: { "proxy.istio.io/config": "x: y" } }), once: false },
    { name: "but not of another network", other: near("b", { labels: { "topology.istio.io/network": "one" } }), once: false },
    { name: "but not where one lets addresses past its proxy", other: near("b", { annotations: { "traffic.sidecar.istio.io/excludeOutboundIPRanges": "10.250.0.0/16" } }), once: false },
    { name: "but not where nothing of one is intercepted", other: near("b", { annotations: { "sidecar.istio.io/interceptionMode": "NONE" } }), once: false },
  ])("$name", ({ a = {}, other, objects = [], service: of = [web()], once }) => {
    expect(isOne([near("a", a), other, ...server, ...of, ...objects], [A, { ...A, client: `${other.namespace}/${other.name}` }])).toBe(once);
  });

  it("not across namespaces where the mesh exports to the own namespace only", () => {
    const own = meshConfig({ defaultServiceExportTo: ["."] });
    expect(isOne([near("a"), distant(), ...server, web(), own], [A, C])).toBe(false);
    expect(isOne([near("a"), distant(), ...server, exported("*"), own], [A, C])).toBe(true);
  });

  it("not across namespaces where something was not read: gaps name what they are about", () => {
    const objects = [near("a"), near("b"), distant(), ...server, web()];
    const lacking = { unread: [unread("EnvoyFilter", { namespace: "qux" })] };
    expect(isOne(objects, [A, C], lacking)).toBe(false);
    expect(isOne(objects, [A, B], lacking)).toBe(true);
  });

  it("not across namespaces by an alias, of which each may mean another", () => {
    const alias = service("foo", "alias", { type: "ExternalName", externalName: HOST, selector: {}, clusterIPs: [], ports: [] });
    const [a, b, c] = [A, B, C].map((dial) => ({ ...dial, host: host("alias", "foo") })) as [Dial, Dial, Dial];
    const objects = [near("a"), near("b"), distant(), ...server, web(), alias];
    expect(isOne(objects, [a, c])).toBe(false);
    expect(isOne(objects, [a, b])).toBe(true);
    expect(isOne(objects, [A, C])).toBe(true);
  });

  it("not across namespaces of a headless Service, whose addresses others may have", () => {
    expect(isOne([near("a"), distant(), ...server, web({ clusterIPs: ["None"] })], [A, C])).toBe(false);
  });

  it("not across namespaces where an endpoint is another namespace's, whose policies not every client knows", () => {
    const far = pod("baz", "far", { proxy: "sidecar" });
    const over = service("bar", "over", { selector: {} });
    const told = { ...slice(over, [far]), ports: [{ name: "http", port: 8080, protocol: "TCP", appProtocol: null }] };
    const dials = [A, C].map((dial) => ({ ...dial, host: host("over"), server: "baz/far" })) as [Dial, Dial];
    expect(isOne([near("a"), distant(), far, over, told, peerAuthentication("baz", "default", "LAX")], dials)).toBe(false);
  });

  it("not across namespaces where one of its slices tells of another namespace's pod", () => {
    const far = pod("baz", "far", { proxy: "sidecar" });
    const [of, own] = [web(), pod("bar", "server", { proxy: "sidecar" })];
    const slices = [slice(of, [own]), { ...slice(of, [far]), name: "server-2" }];
    const objects = [near("a"), distant(), own, far, of, peerAuthentication("bar", "default", "LAX")];
    expect(isOne([...objects, ...slices], [A, C])).toBe(false);
    expect(isOne([...objects, ...slices.slice(0, 1)], [A, C])).toBe(true);
  });

  it("of an entry for all with endpoints of its own", () => {
    const entry = serviceEntry("bar", "entry", "entry.example", { workloadSelector: { app: "server" } });
    const dials = [A, C].map((dial) => ({ ...dial, host: "entry.example" })) as [Dial, Dial];
    expect(isOne([near("a"), distant(), ...server, entry], dials)).toBe(true);
  });
});

describe("servers that are alike are judged once for a client:", () => {
  /** what it sends nobody knows, since its certificates are files */
  const client = pod("foo", "client", { proxy: "sidecar", annotations: { "proxy.istio.io/config": "TLS_CLIENT_CERT_CHAIN: x" } });
  const served = (name: string, options: PodOptions = {}, of: ServiceOptions = {}, ns = "bar") => [pod(ns, name, { proxy: "sidecar", serviceAccountName: name, ...options }), service(ns, name, of)];
  const [one, two] = ["one", "two"].map((name): Dial => ({ client: "foo/client", host: host(name), server: `bar/${name}` })) as [Dial, Dial];
  const mutual = (name: string, options: Parameters<typeof tls>[1] = {}) => destinationRule("bar", name, host(name), { trafficPolicy: trafficPolicy(tls("ISTIO_MUTUAL", options)) });
  const only = (name: string) => authorizationPolicy("bar", name, { selector: { app: name }, rules: [authorizationRule({ from: [source({ namespaces: ["foo"] })] })] });

  interface Row {
    readonly name: string;
    readonly second?: readonly MeshObject[];
    readonly objects?: readonly MeshObject[];
    readonly dial?: Dial;
    readonly once: boolean;
  }

  it.each<Row>([
    { name: "whatever they are called", once: true },
    { name: "on whichever port", second: served("two", {}, { ports: [{ port: 90, name: "http", targetPort: 9090 }] }), once: true },
    { name: "in two namespaces that say the same", second: served("two", {}, {}, "baz"), dial: { ...two, host: host("two", "baz"), server: "baz/two" }, once: true },
    { name: "of one mode, whoever says it", objects: [peerAuthentication("bar", "two", "PERMISSIVE", { selector: { app: "two" } })], once: true },
    { name: "of one rule each, that say the same", objects: [mutual("one"), mutual("two")], once: true },
    { name: "where other servers have AuthorizationPolicies", objects: [authorizationPolicy("baz", "none")], once: true },
    { name: "as a Service and as an entry", second: [pod("bar", "two", { proxy: "sidecar" }), serviceEntry("bar", "two", host("two"), { workloadSelector: { app: "two" } })], once: true },
    { name: "but not of two modes", objects: [peerAuthentication("bar", "two", "STRICT", { selector: { app: "two" } })], once: false },
    { name: "but not where one has a rule", objects: [mutual("two")], once: false },
    { name: "but not where a rule wants names", objects: [mutual("one", { subjectAltNames: ["x"] }), mutual("two", { subjectAltNames: ["x"] })], once: false },
    { name: "but not of two networks", second: served("two", { labels: { "topology.istio.io/network": "one" } }), once: false },
    { name: "but not where one ends tunnels", second: served("two", { labels: { "networking.istio.io/tunnel": "http" } }), once: false },
    { name: "but not where one is not marked", second: served("two", { labels: { "security.istio.io/tlsMode": "disabled" } }), once: false },
    { name: "but not with one that has a VirtualService", objects: [virtualService("bar", "two", { hosts: [host("two")], http: [{ conditional: false, destinations: [{ host: host("two"), subset: null, port: null }] }] })], once: false },
    { name: "but not with one that is not for all", second: served("two", {}, { annotations: { "networking.istio.io/exportTo": "foo" } }), once: false },
    { name: "but not with one that is headless", second: served("two", {}, { clusterIPs: ["None"] }), once: false },
    { name: "but not with one that an AuthorizationPolicy is for", objects: [only("two")], once: false },
  ])("$name", ({ second = served("two"), objects = [], dial = two, once }) => {
    expect(isOne([client, ...served("one"), ...second, ...objects], [one, dial])).toBe(once);
  });

  it.each<[string, readonly MeshObject[], Dial?, Dial?]>([
    ["where a name stands for one of them", [...served("one"), ...served("two"), service("foo", "alias", { type: "ExternalName", externalName: host("two"), selector: {}, clusterIPs: [], ports: [] })], one, { ...two, host: host("alias", "foo") }],
    ["where rules leave endpoints to the client", ["one", "two"].flatMap((name) => [...served(name), destinationRule("bar", name, host(name), { trafficPolicy: trafficPolicy(tls("ISTIO_MUTUAL"), { loadBalancerSimple: "PASSTHROUGH" }) })])],
    ["where they are not for all", ["one", "two"].flatMap((name) => served(name, {}, { annotations: { "networking.istio.io/exportTo": "foo" } }))],
    ["where they are headless", ["one", "two"].flatMap((name) => served(name, {}, { clusterIPs: ["None"] }))],
    ["where entries leave endpoints to the client", ["one", "two"].flatMap((name) => [pod("bar", name, { proxy: "sidecar" }), serviceEntry("bar", name, host(name), { resolution: "NONE", workloadSelector: { app: name } })])],
    ["where there are several rules for each", ["one", "two"].flatMap((name) => [...served(name), mutual(name), destinationRule("bar", `${name}-some`, host(name), { exportTo: ["foo", "*"], subsets: [{ name: "v1", labels: {}, trafficPolicy: null }] })])],
    ["where rules want a mode that Istio does not know", ["one", "two"].flatMap((name) => [...served(name), destinationRule("bar", name, host(name), { trafficPolicy: trafficPolicy(tls("ODD")) })])],
    ["where their namespace has a mode that Istio does not know", [...["one", "two"].flatMap((name) => [...served(name), peerAuthentication("bar", name, "STRICT", { selector: { app: name } })]), peerAuthentication("bar", "default", "LAX")]],
    ["that are waypoints", ["one", "two"].flatMap((name) => served(name, { proxy: "waypoint" }))],
  ])("but not %s", (_name, objects, first = one, second = two) => {
    expect(isOne([client, ...objects], [first, second])).toBe(false);
  });

  it("names that DNS resolves", () => {
    const resolved = (name: string) => [pod("bar", name, { proxy: "sidecar" }), serviceEntry("bar", name, host(name), { resolution: "DNS", workloadSelector: { app: name } })];
    expect(isOne([client, ...resolved("one"), ...resolved("two")], [one, two])).toBe(true);
    expect(isOne([client, ...resolved("one"), ...served("two")], [one, two])).toBe(false);
  });

  it("but not where each of them may be what istiod knows of an address", () => {
    const unreferenced = (name: string, n: number) => {
      const [server, of] = [pod("bar", name, { proxy: "sidecar", ips: [`10.62.0.${n}`], serviceAccountName: "" }), service("bar", name)];
      return [server, of, { ...slice(of, [server]), endpoints: [{ addresses: [`10.62.0.${n}`], ready: true, targetRef: null }] }];
    };
    expect(isOne([client, ...unreferenced("one", 1), ...unreferenced("two", 2)], [one, two])).toBe(false);
  });

  it("where a waypoint is for neither; but not where it is for both", () => {
    const way: MeshObject = { kind: "KubernetesGateway", namespace: "bar", name: "way", labels: {}, annotations: {}, createdAtMs: null, gatewayClassName: "istio-waypoint", listeners: [{ name: "mesh", port: 15_008, protocol: "HBONE", tlsMode: null }] };
    const all = (labels: Readonly<Record<string, string>>) => [ambientControlPlane(), client, way, pod("bar", "way", { proxy: "waypoint", labels: { "gateway.networking.k8s.io/gateway-name": "way" } }), ...["one", "two"].flatMap((name) => served(name, {}, { labels }))];
    expect(isOne(all({}), [one, two])).toBe(true);
    expect(isOne(all({ "istio.io/use-waypoint": "way" }), [one, two])).toBe(false);
  });

  it("not where something was not read", () => {
    expect(isOne([client, ...served("one"), ...served("two")], [one, two], { unread: [unread("Sidecar", { namespace: "qux" })] })).toBe(false);
  });

  it("not where an entry tells of an endpoint as another thing than it is", () => {
    const address = "10.60.0.1";
    const inline = (serviceAccount: string | null) => serviceEntry("bar", "two", host("two"), { endpoints: [{ address, ports: {}, labels: { "security.istio.io/tlsMode": "istio" }, serviceAccount, network: null }] });
    const server = pod("bar", "two", { proxy: "sidecar", ips: [address] });
    expect(isOne([client, ...served("one"), server, inline("other")], [one, two])).toBe(false);
    expect(isOne([client, ...served("one"), server, inline(null)], [one, two])).toBe(false);
  });

  it("not where a gateway's Gateway decides", () => {
    const gates = ["one", "two"].flatMap((name) => [...served(name, { proxy: "gateway" }), gateway("bar", name, { selector: { app: name }, servers: [{ port: 8080, protocol: "HTTP", hosts: ["*"], tlsMode: null }] })]);
    expect(isOne([client, ...gates], [one, two])).toBe(false);
  });
});

describe("equal answers", () => {
  const clients = [pod("foo", "a", { proxy: "sidecar" }), pod("qux", "c", { proxy: "sidecar" })];
  const servers = ["one", "two"].flatMap((name) => [pod("bar", name, { proxy: "sidecar" }), service("bar", name), peerAuthentication("bar", name, name === "one" ? "STRICT" : null, { selector: { app: name } })]);
  const judge = judgeMesh(mesh([...clients, ...servers, peerAuthentication("bar", "default", "STRICT")]));

  it("are one object, whatever they rest on", () => {
    const dials = clients.flatMap(({ namespace: ns, name }) => ["one", "two"].map((server): Dial => ({ client: `${ns}/${name}`, host: host(server), server: `bar/${server}` })));
    const answers = dials.map((dial) => answerOf(judge, dial));
    expect(answers[0]?.transport).toEqual({ kind: "known", value: "mTLS" });
    expect(new Set(answers).size).toBe(1);
  });
});
