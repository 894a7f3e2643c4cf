import { describe, expect, it } from "vitest";
import type { Configuration, Edge, EndpointSlice, MeshChange, MeshObject, MeshSnapshot, MeshVerdicts, Telemetry, TelemetryRow } from "#mesh";
import { applyChange, evaluateMesh, judgeMesh } from "#mesh";
import {
  authorizationPolicy, controlPlane, destinationRule, egress, envoyFilter, gateway, mesh, meshConfig, namespace, peerAuthentication, pod, second, service, serviceEntry, sidecar, slice, tls, trafficPolicy, unread, virtualService, workloadEntry,
} from "../support/mesh.ts";
import { clientRow, NOBODY, refusal, WINDOW_START_MS } from "../support/telemetry.ts";

// A change makes those edges anew that it can alter: they are other objects, and the others are the very ones that were.

const at = (n: number) => `10.6.0.${n}`;
const host = (name: string, ns: string) => `${name}.${ns}.svc.cluster.local`;
const SHOP = host("shop", "bar");

const cart = pod("foo", "cart", { proxy: "sidecar", ips: [at(1)] });
const shop = pod("bar", "shop", { proxy: "sidecar", ips: [at(2)] });
const stock = pod("bar", "stock", { proxy: "sidecar", ips: [at(3)] });
const data = pod("bar", "data", { proxy: "sidecar", ips: [at(4)] });
const post = pod("baz", "post", { proxy: "sidecar", ips: [at(6)] });
const box = pod("qux", "box", { proxy: "sidecar", ips: [at(7)] });
const machine = workloadEntry("bar", "machine", { address: at(8), serviceAccount: "machine" });
const pods = [cart, shop, stock, data, pod("baz", "mail", { proxy: "sidecar", ips: [at(5)] }), post, box];

const shopService = service("bar", "shop");
const stockService = service("bar", "stock");
const postService = service("baz", "post");
/** Its endpoint is told of by address alone, and is another namespace's. */
const far = service("bar", "far", { selector: {} });
const farSlice: EndpointSlice = { ...slice(far, []), ports: [{ name: "http", port: 8080, protocol: "TCP", appProtocol: null }], endpoints: [{ addresses: [at(7)], ready: true, targetRef: null }] };
const stockSlice = slice(stockService, [stock]);
const postSlice = slice(postService, [post]);
const tcp = [{ port: 5432, name: "tcp", targetPort: 5432 }];
const services = [
  shopService, stockService, postService, far, farSlice, stockSlice, postSlice,
  service("bar", "heads", { clusterIPs: ["None"], selector: { app: "data" }, ports: tcp }), service("bar", "database", { selector: { app: "data" }, ports: tcp }),
  service("foo", "front", { type: "ExternalName", externalName: SHOP, selector: {}, clusterIPs: [], ports: [] }), service("foo", "route"),
  serviceEntry("bar", "machines", "machines.example", { workloadSelector: { app: "machine" } }), serviceEntry("baz", "boxes", "boxes.example", { endpoints: [{ address: at(7), ports: {}, labels: {}, serviceAccount: null, network: null }] }),
];

const route = virtualService("foo", "route", { hosts: ["route"], http: [{ conditional: false, destinations: [{ host: SHOP, subset: null, port: null }] }] });
const RANDOM = { trafficPolicy: trafficPolicy(null, { loadBalancerSimple: "RANDOM" }) };
const DISABLE = { trafficPolicy: trafficPolicy(tls("DISABLE")) };
const rule = destinationRule("bar", "shop", SHOP, { trafficPolicy: trafficPolicy(tls("ISTIO_MUTUAL")) });
const others = ["one.example", "two.example"].map((name) => destinationRule("qux", name, name, RANDOM));
const general = peerAuthentication("bar", "default", "PERMISSIVE");
const chosen = peerAuthentication("bar", "stock", "STRICT", { selector: { app: "stock" } });
const foreign = peerAuthentication("qux", "default", "PERMISSIVE");
const config = meshConfig();
const istiod = controlPlane();
const bar = namespace("bar");

