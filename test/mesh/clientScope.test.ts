import { describe, expect, it } from "vitest";
import type { MeshObject, ServiceEntry } from "#mesh";
import { judgeMesh } from "#mesh";
import { byHost, describeChains, question, wholeOf, type Whole } from "../support/judging.ts";
import {
  ambientControlPlane, controlPlane, destinationRule, egress, mesh, meshConfig, peerAuthentication, pod, second, service, serviceEntry, sidecar, tls, trafficPolicy, unread, virtualService, type DestinationRuleOptions,
} from "../support/mesh.ts";

// Which service a name means to a client, by which listener a dial leaves, and what is sent then: with the reasons.

const client = pod("foo", "client", { proxy: "sidecar" });
const server = pod("bar", "server", { proxy: "sidecar", ips: ["10.8.0.1"] });
const web = service("bar", "server");
const HOST = "server.bar.svc.cluster.local";
const endpoints = [{ address: "10.8.0.1", ports: {}, labels: {}, serviceAccount: null, network: null }];

/** An entry for a host whose location shows that it was meant. */
function external(ns: string, host: string, options: Partial<Omit<ServiceEntry, "kind" | "namespace" | "name">> = {}): ServiceEntry {
  return serviceEntry(ns, "entry", host, { endpoints, location: "MESH_EXTERNAL", ...options });
}

const AS_EXTERNAL: readonly [string, ...string[]] = ["AUTO_PLAINTEXT", "AUTO-10 ServiceEntry foo/entry spec.location = MESH_EXTERNAL"];
const ENTRY = { via: byHost("one.example") };
const unreadEntries = (namespace: string) => [unread("ServiceEntry", { namespace })];

const named = serviceEntry("bar", "named", "one.example", { endpoints: endpoints.map((one) => ({ ...one, labels: { "security.istio.io/tlsMode": "istio" }, serviceAccount: "server" })), exportTo: ["foo"], createdAtMs: second(5) });

const TCP = [{ number: 80, name: "tcp", protocol: "TCP", targetPort: 8080 }];

