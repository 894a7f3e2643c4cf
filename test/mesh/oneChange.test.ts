import { describe, expect, it } from "vitest";
import type { Configuration, EndpointSlice, MeshChange, MeshObject, MeshSnapshot, MeshVerdicts, Telemetry } from "#mesh";
import { applyChange, evaluateMesh, judgeMesh, reverseChange, serviceHost, workloadId } from "#mesh";
import { refusal, row, WINDOW_START_MS } from "../support/telemetry.ts";
import {
  authorizationPolicy, authorizationRule, controlPlane, destinationRule, egress, envoyFilter, gateway, mesh, meshConfig, namespace, peerAuthentication, pod, second, service, serviceEntry, sidecar, slice, source, tls, trafficPolicy,
  unread, virtualService, workloadEntry,
} from "../support/mesh.ts";
import { questionsOf } from "../support/generated.ts";

// One object changes: what is taken over from before must be what evaluating afresh would say. Each change alone; `incremental.test.ts` makes many after each other.

const at = (n: number) => `10.5.0.${n}`;
const cart = pod("foo", "cart", { proxy: "sidecar", ips: [at(1)] });
const shop = pod("bar", "shop", { proxy: "sidecar", ips: [at(2)] });
const mail = pod("baz", "mail", { ips: [at(3)] });
const roam = pod("baz", "roam", { proxy: "ambient", ips: [at(4)] });
const shopService = service("bar", "shop", { clusterIPs: [at(102)] });
const database = service("bar", "database", { clusterIPs: ["None"], selector: { app: "shop" }, ports: [{ port: 5432, name: "tcp", targetPort: 5432 }] });
const mailService = service("baz", "mail", { clusterIPs: [at(103)] });
const roamService = service("baz", "roam", { clusterIPs: [at(104)] });
const cartService = service("foo", "cart", { clusterIPs: [at(101)] });
const shopSlice = slice(shopService, [shop]);
const SHOP = "shop.bar.svc.cluster.local";
const strict = peerAuthentication("bar", "default", "STRICT");
const rule = destinationRule("bar", "shop", SHOP, { trafficPolicy: trafficPolicy(tls("ISTIO_MUTUAL")) });
const scope = sidecar("foo", "default", { egress: egress("./*", "bar/*") });
const entry = serviceEntry("foo", "entry", "entry.example", { endpoints: [{ address: at(50), ports: {}, labels: {}, serviceAccount: null, network: null }] });
const machine = workloadEntry("bar", "machine", { address: at(60), workloadLabels: { app: "shop" } });
const allow = authorizationPolicy("bar", "shop", { rules: [authorizationRule({ from: [source({ namespaces: ["foo"] })] })] });
const route = virtualService("bar", "shop", { hosts: [SHOP], http: [{ conditional: false, destinations: [{ host: SHOP, subset: null, port: null }] }] });
const gate = gateway("bar", "gate", { selector: { app: "shop" }, servers: [{ port: 80, protocol: "HTTP", hosts: ["*"], tlsMode: null }] });
const istiod = controlPlane({ env: { PILOT_ENABLE_AMBIENT: "true" } });
const config = meshConfig();
const namespaces = ["foo", "bar", "baz", "istio-system"].map((name) => namespace(name));
const filter = envoyFilter("bar", "header", { patches: [{ applyTo: "HTTP_FILTER", context: "SIDECAR_INBOUND", touchesTransport: false }] });