const OBJECTS: readonly MeshObject[] = [...pods, machine, ...services, route, rule, ...others, general, chosen, foreign, config, istiod, ...["foo", "baz", "qux"].map((name) => namespace(name)), bar];

const peer = (id: string) => {
  const [ns = "", workload = ""] = id.split("/");
  return { namespace: ns, workload, principal: `spiffe://cluster.local/ns/${ns}/sa/${workload}` };
};

function called(client: string, server: string, serviceHost: string | null, family: "http" | "tcp" = "http"): TelemetryRow {
  return clientRow({ client: peer(client), server: { ...peer(server), principal: null }, serviceHost, serviceName: serviceHost ?? "PassthroughCluster", family });
}

/** Every edge of this mesh, by the name that is used for it below. */
const EDGES: Readonly<Record<string, TelemetryRow>> = {
  "cart calls shop": called("foo/cart", "bar/shop", SHOP),
  "mail calls shop": called("baz/mail", "bar/shop", SHOP),
  "cart calls shop by its alias": called("foo/cart", "bar/shop", host("front", "foo")),
  "cart calls shop by a route": called("foo/cart", "bar/shop", host("route", "foo")),
  "cart calls stock": called("foo/cart", "bar/stock", host("stock", "bar")),
  "cart calls data, headless": called("foo/cart", "bar/data", host("heads", "bar"), "tcp"),
  "cart calls data": called("foo/cart", "bar/data", host("database", "bar"), "tcp"),
  "cart calls a machine": called("foo/cart", "bar/machine", "machines.example"),
  "cart calls box by its address's name": called("foo/cart", "qux/box", "boxes.example"),
  "cart calls box by a Service elsewhere": called("foo/cart", "qux/box", host("far", "bar")),
  "mail calls post": called("baz/mail", "baz/post", host("post", "baz")),
};
const NAMES = Object.keys(EDGES);
const ALL = [...NAMES].sort();
const TO_SHOP = ["cart calls shop", "mail calls shop", "cart calls shop by its alias", "cart calls shop by a route"];
const BY_NAME_TO_BAR = [...TO_SHOP, "cart calls stock", "cart calls data, headless", "cart calls data", "cart calls a machine", "cart calls box by a Service elsewhere"];
const TO_BAR = BY_NAME_TO_BAR.slice(0, -1);
const BY_CART = NAMES.filter((name) => name.startsWith("cart"));
/** What any new or changed address may be an endpoint of. */
const OUTWARD = ["cart calls box by its address's name", "cart calls box by a Service elsewhere"];

const TELEMETRY: Telemetry = { windowStartMs: WINDOW_START_MS, windowEndMs: WINDOW_START_MS + 900_000, lookBackStartMs: WINDOW_START_MS - 3_600_000, lookBackRows: [], gaps: [], queries: [], rows: Object.values(EDGES) };

function evaluated(objects: readonly MeshObject[] = OBJECTS, telemetry: Telemetry = TELEMETRY): MeshVerdicts {
  return evaluateMesh({ capturedAtMs: TELEMETRY.windowEndMs, configuration: mesh(objects), telemetry });
}

function after(before: MeshVerdicts, configuration: Configuration): MeshVerdicts {
  const snapshot: MeshSnapshot = { ...before.snapshot, configuration };
  return evaluateMesh(snapshot, judgeMesh(configuration, before.judge), before);
}

function isOf({ client, server, serviceHost }: TelemetryRow & { readonly what: "traffic" }, { key }: Edge): boolean {
  return key.startsWith(`${client.namespace ?? ""}/${client.workload ?? ""}|${server.namespace ?? ""}/${server.workload ?? ""}|${serviceHost ?? ""}|`);
}

function nameOf(edge: Edge): string {
  return NAMES.find((name) => isOf(EDGES[name] as TelemetryRow & { readonly what: "traffic" }, edge)) ?? edge.key;
}

/** Names of the edges that are other objects than before; what they say is what evaluating afresh says. */
function madeAnew(before: MeshVerdicts, there: MeshVerdicts): readonly string[] {
  expect(there.edges).toEqual(evaluateMesh(there.snapshot).edges);
  return there.edges.filter((edge) => !before.edges.includes(edge)).map(nameOf).sort();
}

