import type { EndpointSlice, MeshObject, Service, ServiceEntryEndpoint, SliceEndpoint } from "#mesh";
import { byHost, describeChains, type Whole } from "../support/judging.ts";
import { ambientControlPlane, destinationRule, pod, service, serviceEntry, slice, tls, trafficPolicy, unread, workloadEntry } from "../support/mesh.ts";

// Which endpoint stands for the server, on which port, and who says whether it takes mTLS.

const client = pod("foo", "client", { proxy: "sidecar" });
const server = pod("bar", "server", { proxy: "sidecar", ips: ["10.7.0.1"] });
const bare = pod("bar", "server", { ips: ["10.7.0.1"] });
const web = service("bar", "server");
const MARK = "metadata.labels.security.istio.io/tlsMode";
const ENTRY = { via: byHost("entry.example") };
const NO_ENDPOINT = "no Service or ServiceEntry of that name has it";

function sliced(...endpoints: readonly Partial<SliceEndpoint>[]): EndpointSlice {
  return { ...slice(web, [server]), endpoints: endpoints.map((one) => ({ addresses: ["10.7.0.1"], ready: true, targetRef: null, ...one })) };
}

function inline(options: Partial<ServiceEntryEndpoint> = {}): ServiceEntryEndpoint {
  return { address: "10.7.0.1", ports: {}, labels: {}, serviceAccount: null, network: null, ...options };
}

const entry = (endpoint: ServiceEntryEndpoint, ...before: readonly ServiceEntryEndpoint[]) => serviceEntry("bar", "entry", "entry.example", { endpoints: [...before, endpoint] });
const missing = (host: string): readonly [string, string] => ["unknown", `? the endpoint of \`${host}\` port 80 at \`bar/server\`: ${NO_ENDPOINT}`];

const ofSlices: readonly Whole[] = [
  { name: "[AUTO-1] the pod that a slice refers to", objects: [client, server, web, sliced({ targetRef: { kind: "Pod", namespace: "bar", name: "server" } })], says: { clientMode: ["AUTO_MTLS", `AUTO-1 Pod bar/server ${MARK} = istio`] } },
  { name: "[AUTO-2] a pod without the mark, whatever its address", objects: [client, bare, web], says: { clientMode: ["AUTO_PLAINTEXT", `AUTO-2 Pod bar/server ${MARK} = disabled`], transport: ["plaintext"] } },
  {
    name: "[AUTO-1] an address without reference, of a pod with the mark: istiod may know it or not",
    objects: [client, server, web, sliced({})],
    says: { clientMode: ["unknown", "? what istiod knows of the endpoint `10.7.0.1` in namespace `bar`: the slice names no pod, and istiod looks up the address only if it knew the pod first"] },
  },
  { name: "[AUTO-2] an address without reference, of a pod without the mark", objects: [client, bare, web, sliced({})], says: { clientMode: ["AUTO_PLAINTEXT", "AUTO-2 EndpointSlice bar/server-1 endpoints.targetRef = disabled"] } },
  { name: "[REG-4] a reference to something that is no pod", objects: [client, bare, web, sliced({ targetRef: { kind: "Node", namespace: "", name: "server" } })], says: { clientMode: ["AUTO_PLAINTEXT", "AUTO-2 EndpointSlice bar/server-1 endpoints.targetRef = disabled"] } },
  { name: "[REG-4] names of machines are no addresses", objects: [client, server, web, { ...sliced({ targetRef: { kind: "Pod", namespace: "bar", name: "server" } }), addressType: "FQDN" }], says: { clientMode: missing("server.bar.svc.cluster.local") } },
  { name: "[REG-4] another port of the slice", objects: [client, server, web, { ...sliced({ targetRef: { kind: "Pod", namespace: "bar", name: "server" } }), ports: [{ name: "other", port: 8080, protocol: "TCP", appProtocol: null }] }], says: { clientMode: missing("server.bar.svc.cluster.local") } },
  { name: "[REG-4] a port without number", objects: [client, server, web, { ...sliced({ targetRef: { kind: "Pod", namespace: "bar", name: "server" } }), ports: [{ name: "http", port: null, protocol: "TCP", appProtocol: null }] }], says: { clientMode: missing("server.bar.svc.cluster.local") } },
  { name: "[REG-4] slices of a Service of another name", objects: [client, server, web, { ...sliced({ targetRef: { kind: "Pod", namespace: "bar", name: "server" } }), serviceName: "other" }, { ...sliced(), name: "empty" }], says: { clientMode: missing("server.bar.svc.cluster.local") } },
  {
    name: "[AUTO-6] a pod that is gone still stands behind a headless Service",
    objects: [client, server, service("bar", "server", { clusterIPs: ["None"] }), sliced({ targetRef: { kind: "Pod", namespace: "bar", name: "server" } }, { addresses: ["10.7.0.9"], targetRef: { kind: "Pod", namespace: "bar", name: "gone" } })],
    says: { clientMode: ["AUTO_PLAINTEXT", "AUTO-6 EndpointSlice bar/server-1 endpoints.targetRef = disabled"] },
  },
  {
    name: "[AUTO-6] one that was not read may be anything",
    objects: [client, server, service("bar", "server", { clusterIPs: ["None"] }), sliced({ targetRef: { kind: "Pod", namespace: "bar", name: "server" } }, { addresses: ["10.7.0.9"], targetRef: { kind: "Pod", namespace: "bar", name: "odd" } })],
    unread: [unread("Pod", { namespace: "bar", name: "odd", field: "spec" })],
    says: { clientMode: ["unknown"] },
  },
];