// hosts that stand for others, lead elsewhere, or have endpoints in other namespaces
const box = pod("baz", "box", { proxy: "sidecar", ips: [at(5)] });
const alias = service("foo", "alias", { type: "ExternalName", externalName: SHOP, selector: {}, clusterIPs: [], ports: [] });
const far = service("bar", "far", { selector: {}, clusterIPs: [at(105)] });
const farSlice: EndpointSlice = { ...slice(far, [box]), ports: [{ name: "http", port: 8080, protocol: "TCP", appProtocol: null }], endpoints: [{ addresses: [at(5)], ready: true, targetRef: null }] };
const machines = service("bar", "machines", { selector: { app: "machine" }, clusterIPs: [at(106)] });
const vm = workloadEntry("bar", "vm", { address: at(6), serviceAccount: "vm", workloadLabels: { app: "machine", "security.istio.io/tlsMode": "istio" } });
const selected = serviceEntry("bar", "selected", "selected.example", { workloadSelector: { app: "machine" } });
const virtual = virtualService("foo", "virtual", { hosts: ["cart.foo.svc.cluster.local"], http: [{ conditional: false, destinations: [{ host: SHOP, subset: null, port: null }] }] });
const edge = pod("edge", "edge", { proxy: "gateway", ips: [at(7)] });
const edgeService = service("edge", "edge", { clusterIPs: [at(107)] });
const edgeGate = gateway("edge", "edge", { selector: { app: "edge" }, servers: [{ port: 80, protocol: "HTTP", hosts: ["*"], tlsMode: null }] });
const otherRules = ["mail.baz.svc.cluster.local", "*.nowhere.example"].map((host, n) => destinationRule("baz", `r${n}`, host, { trafficPolicy: trafficPolicy(null, { loadBalancerSimple: "RANDOM" }) }));
const otherPolicies = ["foo", "baz", "edge"].map((ns) => peerAuthentication(ns, "default", "PERMISSIVE"));
const FURTHER: readonly MeshObject[] = [box, alias, far, farSlice, machines, vm, selected, virtual, edge, edgeService, edgeGate, ...otherRules, ...otherPolicies, namespace("edge")];

const OBJECTS: readonly MeshObject[] = [
  ...FURTHER,
  ...namespaces, cart, shop, mail, roam, shopService, shopSlice, database, mailService, roamService, cartService, strict, rule, scope, entry, machine, allow, route, gate, istiod, config, filter,
];

const peer = (ns: string, workload: string, principal: string | null = `spiffe://cluster.local/ns/${ns}/sa/${workload}`) => ({ namespace: ns, workload, principal });
const called = (ns: string, workload: string) => ({ server: peer(ns, workload, null), serviceHost: `${workload}.${ns}.svc.cluster.local`, serviceName: workload });

const TELEMETRY: Telemetry = {
  windowStartMs: WINDOW_START_MS, windowEndMs: WINDOW_START_MS + 900_000, lookBackStartMs: WINDOW_START_MS - 3_600_000, gaps: [], queries: [],
  rows: [
    row({ client: peer("foo", "cart"), ...called("bar", "shop") }),
    row({ reporter: "source", connectionSecurityPolicy: "unknown", client: peer("foo", "cart"), ...called("bar", "shop") }),
    row({ reporter: "source", connectionSecurityPolicy: "unknown", client: peer("foo", "cart"), ...called("baz", "mail") }),
    row({ reporter: "source", connectionSecurityPolicy: "unknown", client: peer("bar", "shop"), ...called("baz", "roam"), serviceHost: null, serviceName: "PassthroughCluster" }),
    row({ connectionSecurityPolicy: "none", client: { namespace: null, workload: null, principal: null }, ...called("bar", "shop") }),
    row({ connectionSecurityPolicy: "none", client: peer("baz", "mail", null), ...called("bar", "shop"), serviceHost: `${at(2)}:8080` }),
    row({ reporter: "source", connectionSecurityPolicy: "unknown", client: peer("foo", "cart"), server: { namespace: null, workload: null, principal: null }, serviceHost: "entry.example", serviceName: "entry.example" }),
    row({ proxy: "ztunnel", family: "tcp", connectionSecurityPolicy: "unknown", client: peer("baz", "mail", null), ...called("baz", "roam") }),
    refusal({ serverAddress: at(2), clientAddress: at(3) }),
    ...[["bar", "shop", "alias.foo.svc.cluster.local"], ["bar", "shop", "cart.foo.svc.cluster.local"], ["baz", "box", "far.bar.svc.cluster.local"], ["bar", "vm", "machines.bar.svc.cluster.local"], ["bar", "vm", "selected.example"], ["edge", "edge", "edge.edge.svc.cluster.local"]].map(
      ([ns = "", workload = "", host = ""]) => row({ reporter: "source", connectionSecurityPolicy: "unknown", client: peer("foo", "cart"), server: peer(ns, workload, null), serviceHost: host, serviceName: workload }),
    ),
    row({ reporter: "source", connectionSecurityPolicy: "unknown", client: peer("edge", "edge"), ...called("bar", "shop") }),
  ],
  lookBackRows: [row({ client: peer("bar", "shop"), ...called("foo", "cart") })],
};

function update(from: MeshObject, to: Partial<MeshObject>): MeshChange {
  return { add: [], remove: [], update: [[from, { ...from, ...to } as MeshObject]] };
}