function reached(change: MeshChange, objects: readonly MeshObject[] = OBJECTS): readonly string[] {
  const before = evaluated(objects);
  return madeAnew(before, after(before, applyChange(before.snapshot.configuration, change)));
}

function add(...objects: readonly MeshObject[]): MeshChange {
  return { add: objects, update: [], remove: [] };
}

function remove(...objects: readonly MeshObject[]): MeshChange {
  return { add: [], update: [], remove: objects };
}

function update<T extends MeshObject>(from: T, to: Partial<T>): MeshChange {
  return { add: [], remove: [], update: [[from, { ...from, ...to }]] };
}

type Rows = readonly (readonly [change: string, made: MeshChange, edges: readonly string[]])[];

function describeReach(kind: string, rows: Rows): void {
  describe(kind, () => {
    it.each(rows)("%s", (_name, change, edges) => {
      expect(reached(change)).toEqual([...edges].sort());
    });
  });
}

it("the mesh has every edge once", () => {
  expect(evaluated().edges.map(nameOf).sort()).toEqual(ALL);
});

describeReach("a PeerAuthentication reaches", [
  ["without selector, the namespace's workloads, and who dials its hosts", add(peerAuthentication("bar", "more", "STRICT", { createdAtMs: second(0) })), BY_NAME_TO_BAR],
  ["where it says something else, the same", update(general, { mode: "STRICT" }), BY_NAME_TO_BAR],
  ["where it goes, the same", remove(general), BY_NAME_TO_BAR],
  ["with an empty selector, the same", add(peerAuthentication("bar", "more", "STRICT", { selector: {} })), BY_NAME_TO_BAR],
  ["of another namespace, none of these", update(foreign, { mode: "STRICT" }), OUTWARD],
  ["of a namespace in which nothing is, nothing", add(peerAuthentication("empty", "default", "STRICT")), []],
  ["of a namespace that has aliases and routes only, who dials these", add(peerAuthentication("foo", "default", "STRICT")), ["cart calls shop by its alias", "cart calls shop by a route"]],
  ["with a selector, whom it selects, and who dials hosts of entries", update(chosen, { mode: "DISABLE" }), ["cart calls stock", "cart calls a machine"]],
  ["for a machine, the machine", add(peerAuthentication("bar", "machine", "STRICT", { selector: { app: "machine" } })), ["cart calls a machine"]],
  ["that selects nobody, hosts of entries", add(peerAuthentication("bar", "nobody", "STRICT", { selector: { app: "nobody" } })), ["cart calls a machine"]],
  ["that selects nobody where no entry is, nothing", add(peerAuthentication("qux", "nobody", "STRICT", { selector: { app: "nobody" } })), []],
  ["whose selector changes, those before and those after", update(chosen, { selector: { app: "data" } }), ["cart calls stock", "cart calls data", "cart calls data, headless", "cart calls a machine"]],
  ["of the root namespace, all", add(peerAuthentication("istio-system", "default", "STRICT")), ALL],
  ["with a selector in the root namespace, all: each is told that it is ignored", add(peerAuthentication("istio-system", "stock", "STRICT", { selector: { app: "stock" } })), ALL],
]);