const names: readonly Whole[] = [
  { name: "[REG-4] an entry of the client's own namespace takes the name of a Service elsewhere", objects: [client, server, web, external("foo", HOST)], says: { clientMode: AS_EXTERNAL } },
  { name: "[REG-4] but not from a gateway", objects: [pod("foo", "client", { proxy: "gateway" }), server, web, external("foo", HOST)], says: { clientMode: ["AUTO_MTLS", "REG-4 Service bar/server"] } },
  { name: "[REG-4] of two entries elsewhere the one that is exported by name, though it is younger", objects: [client, server, external("qux", "one.example"), named], asked: ENTRY, says: { clientMode: ["AUTO_MTLS", "REG-4 ServiceEntry bar/named"] } },
  { name: "[REG-4] a gateway's own namespace is none of its own there either", objects: [pod("foo", "client", { proxy: "gateway" }), server, external("foo", "one.example", { createdAtMs: second(5) }), { ...named, exportTo: [], createdAtMs: second(2) }], asked: ENTRY, says: { clientMode: ["AUTO_MTLS", "REG-4 ServiceEntry bar/named"] } },
  {
    name: "[REG-18] an entry with addresses of its own does not, for TCP",
    objects: [client, server, service("bar", "server", { ports: [{ port: 80, name: "tcp", targetPort: 8080 }] }), external("foo", HOST, { addresses: ["10.9.0.1"], endpoints: [], ports: [{ number: 80, name: "tcp", protocol: "TCP", targetPort: null }] })],
    says: { clientMode: ["PASSTHROUGH", "REG-18 ServiceEntry foo/entry spec.addresses"] },
  },
  {
    name: "[REG-18] nor one for HTTP, where the Service is no HTTP",
    objects: [client, server, service("bar", "server", { ports: [{ port: 80, name: "tcp", targetPort: 8080 }] }), external("foo", HOST, { endpoints: [], ports: [{ number: 80, name: "http", protocol: "HTTP", targetPort: null }] })],
    says: { clientMode: ["PASSTHROUGH", "REG-18 ServiceEntry foo/entry spec.addresses"] },
  },
  {
    name: "[REG-18] nor one for TLS, which goes by the name in it",
    objects: [client, server, web, external("foo", HOST, { endpoints: [], ports: [{ number: 80, name: "tls", protocol: "HTTPS", targetPort: null }] })],
    says: { clientMode: ["PASSTHROUGH", "REG-18 ServiceEntry foo/entry spec.addresses"] },
  },
  {
    name: "[REG-4] a gateway listens nowhere for others: it takes its cluster of that name",
    objects: [pod("foo", "client", { proxy: "gateway" }), server, service("bar", "server", { ports: [{ port: 80, name: "tcp", targetPort: 8080 }] }), external("foo", HOST, { addresses: ["10.9.0.1"], ports: [{ number: 80, name: "tcp", protocol: "TCP", targetPort: 8080 }] })],
    says: { clientMode: ["AUTO_MTLS", "REG-4 Service bar/server"] },
  },
  {
    name: "[REG-4] of that which it has, though the address that was dialled is another's",
    objects: [pod("foo", "client", { proxy: "gateway" }), server, { ...named, exportTo: [], addresses: ["10.9.0.2"], ports: TCP }, external("qux", "one.example", { addresses: ["10.9.0.1"], ports: TCP, endpoints: [] })],
    asked: ENTRY,
    says: { clientMode: ["unknown", "? the way to `bar/server`: the client's proxy takes the dial for `one.example` port 80, which has no such endpoint"] },
  },
  {
    name: "[REG-18] nor one that is older and has the same endpoint: the name stands for the Service",
    objects: [client, server, service("bar", "server", { createdAtMs: second(9), ports: [{ port: 80, name: "tcp", targetPort: 8080 }] }), external("foo", HOST, { createdAtMs: second(1), addresses: ["10.9.0.1"], ports: [{ number: 80, name: "tcp", protocol: "TCP", targetPort: 8080 }] })],
    says: { clientMode: ["PASSTHROUGH", "REG-18 ServiceEntry foo/entry spec.addresses"] },
  },
  { name: "[REG-4] in one namespace the Service does, though it is younger", objects: [client, server, service("bar", "server", { createdAtMs: second(9) }), external("bar", HOST)], says: { clientMode: ["AUTO_MTLS", "REG-4 Service bar/server"] } },
  { name: "[REG-4] in a third namespace too", objects: [client, server, service("bar", "server", { createdAtMs: second(9) }), external("qux", HOST)], says: { clientMode: ["AUTO_MTLS", "REG-4 Service bar/server"] } },
  {
    name: "[REG-4] of two entries elsewhere the older",
    objects: [client, server, external("bar", "one.example", { createdAtMs: second(9) }), external("qux", "one.example", { location: "MESH_INTERNAL", createdAtMs: second(1) })],
    asked: ENTRY,
    says: { clientMode: ["AUTO_PLAINTEXT", "REG-4 ServiceEntry qux/entry"] },
  },
  { name: "[REG-2] not exported, by the mesh's default", objects: [client, server, web, meshConfig({ defaultServiceExportTo: ["."] })], says: { clientMode: ["PASSTHROUGH", "REG-2 Service bar/server metadata.annotations.networking.istio.io/exportTo = (mesh default)"] } },
  { name: "[REG-2] not exported, by its own word", objects: [client, server, service("bar", "server", { annotations: { "networking.istio.io/exportTo": ".,qux" } })], says: { clientMode: ["PASSTHROUGH", "REG-2 Service bar/server metadata.annotations.networking.istio.io/exportTo = .,qux"] } },
  { name: "[REG-2] an entry that is not exported", objects: [client, server, external("bar", "one.example", { exportTo: ["."] })], asked: ENTRY, says: { clientMode: ["PASSTHROUGH", "REG-2 ServiceEntry bar/entry spec.exportTo = ."] } },
  { name: "[REG-3] not imported", objects: [client, server, web, sidecar("foo", "scope", { egress: egress("./*") })], says: { clientMode: ["PASSTHROUGH", "REG-3 Sidecar foo/scope spec.egress"] } },
  { name: "[REG-6] what becomes of it then", objects: [client, server, web, sidecar("foo", "scope", { egress: egress("./*") }), meshConfig({ outboundTrafficPolicyMode: "REGISTRY_ONLY" })], says: { clientMode: ["BLACKHOLE", "REG-6 ConfigMap istio-system/istio data.mesh outboundTrafficPolicy.mode = REGISTRY_ONLY"] } },
  { name: "[REG-6] by Istio's default", objects: [client, server, web, sidecar("foo", "scope", { egress: egress("./*") })], says: { clientMode: ["PASSTHROUGH", "REG-6 (default) data.mesh outboundTrafficPolicy.mode = ALLOW_ANY"] } },
  ...(["ALLOW_ANY", "REGISTRY_ONLY", ""] as const).map(
    (mode): Whole => ({
      name: `[REG-5] by the Sidecar's own word: ${mode === "" ? "none" : mode}`,
      objects: [client, server, web, sidecar("foo", "scope", { egress: egress("./*"), outboundTrafficPolicyMode: mode })],
      says: { clientMode: [mode === "ALLOW_ANY" ? "PASSTHROUGH" : "BLACKHOLE", `REG-5 Sidecar foo/scope spec.outboundTrafficPolicy.mode = ${mode === "" ? "(absent)" : mode}`] },
    }),
  ),
  { name: "entries of the client's namespace were not read", objects: [client, server, web], unread: unreadEntries("foo"), says: { clientMode: ["unknown", "? `ServiceEntry` objects in namespace `foo`: forbidden"] } },
  { name: "[REG-4] a Service of one's own namespace has no rival", objects: [pod("bar", "client", { proxy: "sidecar" }), server, web], unread: unreadEntries("qux"), asked: { client: "bar/client" }, says: { clientMode: ["AUTO_MTLS"] } },
  { name: "where an entry has the name, any other may", objects: [client, server, external("bar", "one.example")], unread: unreadEntries("qux"), asked: ENTRY, says: { clientMode: ["unknown", "? `ServiceEntry` objects in namespace `qux`: forbidden"] } },
  { name: "a hidden Service may have a visible namesake", objects: [client, server, web, meshConfig({ defaultServiceExportTo: ["."] })], unread: unreadEntries("qux"), says: { clientMode: ["unknown", "? `ServiceEntry` objects in namespace `qux`: forbidden"] } },
];