const machine = (options: Parameters<typeof workloadEntry>[2] = {}) => workloadEntry("bar", "server", { address: "10.7.0.1", serviceAccount: "vm", workloadLabels: { app: "server", "security.istio.io/tlsMode": "istio" }, ...options });
const named = service("bar", "server", { ports: [{ port: 80, name: "http", targetPort: "web" }] });

const ofMachines: readonly Whole[] = [
  { name: "[REG-4] a machine that the Service selects", objects: [client, machine(), web], says: { clientMode: ["AUTO_MTLS", "REG-4 Service bar/server"] } },
  { name: "[REG-4] one that it does not select", objects: [client, machine({ workloadLabels: { app: "other" } }), web], says: { clientMode: missing("server.bar.svc.cluster.local") } },
  { name: "[REG-4] a Service without selector selects none", objects: [client, machine(), service("bar", "server", { selector: {} })], says: { clientMode: missing("server.bar.svc.cluster.local") } },
  { name: "[REG-4] a headless Service takes none", objects: [client, machine(), service("bar", "server", { clusterIPs: ["None"] })], says: { clientMode: missing("server.bar.svc.cluster.local") } },
  { name: "[REG-4] a port by its name, which the machine has", objects: [client, machine({ ports: { web: 9000 } }), named], says: { clientMode: ["AUTO_MTLS"] } },
  { name: "[REG-4] a port by its name, which it has not", objects: [client, machine({ ports: { http: 9000 } }), named], says: { clientMode: missing("server.bar.svc.cluster.local") } },
  { name: "[REG-4] of an entry with a selector", objects: [client, machine(), serviceEntry("bar", "entry", "entry.example", { workloadSelector: { app: "server" } })], asked: ENTRY, says: { clientMode: ["AUTO_MTLS", "REG-4 ServiceEntry bar/entry"] } },
  {
    name: "[REG-4] of an entry whose selector it does not have",
    objects: [client, machine(), serviceEntry("bar", "entry", "entry.example", { workloadSelector: { app: "other" } })],
    asked: ENTRY,
    says: { clientMode: missing("entry.example") },
  },
  { name: "[REG-4] of an entry in another namespace", objects: [client, machine(), serviceEntry("foo", "entry", "entry.example", { workloadSelector: { app: "server" } })], asked: ENTRY, says: { clientMode: missing("entry.example") } },
  { name: "[REG-4] a machine without address", objects: [client, machine({ address: "" }), serviceEntry("bar", "entry", "entry.example", { workloadSelector: { app: "server" } })], asked: ENTRY, says: { clientMode: missing("entry.example") } },
];

const TELLS = "spec.endpoints[1].labels.security.istio.io/tlsMode";
const other = inline({ address: "10.7.0.9" });

