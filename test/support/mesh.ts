import type {
  AuthorizationPolicy, AuthorizationRule, AuthorizationSource, ClientTLSSettings, Configuration, ConfigurationObjects, Container, ControlPlane, DestinationRule,
  EndpointSlice, EnvoyFilter, IstioGateway, Labels, MeshConfig, MeshObject, Namespace, ObjectKind, ObjectMeta, PeerAuthentication, Pod, Service, ServiceEntry,
  Sidecar, TrafficPolicy, UnreadObject, VirtualService, WorkloadEntry, WrittenMode,
} from "#mesh";
import { DEFAULT_MESH_CONFIG, EMPTY_CONFIGURATION } from "#mesh";

// A complete, quiet mesh: everything was read, nothing is unusual, and a case names only what it is about.

/** Creation times of objects that compete; the default is one second. */
export function second(n: number): number {
  return Date.UTC(2026, 0, 1) + n * 1000;
}

function meta(namespace: string, name: string): ObjectMeta {
  return { namespace, name, labels: {}, annotations: {}, createdAtMs: second(1) };
}

export function namespace(name: string, labels: Labels = {}): Namespace {
  return { kind: "Namespace", ...meta("", name), labels };
}

const APP: Container = { name: "app", init: "app", args: [], ports: [], runAsUser: null };
const PROXY: Container = { name: "istio-proxy", init: "app", args: ["proxy", "sidecar"], ports: [], runAsUser: null };

let addresses = 0;

/** An address that no other object of this process has. */
export function freshAddress(): string {
  addresses += 1;
  return `10.${(addresses >> 16) & 255}.${(addresses >> 8) & 255}.${addresses & 255}`;
}

/** `proxy`: how the pod is in the mesh; nothing means not at all. */
export type PodOptions = Partial<Omit<Pod, "kind" | "namespace" | "name">> & { readonly proxy?: "sidecar" | "native-sidecar" | "gateway" | "waypoint" | "ambient" | "grpc-agent" };

function proxyLabels(proxy: PodOptions["proxy"]): Labels {
  return proxy === "sidecar" || proxy === "native-sidecar" || proxy === "grpc-agent" ? { "security.istio.io/tlsMode": "istio" } : {};
}

function proxyAnnotations(proxy: PodOptions["proxy"]): Labels {
  if (proxy === "ambient") return { "ambient.istio.io/redirection": "enabled" };
  return proxy === "grpc-agent" ? { "inject.istio.io/templates": "grpc-agent" } : {};
}

function proxyContainers(proxy: PodOptions["proxy"]): readonly Container[] {
  if (proxy === undefined || proxy === "ambient") return [APP];
  if (proxy === "gateway") return [{ ...PROXY, args: ["proxy", "router"] }];
  if (proxy === "waypoint") return [{ ...PROXY, args: ["proxy", "waypoint"] }];
  return [APP, { ...PROXY, init: proxy === "native-sidecar" ? "native-sidecar" : "app" }];
}

/** A running, ready pod with the label `app: <name>`, owned by a Deployment of its own name. */
export function pod(ns: string, name: string, options: PodOptions = {}): Pod {
  const { proxy, labels, annotations, ...rest } = options;
  return {
    kind: "Pod",
    ...meta(ns, name),
    owner: { kind: "Deployment", name },
    serviceAccountName: name,
    hostNetwork: false,
    nodeName: null,
    phase: "Running",
    deleting: false,
    ready: true,
    ips: [freshAddress()],
    containers: proxyContainers(proxy),
    ...rest,
    labels: { app: name, ...proxyLabels(proxy), ...labels },
    annotations: { ...proxyAnnotations(proxy), ...annotations },
  };
}

type ServicePortOptions = Partial<Service["ports"][number]> & { readonly port: number };

export type ServiceOptions = Partial<Omit<Service, "kind" | "namespace" | "name" | "ports">> & { readonly ports?: readonly ServicePortOptions[] };

/** Selects `app: <name>`; port 80 named `http` to target port 8080 unless told otherwise. */
export function service(ns: string, name: string, options: ServiceOptions = {}): Service {
  const { ports = [{ port: 80, name: "http", targetPort: 8080 }], ...rest } = options;
  return {
    kind: "Service",
    ...meta(ns, name),
    type: "ClusterIP",
    selector: { app: name },
    clusterIPs: [freshAddress()],
    externalIPs: [],
    externalName: null,
    publishNotReadyAddresses: false,
    ...rest,
    ports: ports.map((port) => ({ name: null, protocol: "TCP", targetPort: port.port, appProtocol: null, nodePort: null, ...port })),
  };
}