const to = (host: string) => ({ conditional: false, destinations: [{ host, subset: null, port: null }] });
const twice: readonly MeshObject[] = [
  client, server, web, virtualService("foo", "route", { hosts: [HOST], http: [to("one.example")] }), external("aaa", "one.example", { createdAtMs: second(9) }), external("zzz", "one.example", { location: "MESH_INTERNAL", createdAtMs: second(1) }),
];

const routes: readonly Whole[] = [
  { name: "[REG-16] a route to a name that two entries have: the older", objects: twice, says: { clientMode: ["AUTO_PLAINTEXT", "AUTO-2 ServiceEntry zzz/entry spec.endpoints[0].labels.security.istio.io/tlsMode = disabled"] } },
  { name: "[REG-16] before 1.30 the first by letter", objects: [...twice, controlPlane({ version: "1.29.0" })], says: { clientMode: ["AUTO_PLAINTEXT", "AUTO-10 ServiceEntry aaa/entry spec.location = MESH_EXTERNAL"] } },
  { name: "[REG-16] its own namespace's before others, before 1.30 too", objects: [...twice, external("foo", "one.example", { createdAtMs: second(5) }), controlPlane({ version: "1.29.0" })], says: { clientMode: AS_EXTERNAL } },
  { name: "[REG-16] its own namespace's before others", objects: [...twice, external("foo", "one.example", { createdAtMs: second(5) })], says: { clientMode: AS_EXTERNAL } },
];

const onlyRoute = (ports: Parameters<typeof service>[2], ...more: readonly MeshObject[]): readonly MeshObject[] => [
  client, server, service("bar", "server", ports), pod("foo", "near", { proxy: "sidecar" }), service("foo", "near", { ports: [{ port: 80, name: "http", targetPort: 8080 }, { port: 81, name: "http-b", targetPort: 8080 }] }),
  sidecar("foo", "scope", { egress: egress("./*") }), virtualService("foo", "route", { hosts: [HOST], http: [to(HOST)], tcp: [to(HOST)] }), ...more,
];
const alias = service("foo", "alias", { type: "ExternalName", externalName: HOST, selector: {}, clusterIPs: [], ports: [] });
const ALIAS = { via: byHost("alias.foo.svc.cluster.local") };