describeReach("a DestinationRule reaches", [
  ["who dials its host, under any name", update(rule, DISABLE), TO_SHOP],
  ["where it goes, the same", remove(rule), TO_SHOP],
  ["of whichever namespace", add(destinationRule("nowhere", "shop", SHOP, DISABLE)), TO_SHOP],
  ["by a name that is short in its namespace, the Service of that name", add(destinationRule("bar", "late", "stock", DISABLE)), ["cart calls stock"]],
  ["by a short name elsewhere, whoever dials a Service of that name: it looks as if it were for that", add(destinationRule("foo", "late", "stock", DISABLE)), ["cart calls stock"]],
  ["by a name with its namespace", add(destinationRule("bar", "late", "stock.bar", DISABLE)), ["cart calls stock"]],
  ["by a name up to `svc`", add(destinationRule("bar", "late", "stock.bar.svc", DISABLE)), ["cart calls stock"]],
  ["in capitals", add(destinationRule("bar", "late", "STOCK.bar.svc.cluster.local", DISABLE)), ["cart calls stock"]],
  ["the host of an entry", add(destinationRule("bar", "late", "machines.example", DISABLE)), ["cart calls a machine"]],
  ["of a headless Service, who else dials its endpoints", add(destinationRule("bar", "late", "heads", DISABLE)), ["cart calls data, headless", "cart calls data"]],
  ["of a Service beside a headless one, only who dials it", add(destinationRule("bar", "late", "database", DISABLE)), ["cart calls data"]],
  ["that nobody dials, nothing", add(destinationRule("bar", "late", "unknown.example", DISABLE)), []],
  ["for another host, the one before and the one after", update(rule, { host: host("stock", "bar") }), [...TO_SHOP, "cart calls stock"]],
  ["for all hosts, clients of its namespace, and who dials hosts of it", add(destinationRule("baz", "late", "*", DISABLE)), ["mail calls shop", "mail calls post", "cart calls box by its address's name"]],
  ["for all hosts of another namespace, clients of its own", add(destinationRule("baz", "late", "*.bar.svc.cluster.local", DISABLE)), ["mail calls shop", "mail calls post", "cart calls box by its address's name"]],
  ["of the root namespace, all", add(destinationRule("istio-system", "late", host("stock", "bar"), DISABLE)), ALL],
]);

describe("a DestinationRule", () => {
  it("that becomes the second of all, or leaves only one, reaches all: how rules are merged is asked of two", () => {
    const [other, ...more] = others;
    const one = OBJECTS.filter((object) => object !== rule && !more.some((rest) => rest === object));
    expect(one).toContain(other);
    expect(reached(add(rule), one)).toEqual(ALL);
    expect(reached(remove(rule), [...one, rule])).toEqual(ALL);
  });

  it("for a host to which a VirtualService for all hosts sends reaches all", () => {
    const everywhere = virtualService("foo", "all", { hosts: ["*"], tcp: [{ conditional: false, destinations: [{ host: host("stock", "bar"), subset: null, port: null }] }] });
    expect(reached(add(destinationRule("bar", "late", "stock", DISABLE)), [...OBJECTS, everywhere])).toEqual(ALL);
  });

  it("is followed over several aliases, and over routes of TLS", () => {
    const second_ = service("foo", "porch", { type: "ExternalName", externalName: host("front", "foo"), selector: {}, clusterIPs: [], ports: [] });
    const routed = virtualService("baz", "post", { hosts: ["post"], tls: [{ sniHosts: ["post"], destinations: [{ host: host("porch", "foo"), subset: null, port: null }] }] });
    expect(reached(update(rule, DISABLE), [...OBJECTS, second_, routed])).toEqual([...TO_SHOP, "mail calls post"].sort());
  });
});

describeReach("a policy or filter for workloads reaches", [
  ["an AuthorizationPolicy: servers of its namespace", add(authorizationPolicy("bar", "none")), TO_BAR],
  ["an AuthorizationPolicy for a waypoint: all, wherever it sends on to", add(authorizationPolicy("foo", "none", { targetRefs: [{ group: "", kind: "Gateway", name: "way" }] })), ALL],
  ["an AuthorizationPolicy where nobody serves: nothing", add(authorizationPolicy("foo", "none")), []],
  ["an AuthorizationPolicy of the root namespace: all", add(authorizationPolicy("istio-system", "none")), ALL],
  ["a Sidecar: clients of its namespace", add(sidecar("foo", "default", { egress: egress("*/*") })), BY_CART],
  ["a Sidecar: servers of its namespace as well", add(sidecar("bar", "default", { egress: egress("*/*") })), TO_BAR],
  ["a Sidecar of the root namespace: all", add(sidecar("istio-system", "default", { egress: egress("*/*") })), ALL],
  ["an EnvoyFilter: clients and servers of its namespace", add(envoyFilter("baz", "raw")), ["mail calls shop", "mail calls post"]],
  ["an EnvoyFilter of the root namespace: all", add(envoyFilter("istio-system", "raw")), ALL],
]);