function add(...objects: readonly MeshObject[]): MeshChange {
  return { add: objects, update: [], remove: [] };
}

const changes: Readonly<Record<string, MeshChange>> = {
  "a PeerAuthentication for the mesh": add(peerAuthentication("istio-system", "default", "STRICT")),
  "a PeerAuthentication for a namespace": add(peerAuthentication("foo", "default", "DISABLE")),
  "a PeerAuthentication for a workload": add(peerAuthentication("bar", "shop", "PERMISSIVE", { selector: { app: "shop" } })),
  "a PeerAuthentication for a port": add(peerAuthentication("bar", "shop", null, { selector: { app: "shop" }, portLevelMtls: { 8080: "DISABLE" } })),
  "a PeerAuthentication says something else": update(strict, { mode: "DISABLE" }),
  "a DestinationRule says something else": update(rule, { trafficPolicy: trafficPolicy(tls("DISABLE")) }),
  "a DestinationRule of the client's": add(destinationRule("foo", "shop", SHOP, { trafficPolicy: trafficPolicy(tls("DISABLE")) })),
  "a DestinationRule for all hosts": add(destinationRule("istio-system", "all", "*.local", { trafficPolicy: trafficPolicy(tls("DISABLE")) })),
  "a DestinationRule for another host": update(rule, { host: "mail.baz.svc.cluster.local" }),
  "a Pod without its proxy": update(shop, { containers: mail.containers, labels: mail.labels }),
  "a Pod with other labels": update(shop, { labels: { ...shop.labels, app: "other" } }),
  "a Pod with another address": update(shop, { ips: [at(22)] }),
  "a Pod with an annotation": update(shop, { annotations: { "traffic.sidecar.istio.io/excludeInboundPorts": "8080" } }),
  "a client's Pod with an annotation": update(cart, { annotations: { "traffic.sidecar.istio.io/excludeOutboundPorts": "80" } }),
  "a Pod that takes the address of another": add(pod("foo", "thief", { ips: [at(2)], proxy: "sidecar" })),
  "a Pod with a proxy": update(mail, { containers: shop.containers, labels: { ...mail.labels, "security.istio.io/tlsMode": "istio" } }),
  "a Pod of another owner": update(cart, { owner: { kind: "Deployment", name: "cart-2" } }),
  "a Pod of another account": update(cart, { serviceAccountName: "other" }),
  "a second Pod behind a Service": { ...add(pod("bar", "shop-2", { labels: { app: "shop" }, ips: [at(23)] })), update: [[shopSlice, { ...shopSlice, endpoints: [...shopSlice.endpoints, { addresses: [at(23)], ready: true, targetRef: { kind: "Pod", namespace: "bar", name: "shop-2" } }] }]] },
  "an EndpointSlice without endpoints": update(shopSlice, { endpoints: [] }),
  "an EndpointSlice with a foreign address": update(shopSlice, { endpoints: [{ addresses: [at(3)], ready: true, targetRef: null }] }),
  "a Service with another port name": update(shopService, { ports: [{ port: 80, name: "tcp", targetPort: 8080, protocol: "TCP", appProtocol: null, nodePort: null }] }),
  "a Service with another address": update(shopService, { clusterIPs: [at(122)] }),
  "a Service turned headless": update(shopService, { clusterIPs: ["None"] }),
  "a Service that is not exported": update(shopService, { annotations: { "networking.istio.io/exportTo": "." } }),
  "a Service of another name for a Pod": add(service("baz", "alias", { type: "ExternalName", externalName: SHOP, selector: {}, clusterIPs: [] })),
  "a Sidecar that imports less": update(scope, { egress: egress("./*") }),
  "a Sidecar with a listener": add(sidecar("bar", "shop", { workloadSelector: { app: "shop" }, ingress: [{ port: 8080, protocol: "HTTP", captureMode: null, tlsMode: null }] })),
  "a ServiceEntry with other endpoints": update(entry, { endpoints: [{ address: at(3), ports: {}, labels: {}, serviceAccount: null, network: null }] }),
  "a ServiceEntry for a Service's host": add(serviceEntry("baz", "more", SHOP, { endpoints: [{ address: at(70), ports: {}, labels: {}, serviceAccount: null, network: null }] })),
  "a WorkloadEntry with another address": update(machine, { address: at(61) }),
  "a VirtualService that leads elsewhere": update(route, { http: [{ conditional: false, destinations: [{ host: "mail.baz.svc.cluster.local", subset: null, port: null }] }] }),
  "an AuthorizationPolicy that allows others": update(allow, { rules: [authorizationRule({ from: [source({ namespaces: ["baz"] })] })] }),
  "a Gateway for others": update(gate, { selector: { app: "cart" } }),
  "an EnvoyFilter on the transport": update(filter, { patches: [{ applyTo: "CLUSTER", context: "ANY", touchesTransport: true }] }),
  "another mesh configuration": update(config, { enableAutoMtls: false }),
  "another root namespace": update(config, { rootNamespace: "bar" }),
  "an istiod without ambient": update(istiod, { env: {} }),
  "a namespace with a waypoint": { add: [pod("baz", "way", { proxy: "waypoint", labels: { "gateway.networking.k8s.io/gateway-name": "way" }, ips: [at(80)] })], remove: [], update: namespaces.slice(2, 3).map((one) => [one, { ...one, labels: { "istio.io/use-waypoint": "way" } }] as const) },
};