const ofEntries: readonly Whole[] = [
  { name: "[AUTO-1] an endpoint with an account advertises mTLS", objects: [client, server, entry(inline({ serviceAccount: "server" }), other)], asked: ENTRY, says: { clientMode: ["AUTO_MTLS", `AUTO-1 ServiceEntry bar/entry ${TELLS} = istio`], transport: ["mTLS"] } },
  { name: "[AUTO-2] one without does not", objects: [client, server, entry(inline(), other)], asked: ENTRY, says: { clientMode: ["AUTO_PLAINTEXT", `AUTO-2 ServiceEntry bar/entry ${TELLS} = disabled`] } },
  { name: "[AUTO-2] nor one with an empty account", objects: [client, server, entry(inline({ serviceAccount: "" }), other)], asked: ENTRY, says: { clientMode: ["AUTO_PLAINTEXT"] } },
  { name: "[AUTO-1] the label says so", objects: [client, server, entry(inline({ labels: { "security.istio.io/tlsMode": "istio" } }), other)], asked: ENTRY, says: { clientMode: ["AUTO_MTLS", `AUTO-1 ServiceEntry bar/entry ${TELLS} = istio`] } },
  { name: "[AUTO-2] the label beats the account", objects: [client, server, entry(inline({ serviceAccount: "server", labels: { "security.istio.io/tlsMode": "disabled" } }), other)], asked: ENTRY, says: { clientMode: ["AUTO_PLAINTEXT"] } },
  { name: "[ID-1] accounts are those of the entry's namespace", objects: [client, server, entry(inline({ serviceAccount: "stranger" }), other)], asked: ENTRY, says: { transport: ["blocked", "ID-1 ServiceEntry bar/entry = spiffe://cluster.local/ns/bar/sa/server"] } },
  { name: "[JOIN-1] where no endpoint has an account any is accepted", objects: [client, server, entry(inline({ labels: { "security.istio.io/tlsMode": "istio" } }), other)], asked: ENTRY, says: { transport: ["mTLS"] } },
  { name: "[JOIN-1] a pod without account has the default one", objects: [client, pod("bar", "server", { proxy: "sidecar", ips: ["10.7.0.1"], serviceAccountName: "" }), entry(inline({ serviceAccount: "default" }), other)], asked: ENTRY, says: { transport: ["mTLS"] } },
  { name: "[ID-1] and no other", objects: [client, pod("bar", "server", { proxy: "sidecar", ips: ["10.7.0.1"], serviceAccountName: "" }), entry(inline({ serviceAccount: "server" }), other)], asked: ENTRY, says: { transport: ["blocked", "ID-1 ServiceEntry bar/entry = spiffe://cluster.local/ns/bar/sa/default"] } },
  { name: "[REG-4] nothing has that address", objects: [client, server, entry(other)], asked: ENTRY, says: { clientMode: missing("entry.example") } },
  { name: "[REG-4] of an address that a pod shares with its node the other pod is meant", objects: [client, pod("bar", "agent", { hostNetwork: true, ips: ["10.7.0.1"] }), server, entry(inline({ serviceAccount: "server" }), other)], asked: ENTRY, says: { clientMode: ["AUTO_MTLS"], transport: ["mTLS"] } },
  {
    name: "[AMB-10] the label of the tunnel",
    objects: [ambientControlPlane(), client, server, entry(inline({ labels: { "networking.istio.io/tunnel": "http" } }), other)],
    asked: ENTRY,
    says: { clientMode: ["HBONE"] },
  },
  { name: "[AMB-10] the tunnel of the pod that has the address", objects: [ambientControlPlane(), client, pod("bar", "server", { proxy: "ambient", ips: ["10.7.0.1"] }), entry(inline(), other)], asked: ENTRY, says: { clientMode: ["HBONE"] } },
];

function many(): readonly MeshObject[] {
  const pods = Array.from({ length: 20 }, (_, n) => pod("bar", `many-${n}`, { labels: { app: "server" }, ...(n === 19 ? {} : { proxy: "sidecar" as const }) }));
  return [client, ...pods, web];
}

const several: readonly Whole[] = [
  { name: "[AUTO-1] one of many", objects: many(), asked: { server: "bar/many-7" }, says: { clientMode: ["AUTO_MTLS", `AUTO-1 Pod bar/many-7 ${MARK} = istio`] } },
  { name: "[AUTO-2] the last of many", objects: many(), asked: { server: "bar/many-19" }, says: { clientMode: ["AUTO_PLAINTEXT", `AUTO-2 Pod bar/many-19 ${MARK} = disabled`] } },
  { name: "[REG-4] none of many", objects: [...many(), pod("bar", "server", { labels: { app: "none" } })], says: { clientMode: missing("server.bar.svc.cluster.local") } },
];

const ports = (...all: readonly Partial<Service["ports"][number]>[]): Service => service("bar", "server", { ports: all.map((one, at) => ({ port: 80 + at, name: `http-${at}`, ...one })) });

const unreadOnes: readonly Whole[] = [
  { name: "endpoints of the Service were not read", objects: [client, pod("bar", "server", { proxy: "sidecar", labels: { app: "none" } }), web], unread: [unread("EndpointSlice", { namespace: "bar" })], says: { clientMode: ["unknown", "? `EndpointSlice` objects in namespace `bar`: forbidden"] } },
  { name: "machines of an entry were not read", objects: [client, server, serviceEntry("bar", "entry", "entry.example", { workloadSelector: { app: "x" } })], unread: [unread("WorkloadEntry", { namespace: "bar" })], asked: ENTRY, says: { clientMode: ["unknown", "? `WorkloadEntry` objects in namespace `bar`: forbidden"] } },
  { name: "an entry that writes its endpoints needs no pods", objects: [client, server, entry(other)], unread: [unread("WorkloadEntry", { namespace: "bar" })], asked: ENTRY, says: { clientMode: missing("entry.example") } },
  { name: "[REG-4] the port that was dialled, of two", objects: [client, server, ports({ targetPort: 8080 }, { targetPort: 9090 }), destinationRule("bar", "p", "server", { trafficPolicy: trafficPolicy(null, { portLevelSettings: [{ port: 81, tls: tls("DISABLE"), loadBalancerSimple: null, hasLoadBalancer: false }] }) })], asked: { port: 81 }, says: { clientMode: ["DR_DISABLE"] } },
];

describeChains("endpoints of slices", ofSlices);
describeChains("machines", ofMachines);
describeChains("endpoints that a ServiceEntry writes", ofEntries);
describeChains("many endpoints", several);
describeChains("endpoints that may be missing", unreadOnes);