describeReach("what serves or dials reaches", [
  ["a server's Pod: who dials its workload, its Services, and names that any address may be behind", update(shop, { annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "8080" } }), [...TO_SHOP, ...OUTWARD]],
  ["a client's Pod: what its workload dials", update(cart, { annotations: { "traffic.sidecar.istio.io/excludeOutboundPorts": "80" } }), BY_CART],
  ["a Pod behind a headless Service and another: both", update(data, { annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "5432" } }), ["cart calls data", "cart calls data, headless", ...OUTWARD]],
  ["a Pod of another namespace: none of these", update(post, { annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "8080" } }), ["mail calls post", ...OUTWARD]],
  ["a Pod of a gateway: all, since it sends on for others", add(pod("bar", "edge", { proxy: "gateway" })), ALL],
  ["a waypoint's Pod: all", add(pod("bar", "way", { proxy: "waypoint" })), ALL],
  ["a machine: who dials it", update(machine, { network: "other" }), ["cart calls a machine", ...OUTWARD]],
  ["a machine that a Service selects: who dials the Service", add(workloadEntry("bar", "more", { workloadLabels: { app: "stock" } })), ["cart calls stock", ...OUTWARD]],
  ["a machine that no Service selects: nothing but what any address may be behind", add(workloadEntry("bar", "more")), OUTWARD],
  ["a Pod that an entry selects: who dials the entry's host", add(pod("bar", "more", { labels: { app: "machine" } })), ["cart calls a machine", ...OUTWARD]],
  ["an EndpointSlice: servers of its namespace, and who dials its Service", update(farSlice, { endpoints: [] }), BY_NAME_TO_BAR],
  ["an EndpointSlice of another namespace: none of these", update(postSlice, { endpoints: [] }), ["mail calls post"]],
  ["an EndpointSlice: other Services of the namespace only at their servers", update(stockSlice, { endpoints: [] }), TO_BAR],
]);

describeReach("all edges are reached by", [
  ["a Service", add(service("empty", "any")), ALL],
  ["a ServiceEntry", add(serviceEntry("empty", "any", "any.example")), ALL],
  ["a VirtualService", add(virtualService("empty", "any", { hosts: ["any.example"] })), ALL],
  ["a Gateway", add(gateway("empty", "any")), ALL],
  ["a Gateway of Kubernetes", add({ kind: "KubernetesGateway", namespace: "empty", name: "way", labels: {}, annotations: {}, createdAtMs: null, gatewayClassName: "istio-waypoint", listeners: [] }), ALL],
  ["a Namespace", update(bar, { labels: { any: "label" } }), ALL],
  ["the mesh's configuration", update(config, { trustDomainAliases: ["old.example"] }), ALL],
  ["an istiod", update(istiod, { version: "1.30.0" }), ALL],
]);

describe("beside its objects", () => {
  const swapped = (kind: "PeerAuthentication" | "DestinationRule", { objects, ...rest }: Configuration): Configuration => ({ ...rest, objects: { ...objects, [kind]: objects[kind].toReversed() } });

  it.each<[string, (configuration: Configuration) => Configuration, readonly string[]]>([
    ["what is no longer read reaches all", (one) => ({ ...one, unread: [unread("EnvoyFilter", { namespace: "empty" })] }), ALL],
    ["another cluster domain reaches all", (one) => ({ ...one, clusterDomain: "cluster.example" }), ALL],
    ["reading the same once more reaches nothing", (one) => ({ ...one, unread: [] }), []],
    ["the same policies in another order reach nothing", (one) => swapped("PeerAuthentication", one), []],
    ["the same rules in another order reach nothing", (one) => swapped("DestinationRule", one), []],
    ["the same objects in other lists reach nothing", ({ objects, ...rest }) => ({ ...rest, objects: { ...objects, Service: [...objects.Service], Pod: [...objects.Pod] } }), []],
  ])("%s", (_name, changed, edges) => {
    const before = evaluated();
    expect(madeAnew(before, after(before, changed(before.snapshot.configuration)))).toEqual(edges);
  });

  it("first and last of several policies are told from those between", () => {
    const policies = ["foo", "baz", "qux"].map((ns) => peerAuthentication(ns, "more", "STRICT"));
    const before = evaluated([...policies, ...OBJECTS]);
    const { objects, ...rest } = before.snapshot.configuration;
    const [first, , last] = policies;
    const kept = objects.PeerAuthentication.filter((policy) => policy !== first && policy !== last);
    const there = after(before, { ...rest, objects: { ...objects, PeerAuthentication: kept } });
    expect(madeAnew(before, there)).toEqual(["cart calls shop by a route", "cart calls shop by its alias", ...OUTWARD].sort());
  });

  it("what is undone reaches the same once more", () => {
    const before = evaluated();
    const there = after(before, applyChange(before.snapshot.configuration, update(chosen, { mode: "DISABLE" })));
    expect(madeAnew(there, after(there, before.snapshot.configuration))).toEqual(["cart calls a machine", "cart calls stock"]);
  });

  it("over two changes at once, both are reached", () => {
    const changed = { ...add(authorizationPolicy("qux", "none")), update: [[chosen, { ...chosen, mode: "DISABLE" }]] } as const;
    expect(reached(changed)).toEqual(["cart calls a machine", "cart calls stock", ...OUTWARD].sort());
  });
});