const listeners: readonly Whole[] = [
  { name: "[REG-15] HTTP on port 80, by the VirtualService", objects: onlyRoute({}), says: { clientMode: ["AUTO_MTLS", "REG-15 VirtualService foo/route spec.hosts"] } },
  { name: "[REG-3] not on another port", objects: onlyRoute({ ports: [{ port: 81, name: "http", targetPort: 8080 }] }), asked: { port: 81 }, says: { clientMode: ["PASSTHROUGH", "REG-3 Sidecar foo/scope spec.egress"] } },
  { name: "[REG-3] not TCP", objects: onlyRoute({ ports: [{ port: 80, name: "tcp", targetPort: 8080 }] }), says: { clientMode: ["PASSTHROUGH", "REG-3 Sidecar foo/scope spec.egress"] } },
  { name: "[REG-3] not where nothing listens for HTTP", objects: onlyRoute({}).filter(({ name }) => name !== "near"), says: { clientMode: ["PASSTHROUGH"] } },
  { name: "[REG-14] an alias that the Sidecar does not import under its name", objects: [client, server, web, alias, sidecar("foo", "scope", { egress: egress(`bar/${HOST}`) })], asked: ALIAS, says: { clientMode: ["PASSTHROUGH", "REG-14 Sidecar foo/scope spec.egress = alias.foo.svc.cluster.local"] } },
  { name: "[REG-4] TCP goes by the address that it stands for", objects: [client, server, service("bar", "server", { ports: [{ port: 80, name: "tcp", targetPort: 8080 }] }), alias, sidecar("foo", "scope", { egress: egress(`bar/${HOST}`) })], asked: ALIAS, says: { clientMode: ["AUTO_MTLS", "REG-4 Service bar/server"] } },
  { name: "[REG-17] a port named udp", objects: [client, server, service("bar", "server", { ports: [{ port: 80, name: "udp", targetPort: 8080 }] })], says: { clientMode: ["PASSTHROUGH", "REG-17 Service bar/server spec.ports.name"] } },
  { name: "[REG-12] an address", objects: [client, server, web], asked: { via: "podIP" }, says: { clientMode: ["PASSTHROUGH", "REG-12 (default)"] } },
  {
    name: "[REG-11] an address that an entry claims",
    objects: [client, server, external("foo", "one.example", { addresses: ["10.8.0.1"], ports: [{ number: 8080, name: "tcp", protocol: "TCP", targetPort: 8080 }] })],
    asked: { via: "podIP" },
    says: { clientMode: ["AUTO_PLAINTEXT", "REG-11 ServiceEntry foo/entry spec.addresses = 10.8.0.1"] },
  },
  {
    name: "[REG-12] not for HTTP",
    objects: [client, server, external("foo", "one.example", { addresses: ["10.8.0.1"], ports: [{ number: 8080, name: "http", protocol: "HTTP", targetPort: 8080 }] })],
    asked: { via: "podIP" },
    says: { clientMode: ["PASSTHROUGH", "REG-12 (default)"] },
  },
  {
    name: "the address is claimed for others",
    objects: [client, server, external("foo", "one.example", { addresses: ["10.8.0.1"], endpoints: endpoints.map((one) => ({ ...one, address: "10.8.0.9" })), ports: [{ number: 8080, name: "tcp", protocol: "TCP", targetPort: 8080 }] })],
    asked: { via: "podIP" },
    says: { clientMode: ["unknown", "? the way to `bar/server`: the client's proxy takes the dial for `one.example` port 8080, which has no such endpoint"] },
  },
  {
    name: "[REG-13] HTTP to an address, by its Host header",
    objects: [client, server, service("bar", "server", { ports: [{ port: 8080, name: "http", targetPort: 8080 }] })],
    asked: { port: 8080, via: { type: "podIP", ip: "10.8.0.1", host: HOST } },
    says: { clientMode: ["AUTO_MTLS", "REG-13 Service bar/server spec.ports"] },
  },
  {
    name: "[REG-12] not where the port is TCP for that host",
    objects: [client, server, service("bar", "server", { ports: [{ port: 8080, name: "tcp", targetPort: 8080 }] }), service("bar", "web", { selector: { app: "server" }, ports: [{ port: 8080, name: "http", targetPort: 8080 }] })],
    asked: { port: 8080, via: { type: "podIP", ip: "10.8.0.1", host: HOST } },
    says: { clientMode: ["PASSTHROUGH", "REG-12 (default)"] },
  },
  {
    name: "[REG-12] nor where the host is nobody's",
    objects: [client, server, service("bar", "server", { ports: [{ port: 8080, name: "http", targetPort: 8080 }] })],
    asked: { port: 8080, via: { type: "podIP", ip: "10.8.0.1", host: "nobody.example" } },
    says: { clientMode: ["PASSTHROUGH", "REG-12 (default)"] },
  },
  { name: "[CAP-10] UDP", objects: [client, server, service("bar", "server", { ports: [{ port: 53, name: "dns", protocol: "UDP", targetPort: 53 }] })], asked: { port: 53 }, says: { clientMode: ["BYPASS", "CAP-10 Service bar/server spec.ports.protocol = UDP"] } },
  { name: "[CAP-11] its own address", objects: [server, web], asked: { client: "bar/server", via: "podIP" }, says: { clientMode: ["BYPASS", "CAP-11 Pod bar/server"] } },
];

const headless = (ns: string, name: string, exportTo: string, createdAt: number) =>
  service(ns, name, { clusterIPs: ["None"], selector: ns === "bar" ? { app: "server" } : {}, createdAtMs: second(createdAt), annotations: exportTo === "" ? {} : { "networking.istio.io/exportTo": exportTo }, ports: [{ port: 8080, name: "tcp", targetPort: 8080 }] });
const at = (line: string): Whole["says"] => ({ clientMode: ["AUTO_MTLS", line] });
const BY_ADDRESS = { via: "podIP" } as const;

const headlessOnes: readonly Whole[] = [
  { name: "[REG-10] the older of two public ones", objects: [client, server, headless("bar", "a", "", 2), headless("bar", "b", "", 1)], asked: BY_ADDRESS, says: at("REG-10 Service bar/b spec.clusterIP = None") },
  { name: "[REG-10] one that is exported by name before public ones", objects: [client, server, headless("bar", "a", "", 1), headless("bar", "b", "foo", 2)], asked: BY_ADDRESS, says: at("REG-10 Service bar/b spec.clusterIP = None") },
  {
    name: "[REG-10] the client's own private one before those exported by name",
    objects: [pod("bar", "client", { proxy: "sidecar" }), server, headless("bar", "a", ".", 2), headless("bar", "b", "*", 1)],
    asked: { client: "bar/client", via: "podIP" },
    says: at("REG-10 Service bar/a spec.clusterIP = None"),
  },
  { name: "[REG-12] one that is not exported does not listen", objects: [client, server, headless("bar", "a", ".", 1)], asked: BY_ADDRESS, says: { clientMode: ["PASSTHROUGH", "REG-12 (default)"] } },
  { name: "its endpoints were not read", objects: [client, server, headless("bar", "a", "", 1)], unread: [unread("EndpointSlice", { namespace: "bar" })], asked: BY_ADDRESS, says: { clientMode: ["unknown"] } },
];

function ruled(mode: string | null, options: Parameters<typeof tls>[1] = {}, more: DestinationRuleOptions = {}): readonly MeshObject[] {
  return [client, server, service("bar", "server", { ports: [{ port: 80, name: "tcp", targetPort: 8080 }] }), destinationRule("foo", "own", HOST, { trafficPolicy: trafficPolicy(tls(mode, options)), ...more })];
}