const more: Readonly<Record<string, MeshChange>> = {
  "a DestinationRule for the host behind an alias": add(destinationRule("bar", "late", SHOP, { trafficPolicy: trafficPolicy(tls("DISABLE")), exportTo: ["*"], createdAtMs: second(9) })),
  "a DestinationRule by a bare name": add(destinationRule("bar", "late", "far", { trafficPolicy: trafficPolicy(tls("DISABLE")) })),
  "a DestinationRule by half a name": add(destinationRule("bar", "late", "far.bar", { trafficPolicy: trafficPolicy(tls("DISABLE")) })),
  "a DestinationRule of the client's for all hosts": add(destinationRule("foo", "all", "*", { trafficPolicy: trafficPolicy(tls("DISABLE")) })),
  "a DestinationRule of the service's namespace for all its hosts": add(destinationRule("bar", "all", "*.bar.svc.cluster.local", { trafficPolicy: trafficPolicy(tls("DISABLE")) })),
  "a DestinationRule of the server's namespace, where nobody looks": add(destinationRule("baz", "far", "far.bar.svc.cluster.local", { trafficPolicy: trafficPolicy(tls("DISABLE")) })),
  "a DestinationRule that ends": { add: [], update: [], remove: [rule] },
  "a policy of the namespace that has the host": update(strict, { mode: "DISABLE" }),
  "a policy for a machine": add(peerAuthentication("bar", "vm", "DISABLE", { selector: { app: "machine" } })),
  "a policy of the server's namespace": update(otherPolicies[1] ?? strict, { mode: "STRICT" }),
  "a policy for the server": add(peerAuthentication("baz", "box", "DISABLE", { selector: { app: "box" } })),
  "a policy with a selector of the root namespace": add(peerAuthentication("istio-system", "box", "STRICT", { selector: { app: "box" } })),
  "first and last of several policies": { add: [], remove: [], update: [otherPolicies[0], otherPolicies[2]].flatMap((one) => (one === undefined ? [] : [[one, { ...one, mode: "STRICT" }] as const])) },
  "one policy goes, another comes": { add: [peerAuthentication("foo", "new", "STRICT", { selector: { app: "cart" } })], update: [], remove: otherPolicies.slice(0, 1) },
  "the pod of a foreign address": update(box, { labels: { app: "box" } }),
  "the pod of a foreign address goes": { add: [], update: [], remove: [box] },
  "the slice of a foreign address": update(farSlice, { endpoints: [] }),
  "a machine without its mark": update(vm, { workloadLabels: { app: "machine" } }),
  "a machine of another label": update(vm, { workloadLabels: { app: "other" } }),
  "a machine goes": { add: [], update: [], remove: [vm] },
  "a gateway of another label": update(edge, { labels: { app: "other" } }),
  "a gateway in another revision": update(edge, { annotations: { "istio.io/rev": "canary" } }),
  "a Sidecar of the gateway's namespace": add(sidecar("edge", "default", { egress: egress("./*") })),
  "a Sidecar of the root namespace": add(sidecar("istio-system", "default", { egress: egress("./*") })),
  "an AuthorizationPolicy of the root namespace": add(authorizationPolicy("istio-system", "none", {})),
  "an AuthorizationPolicy of the server's namespace": add(authorizationPolicy("baz", "none", {})),
  "an EnvoyFilter of the root namespace": add(envoyFilter("istio-system", "raw", { patches: [{ applyTo: "CLUSTER", context: "ANY", touchesTransport: true }] })),
  "an EnvoyFilter of the client's namespace": add(envoyFilter("foo", "raw", { patches: [{ applyTo: "CLUSTER", context: "SIDECAR_OUTBOUND", touchesTransport: true }] })),
};