describe("an edge that was dialled by an address", () => {
  const direct = called("foo/cart", "bar/shop", null);
  const telemetry = { ...TELEMETRY, rows: [...TELEMETRY.rows, direct] };

  it("is reached by whatever changes, since the address may be any Service's", () => {
    const before = evaluated(OBJECTS, telemetry);
    expect(before.edges).toHaveLength(NAMES.length + 1);
    expect(madeAnew(before, after(before, applyChange(before.snapshot.configuration, add(destinationRule("bar", "late", "unknown.example", DISABLE)))))).toEqual(["foo/cart|bar/shop||http"]);
  });

  it("is kept where nothing does", () => {
    const before = evaluated(OBJECTS, telemetry);
    expect(madeAnew(before, after(before, { ...before.snapshot.configuration, unread: [] }))).toEqual(["foo/cart|bar/shop||http"]);
  });
});

describe("an edge of which lines alone tell", () => {
  const line = refusal({ serverAddress: at(3), clientAddress: at(5) });
  const telemetry = { ...TELEMETRY, rows: [...TELEMETRY.rows, line] };
  const KEY = `baz/mail|bar/stock|${host("stock", "bar")}|http`;

  function of(change: MeshChange): readonly string[] {
    const before = evaluated(OBJECTS, telemetry);
    return madeAnew(before, after(before, applyChange(before.snapshot.configuration, change)));
  }

  it("is made anew where a change reaches its server, its client or its host", () => {
    expect(of(update(chosen, { mode: "DISABLE" }))).toContain(KEY);
    expect(of(add(sidecar("baz", "default", { egress: egress("*/*") })))).toEqual([KEY, "mail calls post", "mail calls shop"]);
    expect(of(add(destinationRule("bar", "late", "stock", DISABLE)))).toEqual([KEY, "cart calls stock"].sort());
  });

  it("is kept where a change reaches neither", () => {
    expect(of(update(rule, DISABLE))).toEqual([...TO_SHOP].sort());
  });

  it("is kept where a pod comes that has nothing to do with it, and made anew where one comes that the line may be of as well", () => {
    const late = (ip: string, nodeName: string) => pod("foo", "late", { proxy: "sidecar", ips: [ip], nodeName, hostNetwork: true });
    expect(of(add(late("10.99.0.1", "n")))).toEqual([...OUTWARD].sort());
    // two pods have the address: who sent it is not known any more
    const unsure = of(add(late(at(5), "n"))).filter((name) => name.endsWith(`|bar/stock|${host("stock", "bar")}|http`));
    expect([unsure.length, unsure.includes(KEY)]).toEqual([1, false]);
  });
});