const MODE = "DestinationRule foo/own spec.trafficPolicy.tls.mode";
const FILES = { clientCertificate: "/cert", privateKey: "/key" };
const withFiles = pod("foo", "client", { proxy: "sidecar", annotations: { "proxy.istio.io/config": "{ proxyMetadata: { TLS_CLIENT_CERT_CHAIN: /etc/certs/chain.pem } }" } });
const CERTIFICATE = "? the certificate that the client sends: its proxy is given `TLS_CLIENT_CERT_CHAIN`";
const network = (name: string) => ({ labels: { "topology.istio.io/network": name } });
const unmarked = (name: string) => pod("bar", "server", { proxy: "sidecar", labels: { "security.istio.io/tlsMode": "disabled", "topology.istio.io/network": name } });

const sent: readonly Whole[] = [
  { name: "[DR-10] DISABLE", objects: ruled("DISABLE"), says: { clientMode: ["DR_DISABLE", `DR-10 ${MODE} = DISABLE`] } },
  { name: "[DR-12] ISTIO_MUTUAL", objects: ruled("ISTIO_MUTUAL"), says: { clientMode: ["DR_ISTIO_MUTUAL", `DR-12 ${MODE} = ISTIO_MUTUAL`] } },
  { name: "[DR-13] SIMPLE", objects: ruled("SIMPLE"), says: { clientMode: ["DR_SIMPLE", `DR-13 ${MODE} = SIMPLE`] } },
  { name: "[DR-13] MUTUAL with its files", objects: ruled("MUTUAL", FILES), says: { clientMode: ["DR_MUTUAL", `DR-13 ${MODE} = MUTUAL`] } },
  { name: "[DR-14] without the key", objects: ruled("MUTUAL", { ...FILES, privateKey: null }), says: { clientMode: ["DR_DROPPED", `DR-14 ${MODE} = MUTUAL`] } },
  { name: "[DR-14] without the certificate", objects: ruled("MUTUAL", { ...FILES, clientCertificate: "" }), says: { clientMode: ["DR_DROPPED"] } },
  { name: "[DR-13] SIMPLE needs none", objects: ruled("SIMPLE", { clientCertificate: "" }), says: { clientMode: ["DR_SIMPLE"] } },
  { name: "[DR-14] a credential without selector", objects: ruled("SIMPLE", { credentialName: "ca" }), says: { clientMode: ["DR_DROPPED", `DR-14 ${MODE} = SIMPLE`] } },
  { name: "[DR-13] a credential from a ConfigMap", objects: ruled("SIMPLE", { credentialName: "configmap://ca" }), says: { clientMode: ["DR_SIMPLE"] } },
  { name: "[DR-13] a credential with a selector", objects: ruled("SIMPLE", { credentialName: "ca" }, { workloadSelector: { app: "client" } }), says: { clientMode: ["DR_SIMPLE"] } },
  { name: "a mode that Istio does not know", objects: ruled("MAYBE"), says: { clientMode: ["unknown", "? the TLS mode of `DestinationRule` `foo/own`: `MAYBE` is no mode that Istio knows"] } },
  { name: "certificates from files", objects: [withFiles, server, web], says: { clientMode: ["unknown", CERTIFICATE] } },
  { name: "[DR-10] which plaintext does not send", objects: [withFiles, ...ruled("DISABLE").slice(1)], says: { clientMode: ["DR_DISABLE"] } },
  { name: "[DR-13] nor SIMPLE", objects: [withFiles, ...ruled("SIMPLE").slice(1)], says: { clientMode: ["DR_SIMPLE"] } },
  { name: "plaintext to another network", objects: [pod("foo", "client", { proxy: "sidecar", ...network("one") }), unmarked("two"), web], says: { clientMode: ["unknown", "? the way from network `one` to network `two`: a gateway between them takes mTLS only, and whether there is one is not among what is read"] } },
  { name: "[AUTO-2] plaintext within one", objects: [pod("foo", "client", { proxy: "sidecar", ...network("one") }), unmarked("one"), web], says: { clientMode: ["AUTO_PLAINTEXT"] } },
  { name: "[AUTO-2] plaintext to one that has no name", objects: [pod("foo", "client", { proxy: "sidecar", ...network("one") }), unmarked(""), web], says: { clientMode: ["AUTO_PLAINTEXT"] } },
  { name: "[AUTO-2] plaintext from one that has no name", objects: [client, unmarked("two"), web], says: { clientMode: ["AUTO_PLAINTEXT"] } },
  { name: "[AUTO-1] mTLS to another network", objects: [pod("foo", "client", { proxy: "sidecar", ...network("one") }), pod("bar", "server", { proxy: "sidecar", ...network("two") }), web], says: { clientMode: ["AUTO_MTLS"] } },
  { name: "[DR-12] ISTIO_MUTUAL to another network", objects: [pod("foo", "client", { proxy: "sidecar", ...network("one") }), unmarked("two"), ...ruled("ISTIO_MUTUAL").slice(2)], says: { clientMode: ["DR_ISTIO_MUTUAL"] } },
  {
    name: "[AMB-10] the tunnel, where istiod is told to prefer it",
    objects: [ambientControlPlane({ env: { PILOT_ENABLE_AMBIENT: "true", PILOT_PREFER_SENDING_HBONE: "true" } }), client, pod("bar", "server", { proxy: "sidecar", labels: { "networking.istio.io/tunnel": "http" } }), web],
    says: { clientMode: ["HBONE", "CP-1 ControlPlane istio-system/istiod env.PILOT_PREFER_SENDING_HBONE = true", "AMB-10 Pod bar/server"] },
  },
];