function answers({ snapshot: { configuration }, judge, edges, gaps }: MeshVerdicts): unknown {
  const ids = [...judge.workloads.keys()];
  const hosts = [null, serviceHost(SHOP), serviceHost("entry.example")];
  return {
    edges,
    gaps,
    workloads: [...judge.workloads],
    connections: questionsOf(configuration, 6).map((question) => judge.connection(question)),
    paths: hosts.flatMap((host) => [null, ...ids.slice(0, 2)].map((client) => judge.paths(client, workloadId("bar", "shop"), host, "http"))),
    ports: ids.map((id) => judge.workloads.get(id)?.instances.map(({ ref }) => judge.ports(ref))),
    policies: ids.map((id) => judge.policies(id)),
    holders: [1, 2, 3, 22, 23, 60, 61, 102].map((n) => judge.instancesByAddress(at(n))),
  };
}

function after(before: MeshVerdicts, change: MeshChange): MeshVerdicts {
  const configuration = applyChange(before.snapshot.configuration, change);
  const snapshot: MeshSnapshot = { ...before.snapshot, configuration };
  return evaluateMesh(snapshot, judgeMesh(configuration, before.judge), before);
}

/** Quicker than a comparison that can tell the difference; `incremental.test.ts` can. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

describe("one change", () => {
  it.each(Object.entries({ ...changes, ...more }))("%s: what is taken over is what would be found afresh", (_name, change) => {
    const before = evaluateMesh({ capturedAtMs: WINDOW_START_MS + 900_000, configuration: mesh(OBJECTS), telemetry: TELEMETRY });
    const there = after(before, change);
    expect(isSame(answers(there), answers(evaluateMesh(there.snapshot)))).toBe(true);
  });

  it.each<[string, Partial<Configuration>]>([
    ["policies of a namespace are no longer read", { unread: [unread("PeerAuthentication", { namespace: "bar" })] }],
    ["DestinationRules are no longer read", { unread: [unread("DestinationRule", { namespace: "foo" })] }],
    ["the same, read again", { unread: [] }],
    ["another cluster domain", { clusterDomain: "cluster.example" }],
  ])("%s: what is taken over is what would be found afresh", (_name, change) => {
    const before = evaluateMesh({ capturedAtMs: WINDOW_START_MS + 900_000, configuration: mesh(OBJECTS), telemetry: TELEMETRY });
    const configuration = { ...before.snapshot.configuration, ...change };
    const snapshot: MeshSnapshot = { ...before.snapshot, configuration };
    expect(isSame(answers(evaluateMesh(snapshot, judgeMesh(configuration, before.judge), before)), answers(evaluateMesh(snapshot)))).toBe(true);
  });

  it("undone is what was", () => {
    const before = evaluateMesh({ capturedAtMs: WINDOW_START_MS + 900_000, configuration: mesh(OBJECTS), telemetry: TELEMETRY });
    for (const change of Object.values(changes).slice(5, 10)) expect(isSame(answers(after(after(before, change), reverseChange(change))), answers(before))).toBe(true);
  });

  it("touches the kinds it names, and keeps the arrays of the others", () => {
    const { objects } = mesh(OBJECTS);
    const next = applyChange(mesh(OBJECTS), { add: [gateway("foo", "new")], update: [[strict, { ...strict, mode: "DISABLE" }]], remove: [rule] }).objects;
    expect(next.Gateway.map(({ name }) => name)).toEqual(["edge", "gate", "new"]);
    expect(next.PeerAuthentication.map(({ mode }) => mode)).toEqual(["PERMISSIVE", "PERMISSIVE", "PERMISSIVE", "DISABLE"]);
    expect(next.DestinationRule.map(({ name }) => name)).toEqual(["r0", "r1"]);
    const configuration = mesh(OBJECTS);
    const same = applyChange(configuration, { add: [], update: [], remove: [rule] }).objects;
    expect(Object.keys(objects).filter((kind) => same[kind as keyof typeof same] !== configuration.objects[kind as keyof typeof same])).toEqual(["DestinationRule"]);
  });
});