function sliceTarget(of: Pod, target: number | string): number {
  if (typeof target === "number") return target;
  return of.containers.flatMap(({ ports }) => ports).find(({ name }) => name === target)?.containerPort ?? 0;
}

/** The EndpointSlice that Kubernetes would write for a Service over these pods. */
export function slice(of: Service, pods: readonly Pod[]): EndpointSlice {
  const [first] = pods;
  return {
    kind: "EndpointSlice",
    ...meta(of.namespace, `${of.name}-1`),
    addressType: "IPv4",
    serviceName: of.name,
    ports: of.ports.map(({ name, targetPort, protocol, appProtocol }) => ({ name, port: first === undefined ? null : sliceTarget(first, targetPort), protocol, appProtocol })),
    endpoints: pods.map(({ ips, ready, namespace: ns, name }) => ({ addresses: ips.slice(0, 1), ready, targetRef: { kind: "Pod", namespace: ns, name } })),
  };
}

/** `selector` null: without one. */
export type PeerAuthenticationOptions = Partial<Pick<PeerAuthentication, "selector" | "portLevelMtls" | "createdAtMs">>;

export function peerAuthentication(ns: string, name: string, mode: WrittenMode | null, options: PeerAuthenticationOptions = {}): PeerAuthentication {
  return { kind: "PeerAuthentication", ...meta(ns, name), selector: null, portLevelMtls: {}, ...options, mode };
}

export function tls(mode: string | null, options: Partial<ClientTLSSettings> = {}): ClientTLSSettings {
  return { credentialName: null, clientCertificate: null, privateKey: null, caCertificates: null, subjectAltNames: [], sni: null, ...options, mode };
}

/** A traffic policy with this TLS; `null` leaves TLS out. */
export function trafficPolicy(tlsSettings: ClientTLSSettings | null, options: Partial<Omit<TrafficPolicy, "tls">> = {}): TrafficPolicy {
  return { loadBalancerSimple: null, hasLoadBalancer: (options.loadBalancerSimple ?? null) !== null, portLevelSettings: [], ...options, tls: tlsSettings };
}

export type DestinationRuleOptions = Partial<Omit<DestinationRule, "kind" | "namespace" | "name" | "host">>;

export function destinationRule(ns: string, name: string, host: string, options: DestinationRuleOptions = {}): DestinationRule {
  return { kind: "DestinationRule", ...meta(ns, name), exportTo: [], workloadSelector: null, trafficPolicy: null, subsets: [], ...options, host };
}

export function sidecar(ns: string, name: string, options: Partial<Omit<Sidecar, "kind" | "namespace" | "name">> = {}): Sidecar {
  return { kind: "Sidecar", ...meta(ns, name), workloadSelector: null, egress: null, ingress: null, outboundTrafficPolicyMode: null, ...options };
}

/** Egress hosts of a Sidecar, without a port of their own. */
export function egress(...hosts: readonly string[]): Sidecar["egress"] {
  return [{ hosts, port: null, captureMode: null }];
}

export function serviceEntry(ns: string, name: string, host: string, options: Partial<Omit<ServiceEntry, "kind" | "namespace" | "name">> = {}): ServiceEntry {
  const ports = [{ number: 80, name: "http", protocol: "HTTP", targetPort: 8080 }];
  return { kind: "ServiceEntry", ...meta(ns, name), hosts: [host], addresses: [], ports, location: "MESH_INTERNAL", resolution: "STATIC", endpoints: [], workloadSelector: null, exportTo: [], ...options };
}

export function workloadEntry(ns: string, name: string, options: Partial<Omit<WorkloadEntry, "kind" | "namespace" | "name">> = {}): WorkloadEntry {
  return { kind: "WorkloadEntry", ...meta(ns, name), address: freshAddress(), ports: {}, serviceAccount: null, network: null, workloadLabels: { app: name }, ...options };
}

export function virtualService(ns: string, name: string, options: Partial<Omit<VirtualService, "kind" | "namespace" | "name">> = {}): VirtualService {
  return { kind: "VirtualService", ...meta(ns, name), hosts: [], gateways: [], exportTo: [], http: [], tcp: [], tls: [], ...options };
}