const plain = pod("foo", "client");
const strictly = (name: string, mode: string, line: string, ...policies: readonly MeshObject[]): Whole => ({ name, objects: [plain, pod("bar", "server", { proxy: "ambient" }), web, ambientControlPlane(), ...policies], says: { serverMode: line === "" ? [mode] : [mode, line] } });
const APP = { app: "server" };
const own = (mode: string | null, ports: Readonly<Record<string, string>>) => peerAuthentication("bar", "server", mode, { selector: APP, portLevelMtls: ports });
const namespace = (mode: string | null, selector: Readonly<Record<string, string>> | null = null) => peerAuthentication("bar", "default", mode, { selector });
const root = (mode: string) => peerAuthentication("istio-system", "default", mode);
const PORT = "PeerAuthentication bar/server spec.portLevelMtls.8080.mode";

const ztunnel: readonly Whole[] = [
  strictly("[AMB-3] a STRICT port of a workload that says nothing", "STRICT", `AMB-3 ${PORT} = STRICT`, own(null, { 8080: "STRICT" }), namespace("PERMISSIVE")),
  strictly("[AMB-2] another port of it", "PERMISSIVE", "AMB-2 PeerAuthentication bar/server spec.mtls.mode = UNSET", own(null, { 9090: "STRICT" }), namespace("PERMISSIVE")),
  strictly("[AMB-4] an open port below the namespace's STRICT", "PERMISSIVE", `AMB-4 ${PORT} = PERMISSIVE`, own(null, { 8080: "PERMISSIVE" }), namespace("STRICT")),
  strictly("[AMB-1] beside it", "STRICT", "AMB-1 PeerAuthentication bar/server spec.portLevelMtls", own(null, { 9090: "PERMISSIVE" }), namespace("STRICT")),
  strictly("[AMB-4] an open port of a STRICT workload", "PERMISSIVE", `AMB-4 ${PORT} = DISABLE`, own("STRICT", { 8080: "DISABLE" })),
  strictly("[AMB-5] a STRICT port of an open workload, below the mesh's STRICT", "PERMISSIVE", "AMB-5 PeerAuthentication bar/server spec.portLevelMtls", own("PERMISSIVE", { 8080: "STRICT" }), root("STRICT")),
  strictly("[AMB-3] where the namespace says something itself", "STRICT", `AMB-3 ${PORT} = STRICT`, own("PERMISSIVE", { 8080: "STRICT" }), namespace("PERMISSIVE"), root("STRICT")),
  strictly("[AMB-3] below the namespace's STRICT", "STRICT", `AMB-3 ${PORT} = STRICT`, own("PERMISSIVE", { 8080: "STRICT" }), namespace("STRICT")),
  strictly("[AMB-1] the namespace, before the mesh", "STRICT", "AMB-1 PeerAuthentication bar/default spec.mtls.mode = STRICT", namespace("STRICT"), root("PERMISSIVE")),
  strictly("[AMB-2] the namespace, before the mesh", "PERMISSIVE", "AMB-2 PeerAuthentication bar/default spec.mtls.mode = PERMISSIVE", namespace("PERMISSIVE"), root("STRICT")),
  strictly("[AMB-1] the mesh, where the namespace says UNSET", "STRICT", "AMB-1 PeerAuthentication istio-system/default spec.mtls.mode = STRICT", namespace("UNSET"), root("STRICT")),
  strictly("[AMB-2] the workload, before both", "PERMISSIVE", "AMB-2 PeerAuthentication bar/server spec.mtls.mode = PERMISSIVE", own("PERMISSIVE", {}), namespace("STRICT")),
  strictly("[AMB-2] nobody", "PERMISSIVE", "AMB-2 (default)"),
  strictly("a mode that Istio does not know", "unknown", "? the mode of `PeerAuthentication` `bar/default`: `MAYBE` is no mode that Istio knows", namespace("MAYBE")),
  strictly("of a port", "unknown", "? the mode of `PeerAuthentication` `bar/server`: `MAYBE` is no mode that Istio knows", own("STRICT", { 9090: "MAYBE" })),
  { ...strictly("policies of the root namespace were not read", "unknown", "? `PeerAuthentication` objects in namespace `istio-system`: forbidden"), unread: [unread("PeerAuthentication", { namespace: "istio-system" })] },
  { ...strictly("[AMB-1] and are not asked", "STRICT", "", namespace("STRICT")), unread: [unread("PeerAuthentication", { namespace: "istio-system" })] },
  { name: "[AMB-1] of the root namespace itself", objects: [plain, pod("istio-system", "server", { proxy: "ambient" }), service("istio-system", "server"), ambientControlPlane(), root("STRICT")], asked: { server: "istio-system/server", via: byHost("server.istio-system.svc.cluster.local") }, says: { serverMode: ["STRICT", "AMB-1 PeerAuthentication istio-system/default spec.mtls.mode = STRICT"] } },
];