describe("rows are put together again", () => {
  it("where a workload runs as another: whom a principal names may be another", () => {
    expect(reached(update(post, { serviceAccountName: "other" }))).toEqual(ALL);
  });

  it("where a new workload has the account that a row names", () => {
    const unnamed = clientRow({ reporter: "destination", connectionSecurityPolicy: "mutual_tls", client: { ...NOBODY, principal: "spiffe://cluster.local/ns/foo/sa/cart" }, server: { ...peer("baz/post"), principal: null }, serviceHost: host("post", "baz") });
    const before = evaluated(OBJECTS, { ...TELEMETRY, rows: [...TELEMETRY.rows, unnamed] });
    const twin = pod("foo", "twin", { proxy: "sidecar", serviceAccountName: "cart" });
    const other = pod("foo", "twin", { proxy: "sidecar", serviceAccountName: "other" });
    expect(madeAnew(before, after(before, applyChange(before.snapshot.configuration, add(twin))))).toHaveLength(before.edges.length);
    expect(madeAnew(before, after(before, applyChange(before.snapshot.configuration, add(other))))).toEqual([...OUTWARD].sort());
  });

  it("where another workload now has the account that a row names", () => {
    const unnamed = clientRow({ reporter: "destination", connectionSecurityPolicy: "mutual_tls", client: { ...NOBODY, principal: "spiffe://cluster.local/ns/foo/sa/cart" }, server: { ...peer("baz/post"), principal: null }, serviceHost: host("post", "baz") });
    const before = evaluated(OBJECTS, { ...TELEMETRY, rows: [unnamed] });
    expect(before.edges.map(({ client }) => client)).toEqual([{ kind: "workload", id: "foo/cart" }]);
    const there = after(before, applyChange(before.snapshot.configuration, update(cart, { owner: { kind: "Deployment", name: "trolley" } })));
    expect(madeAnew(before, there)).toHaveLength(1);
    expect(there.edges.map(({ client }) => client)).toEqual([{ kind: "workload", id: "foo/trolley" }]);
  });

  it("where a workload becomes a waypoint, or is one no longer: hops around it are told by what it reports", () => {
    const way = pod("bar", "way", { proxy: "waypoint", labels: { "gateway.networking.k8s.io/gateway-name": "way" }, ips: [at(9)] });
    const plain = pod("bar", "way", { proxy: "sidecar", ips: [at(9)] });
    const hop = { proxy: "ztunnel", family: "tcp", connectionSecurityPolicy: "mutual_tls", reporter: "destination", client: peer("foo/cart"), server: { ...peer("bar/way"), principal: null }, serviceHost: SHOP } as const;
    const rows = [clientRow({ ...hop }), clientRow({ client: peer("foo/cart"), server: { ...peer("bar/shop"), principal: null }, reporter: "waypoint", connectionSecurityPolicy: "mutual_tls", serviceHost: SHOP })];
    const keys = ({ edges }: MeshVerdicts) => edges.map(({ key }) => key.split("|").slice(0, 2).join(" to "));
    for (const [was, is, first, second_] of [[way, plain, 1, 2], [plain, way, 2, 1]] as const) {
      const before = evaluated([...OBJECTS, was], { ...TELEMETRY, rows });
      expect(keys(before)).toHaveLength(first);
      const there = after(before, applyChange(before.snapshot.configuration, { add: [], remove: [], update: [[was, is]] }));
      expect(keys(there)).toHaveLength(second_);
      expect(keys(there)).toEqual(keys(evaluateMesh(there.snapshot)));
    }
    const before = evaluated([...OBJECTS, way], { ...TELEMETRY, rows });
    const gone = after(before, applyChange(before.snapshot.configuration, { add: [{ ...plain, name: "other", owner: { kind: "Deployment", name: "other" } }], remove: [way], update: [] }));
    expect(keys(gone)).toEqual(["foo/cart to bar/shop", "foo/cart to bar/way"]);
  });

  it("where an address that a row names is another workload's", () => {
    const rows = [...TELEMETRY.rows, clientRow({ client: peer("foo/cart"), server: NOBODY, serviceHost: `${at(6)}:8080`, serviceName: null })];
    const before = evaluated(OBJECTS, { ...TELEMETRY, rows });
    const there = after(before, applyChange(before.snapshot.configuration, update(post, { ips: [at(66)] })));
    expect(madeAnew(before, there)).toHaveLength(before.edges.length);
    const elsewhere = after(before, applyChange(before.snapshot.configuration, update(stock, { ips: [at(67)] })));
    expect(madeAnew(before, elsewhere)).toEqual(["cart calls stock", ...OUTWARD].sort());
  });
});