export function source(options: Partial<AuthorizationSource> = {}): AuthorizationSource {
  return {
    principals: [], notPrincipals: [], requestPrincipals: [], notRequestPrincipals: [], namespaces: [], notNamespaces: [], serviceAccounts: [], notServiceAccounts: [],
    trustDomains: [], notTrustDomains: [], ipBlocks: [], notIpBlocks: [], remoteIpBlocks: [], notRemoteIpBlocks: [], ...options,
  };
}

export function operation(options: Partial<AuthorizationRule["to"][number]> = {}): AuthorizationRule["to"][number] {
  return { hosts: [], notHosts: [], ports: [], notPorts: [], methods: [], notMethods: [], paths: [], notPaths: [], ...options };
}

export function authorizationRule(options: Partial<AuthorizationRule> = {}): AuthorizationRule {
  return { from: [], to: [], when: [], ...options };
}

export function authorizationPolicy(ns: string, name: string, options: Partial<Omit<AuthorizationPolicy, "kind" | "namespace" | "name">> = {}): AuthorizationPolicy {
  return { kind: "AuthorizationPolicy", ...meta(ns, name), selector: null, targetRefs: [], action: "ALLOW", rules: null, ...options };
}

export function gateway(ns: string, name: string, options: Partial<Omit<IstioGateway, "kind" | "namespace" | "name">> = {}): IstioGateway {
  return { kind: "Gateway", ...meta(ns, name), selector: {}, servers: [], ...options };
}

export function envoyFilter(ns: string, name: string, options: Partial<Omit<EnvoyFilter, "kind" | "namespace" | "name">> = {}): EnvoyFilter {
  return { kind: "EnvoyFilter", ...meta(ns, name), workloadSelector: null, patches: [], ...options };
}

/** The mesh configuration with these fields written, the others at Istio's defaults. */
export function meshConfig(options: Partial<MeshConfig> = {}): MeshConfig {
  return { ...DEFAULT_MESH_CONFIG, name: "istio", ...options };
}

/** An istiod of this version; the newest that the specification was read from by default. */
export function controlPlane(options: Partial<ControlPlane> = {}): ControlPlane {
  return { kind: "ControlPlane", namespace: "istio-system", name: "istiod", revision: "default", version: "1.32.0", env: {}, ...options };
}

/** An istiod with ambient switched on. */
export function ambientControlPlane(options: Partial<ControlPlane> = {}): ControlPlane {
  return controlPlane({ env: { PILOT_ENABLE_AMBIENT: "true" }, ...options });
}

export interface MeshOptions {
  readonly unread?: readonly UnreadObject[];
  readonly clusterDomain?: string;
}

function withSlices(objects: readonly MeshObject[]): readonly MeshObject[] {
  const pods = objects.filter((object) => object.kind === "Pod");
  const sliced = new Set(objects.flatMap((object) => (object.kind === "EndpointSlice" ? [`${object.namespace}/${object.serviceName ?? ""}`] : [])));
  const missing = objects.filter((object) => object.kind === "Service").filter((one) => one.type !== "ExternalName" && Object.keys(one.selector).length > 0 && !sliced.has(`${one.namespace}/${one.name}`));
  const slices = missing.map((one) => slice(one, pods.filter(({ namespace: ns, labels }) => ns === one.namespace && Object.entries(one.selector).every(([key, value]) => labels[key] === value))));
  return [...objects, ...slices];
}

/**
 * A mesh of these objects. An istiod of the newest version and the EndpointSlices that Kubernetes would write are added
 * where the objects bring none.
 */
export function mesh(objects: readonly MeshObject[], options: MeshOptions = {}): Configuration {
  const complete = [...withSlices(objects), ...(objects.some(({ kind }) => kind === "ControlPlane") ? [] : [controlPlane()])];
  const kinds = Object.keys(EMPTY_CONFIGURATION.objects) as readonly ObjectKind[];
  const byKind = Object.fromEntries(kinds.map((kind) => [kind, complete.filter((object) => object.kind === kind)]));
  return { ...EMPTY_CONFIGURATION, ...options, objects: byKind as unknown as ConfigurationObjects };
}

/** Something that could not be read; everything of the kind, unless narrowed. */
export function unread(kind: string, narrowed: Partial<UnreadObject> = {}): UnreadObject {
  return { kind, namespace: null, name: null, field: null, because: "forbidden", ...narrowed };
}