const viaSecond: readonly MeshObject[] = [
  service("bar", "second", { selector: { app: "server" } }), destinationRule("bar", "plain", "second", { trafficPolicy: trafficPolicy(tls("DISABLE")) }), virtualService("bar", "route", { hosts: ["server"], http: [to("second")] }),
];
const hiddenHeadless = service("bar", "server", { clusterIPs: ["None"], annotations: { "networking.istio.io/exportTo": "." } });

const gateways: readonly Whole[] = [
  { name: "[REG-4] a gateway does not go by VirtualServices of the mesh", objects: [pod("foo", "client", { proxy: "gateway" }), server, web, ...viaSecond], says: { clientMode: ["AUTO_MTLS", "REG-4 Service bar/server"] } },
  { name: "[REG-16] a sidecar does", objects: [client, server, web, ...viaSecond], says: { clientMode: ["DR_DISABLE"] } },
  { name: "[REG-4] what leaves a gateway is its own", objects: [pod("foo", "client", { proxy: "gateway", annotations: { "traffic.sidecar.istio.io/excludeOutboundPorts": "80" } }), server, web], says: { clientMode: ["AUTO_MTLS"] } },
  { name: "[REG-12] a hidden headless Service is dialled by its address", objects: [client, server, hiddenHeadless], says: { clientMode: ["PASSTHROUGH", "REG-2 Service bar/server metadata.annotations.networking.istio.io/exportTo = .", "REG-12 (default)"] } },
  {
    name: "a VirtualService that was not read may import what a Sidecar does not",
    objects: [client, server, web, sidecar("foo", "scope", { egress: egress("./*") })],
    unread: [unread("VirtualService", { namespace: "foo" })],
    says: { clientMode: ["unknown", "? `VirtualService` objects in namespace `foo`: forbidden"] },
  },
  {
    name: "beside one that was",
    objects: [client, server, web, sidecar("foo", "scope", { egress: egress("./*") }), virtualService("qux", "other", { hosts: ["other.example"] })],
    unread: [unread("VirtualService", { namespace: "foo" })],
    says: { clientMode: ["unknown", "? `VirtualService` objects in namespace `foo`: forbidden"] },
  },
  { name: "an address may be a Service's that was not read", objects: [client, server, web], unread: [unread("Service", { namespace: "qux" })], asked: { via: "podIP" }, says: { clientMode: ["unknown", "? `Service` objects in namespace `qux`: forbidden"] } },
];

describe("exact chains", () => {
  const chain = (objects: readonly MeshObject[], asked: Parameters<typeof question>[1] = {}) => {
    const configuration = mesh(objects);
    return wholeOf(judgeMesh(configuration).connection(question(configuration, asked)).clientMode);
  };
  const MARK = "AUTO-1 Pod bar/server metadata.labels.security.istio.io/tlsMode = istio";

  it("[REG-4] a name that nothing hides", () => {
    expect(chain([client, server, web])).toEqual(["AUTO_MTLS", "REG-4 Service bar/server", "DR-9 (default)", MARK]);
  });

  it("[REG-4] an alias that the Sidecar imports under its name", () => {
    expect(chain([client, server, web, alias, sidecar("foo", "scope", { egress: egress("foo/*", "bar/*") })], ALIAS)).toEqual(["AUTO_MTLS", "REG-8 Sidecar foo/scope", "REG-4 Service bar/server", "DR-9 (default)", MARK]);
  });

  it("[REG-2, REG-3, REG-1] one reason for what is hidden", () => {
    const known = "REG-6 (default) data.mesh outboundTrafficPolicy.mode = ALLOW_ANY";
    expect(chain([client, server, web, meshConfig({ defaultServiceExportTo: ["."] })])).toEqual(["PASSTHROUGH", "REG-2 Service bar/server metadata.annotations.networking.istio.io/exportTo = (mesh default)", known.replace("(default)", "ConfigMap istio-system/istio")]);
    expect(chain([client, server, web, sidecar("foo", "scope", { egress: egress("./*") })])).toEqual(["PASSTHROUGH", "REG-8 Sidecar foo/scope", "REG-3 Sidecar foo/scope spec.egress", known]);
    expect(chain([client, server, web], { via: "podIP" })).toEqual(["PASSTHROUGH", "REG-12 (default)", known]);
  });
});

describeChains("gateways, and what may be missing", gateways);
describeChains("names", names);
describeChains("routes to names", routes);
describeChains("listeners", listeners);
describeChains("headless listeners", headlessOnes);
describeChains("what a cluster sends", sent);
describeChains("what ztunnel refuses", ztunnel);

// Answers of Istio's own code (`npm run istio`) about two ServiceEntries of one host.
describe("two entries of one name", () => {
  const shop = pod("bar", "server", { proxy: "sidecar", ips: ["10.8.0.1"], labels: { app: "shop" } });
  const port = (number: number, protocol = "HTTP") => ({ number, name: `${protocol.toLowerCase()}-${number}`, protocol, targetPort: null });
  const inline = { workloadSelector: null, endpoints: endpoints.map((one) => ({ ...one, labels: { "security.istio.io/tlsMode": "istio" } })) };
  const entry = (name: string, age: number, options: Partial<Omit<ServiceEntry, "kind" | "namespace" | "name">> = {}, ns = "bar") => serviceEntry(ns, name, "one.example", { createdAtMs: second(age), workloadSelector: { app: "shop" }, ports: [port(80)], ...options });
  const sent = (number: number, objects: readonly MeshObject[], from: MeshObject = client) => {
    const configuration = mesh([from, shop, ...objects]);
    return wholeOf(judgeMesh(configuration).connection(question(configuration, { port: number, ...ENTRY })).clientMode).slice(0, 2);
  };
  const old = entry("old", 1);

  it.each<readonly [string, readonly MeshObject[], string]>([
    ["of one namespace have their ports together", [old, entry("young", 2, { ports: [port(8080)] })], "AUTO_MTLS"],
    ["and so by their endpoints", [entry("old", 1, { ...inline, endpoints: [] }), entry("young", 2, { ...inline, ports: [port(8080)] })], "AUTO_MTLS"],
    ["whatever their addresses", [entry("old", 1, { ports: [port(80, "TCP")] }), entry("young", 2, { ports: [port(8080, "TCP")], addresses: ["240.0.0.2"] })], "AUTO_MTLS"],
    ["of which the older says whether they are outside: it is", [entry("old", 1, { location: "MESH_EXTERNAL" }), entry("young", 2, { ports: [port(8080)] })], "AUTO_PLAINTEXT"],
    ["of which the older says whether they are outside: it is not", [old, entry("young", 2, { location: "MESH_EXTERNAL", ports: [port(8080)] })], "AUTO_MTLS"],
    ["of two namespaces do not", [old, entry("young", 2, { ...inline, ports: [port(8080)] }, "third")], "PASSTHROUGH"],
    ["nor with another exportTo", [old, entry("young", 2, { ports: [port(8080)], exportTo: ["*"] })], "PASSTHROUGH"],
    ["nor with another selector", [old, entry("young", 2, { ...inline, ports: [port(8080)] })], "PASSTHROUGH"],
    ["nor with another resolution", [entry("old", 1, { ...inline }), entry("young", 2, { ...inline, resolution: "DNS", ports: [port(8080)] })], "PASSTHROUGH"],
    ["nor with other labels", [old, { ...entry("young", 2, { ports: [port(8080)] }), labels: { team: "b" } }], "PASSTHROUGH"],
  ])("[REG-4, REG-6] %s", (_, objects, expected) => {
    expect(sent(8080, objects)[0]).toBe(expected);
  });

  const contested = (younger: string) => ["unknown", `? what proxies listen for on port 80 of \`one.example\`: ServiceEntries \`bar/old\` and \`${younger}\` give it different protocols, and istiod goes by no order that can be read`];

  it.each<readonly [string, readonly MeshObject[], readonly string[]]>([
    ["HTTP and TCP", [old, entry("young", 2, { ports: [port(80, "TCP")] })], contested("bar/young")],
    ["HTTP and TLS", [old, entry("young", 2, { ports: [port(80, "HTTPS")] })], contested("bar/young")],
    ["HTTP and TCP of another namespace", [old, entry("young", 2, { ...inline, ports: [port(80, "TCP")] }, "third")], contested("third/young")],
    ["TCP and HTTP", [entry("old", 1, { ports: [port(80, "TCP")] }), entry("young", 2)], ["AUTO_MTLS", "REG-4 ServiceEntry bar/old"]],
    ["HTTP and gRPC", [old, entry("young", 2, { ports: [port(80, "GRPC")] })], ["AUTO_MTLS", "REG-4 ServiceEntry bar/old"]],
    ["HTTP and TCP, at an address", [entry("old", 1, { addresses: ["240.0.0.1"] }), entry("young", 2, { addresses: ["240.0.0.1"], ports: [port(80, "TCP")] })], ["AUTO_MTLS", "REG-4 ServiceEntry bar/old"]],
    ["HTTP, and TCP that is not exported", [old, entry("young", 2, { exportTo: ["."], ports: [port(80, "TCP")] })], ["AUTO_MTLS", "REG-4 ServiceEntry bar/old"]],
  ])("[REG-4] give one port %s", (_, objects, expected) => {
    expect(sent(80, objects)).toEqual(expected);
  });

  it("[REG-4] a gateway has no listener for either", () => {
    expect(sent(80, [old, entry("young", 2, { ports: [port(80, "TCP")] })], pod("foo", "client", { proxy: "gateway" }))[0]).toBe("AUTO_MTLS");
  });
});
