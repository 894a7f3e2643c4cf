import type { Telemetry } from "./traffic/telemetry.ts";
import type { Gap } from "./verdict.ts";

/** String to string, as Kubernetes keeps labels and annotations. Keys are hostile input: read with `Object.hasOwn`. */
export type Labels = Readonly<Record<string, string>>;

/** What every object carries. `createdAtMs` is `null` where the API gave no creationTimestamp. */
export interface ObjectMeta {
  readonly namespace: string;
  readonly name: string;
  readonly labels: Labels;
  readonly annotations: Labels;
  readonly createdAtMs: number | null;
}

export interface Namespace extends ObjectMeta {
  readonly kind: "Namespace";
}

export interface ContainerPort {
  readonly name: string | null;
  readonly containerPort: number;
  readonly protocol: string;
}

/** `restartPolicy: "Always"` on an init container makes it a native sidecar. */
export interface Container {
  readonly name: string;
  readonly init: "init" | "native-sidecar" | "app";
  readonly args: readonly string[];
  readonly ports: readonly ContainerPort[];
  readonly runAsUser: number | null;
}

/** The object at the top of the owner chain; people know the workload by its name. */
export interface WorkloadOwner {
  readonly kind: string;
  readonly name: string;
}

/** One workload instance. */
export interface Pod extends ObjectMeta {
  readonly kind: "Pod";
  readonly owner: WorkloadOwner;
  readonly serviceAccountName: string;
  readonly hostNetwork: boolean;
  readonly nodeName: string | null;
  readonly phase: string;
  readonly deleting: boolean;
  readonly ready: boolean;
  readonly ips: readonly string[];
  readonly containers: readonly Container[];
}

export interface ServicePort {
  readonly name: string | null;
  readonly port: number;
  readonly protocol: string;
  readonly targetPort: number | string;
  readonly appProtocol: string | null;
  readonly nodePort: number | null;
}

export interface Service extends ObjectMeta {
  readonly kind: "Service";
  readonly type: "ClusterIP" | "NodePort" | "LoadBalancer" | "ExternalName";
  /** empty for a Service without selector: its endpoints are written by hand */
  readonly selector: Labels;
  /** `None` for a headless Service */
  readonly clusterIPs: readonly string[];
  readonly externalIPs: readonly string[];
  readonly externalName: string | null;
  readonly publishNotReadyAddresses: boolean;
  readonly ports: readonly ServicePort[];
}

export interface SliceEndpoint {
  readonly addresses: readonly string[];
  readonly ready: boolean;
  readonly targetRef: { readonly kind: string; readonly namespace: string; readonly name: string } | null;
}

export interface EndpointSlice extends ObjectMeta {
  readonly kind: "EndpointSlice";
  readonly addressType: string;
  /** the label `kubernetes.io/service-name` */
  readonly serviceName: string | null;
  readonly ports: readonly { readonly name: string | null; readonly port: number | null; readonly protocol: string; readonly appProtocol: string | null }[];
  readonly endpoints: readonly SliceEndpoint[];
}

/** `matchLabels` of an Istio selector; `null` when the field is absent. An empty object is present and selects everything. */
export type WorkloadSelector = Labels | null;

/** A mode as written; a value Istio does not know is kept as text so that it becomes a gap. */
export type WrittenMode = "UNSET" | "STRICT" | "PERMISSIVE" | "DISABLE" | (string & {});

export interface PeerAuthentication extends ObjectMeta {
  readonly kind: "PeerAuthentication";
  readonly selector: WorkloadSelector;
  /** `null` when `mtls` or its `mode` is absent: the same as UNSET */
  readonly mode: WrittenMode | null;
  readonly portLevelMtls: Readonly<Record<string, WrittenMode | null>>;
}

/** `mode` is `null` when the block has none: Istio reads that as DISABLE. */
export interface ClientTLSSettings {
  readonly mode: string | null;
  readonly credentialName: string | null;
  readonly clientCertificate: string | null;
  readonly privateKey: string | null;
  readonly caCertificates: string | null;
  readonly subjectAltNames: readonly string[];
  readonly sni: string | null;
}

export interface PortTrafficPolicy {
  readonly port: number;
  readonly tls: ClientTLSSettings | null;
  readonly loadBalancerSimple: string | null;
  readonly hasLoadBalancer: boolean;
}

export interface TrafficPolicy {
  readonly tls: ClientTLSSettings | null;
  readonly loadBalancerSimple: string | null;
  readonly hasLoadBalancer: boolean;
  readonly portLevelSettings: readonly PortTrafficPolicy[];
}

export interface Subset {
  readonly name: string;
  readonly labels: Labels;
  readonly trafficPolicy: TrafficPolicy | null;
}

export interface DestinationRule extends ObjectMeta {
  readonly kind: "DestinationRule";
  readonly host: string;
  readonly exportTo: readonly string[];
  readonly workloadSelector: WorkloadSelector;
  readonly trafficPolicy: TrafficPolicy | null;
  readonly subsets: readonly Subset[];
}

export interface Sidecar extends ObjectMeta {
  readonly kind: "Sidecar";
  readonly workloadSelector: WorkloadSelector;
  /** `null` when absent: everything in the namespace and `istio-system`, per Istio's default */
  readonly egress: readonly { readonly hosts: readonly string[]; readonly port: number | null; readonly captureMode: string | null }[] | null;
  readonly ingress: readonly { readonly port: number; readonly protocol: string; readonly captureMode: string | null; readonly tlsMode: string | null }[] | null;
  /** `""` when the block is present without mode (Istio reads REGISTRY_ONLY), `null` when absent */
  readonly outboundTrafficPolicyMode: string | null;
}

export interface ServiceEntryEndpoint {
  readonly address: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly labels: Labels;
  readonly serviceAccount: string | null;
  readonly network: string | null;
}

export interface ServiceEntry extends ObjectMeta {
  readonly kind: "ServiceEntry";
  readonly hosts: readonly string[];
  readonly addresses: readonly string[];
  readonly ports: readonly { readonly number: number; readonly name: string; readonly protocol: string; readonly targetPort: number | null }[];
  readonly location: string | null;
  readonly resolution: string | null;
  readonly endpoints: readonly ServiceEntryEndpoint[];
  readonly workloadSelector: WorkloadSelector;
  readonly exportTo: readonly string[];
}

export interface WorkloadEntry extends ObjectMeta {
  readonly kind: "WorkloadEntry";
  readonly address: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly serviceAccount: string | null;
  readonly network: string | null;
  /** `spec.labels`: what selectors match, merged over the object's own labels as Istio does */
  readonly workloadLabels: Labels;
}

export interface Destination {
  readonly host: string;
  readonly subset: string | null;
  readonly port: number | null;
}

export interface VirtualService extends ObjectMeta {
  readonly kind: "VirtualService";
  readonly hosts: readonly string[];
  readonly gateways: readonly string[];
  readonly exportTo: readonly string[];
  readonly http: readonly { readonly conditional: boolean; readonly destinations: readonly Destination[] }[];
  readonly tcp: readonly { readonly conditional: boolean; readonly destinations: readonly Destination[] }[];
  readonly tls: readonly { readonly sniHosts: readonly string[]; readonly destinations: readonly Destination[] }[];
}

/** One source of a rule; absent lists are empty. Values are kept as written. */
export interface AuthorizationSource {
  readonly principals: readonly string[];
  readonly notPrincipals: readonly string[];
  readonly requestPrincipals: readonly string[];
  readonly notRequestPrincipals: readonly string[];
  readonly namespaces: readonly string[];
  readonly notNamespaces: readonly string[];
  readonly serviceAccounts: readonly string[];
  readonly notServiceAccounts: readonly string[];
  readonly trustDomains: readonly string[];
  readonly notTrustDomains: readonly string[];
  readonly ipBlocks: readonly string[];
  readonly notIpBlocks: readonly string[];
  readonly remoteIpBlocks: readonly string[];
  readonly notRemoteIpBlocks: readonly string[];
}

export interface AuthorizationOperation {
  readonly hosts: readonly string[];
  readonly notHosts: readonly string[];
  readonly ports: readonly string[];
  readonly notPorts: readonly string[];
  readonly methods: readonly string[];
  readonly notMethods: readonly string[];
  readonly paths: readonly string[];
  readonly notPaths: readonly string[];
}

export interface AuthorizationCondition {
  readonly key: string;
  readonly values: readonly string[];
  readonly notValues: readonly string[];
}

export interface AuthorizationRule {
  readonly from: readonly AuthorizationSource[];
  readonly to: readonly AuthorizationOperation[];
  readonly when: readonly AuthorizationCondition[];
}

export interface AuthorizationPolicy extends ObjectMeta {
  readonly kind: "AuthorizationPolicy";
  readonly selector: WorkloadSelector;
  readonly targetRefs: readonly { readonly group: string; readonly kind: string; readonly name: string }[];
  readonly action: string;
  /** `null` when `rules` is absent: an ALLOW then matches nothing */
  readonly rules: readonly AuthorizationRule[] | null;
}

/** networking.istio.io Gateway. `gateway.networking.k8s.io` Gateways are `KubernetesGateway`. */
export interface IstioGateway extends ObjectMeta {
  readonly kind: "Gateway";
  readonly selector: Labels;
  readonly servers: readonly { readonly port: number; readonly protocol: string; readonly hosts: readonly string[]; readonly tlsMode: string | null }[];
}

export interface KubernetesGateway extends ObjectMeta {
  readonly kind: "KubernetesGateway";
  readonly gatewayClassName: string;
  readonly listeners: readonly { readonly name: string; readonly port: number; readonly protocol: string }[];
}

/** Kept only to flag that a result may be altered. */
export interface EnvoyFilter extends ObjectMeta {
  readonly kind: "EnvoyFilter";
  readonly workloadSelector: WorkloadSelector;
  /** `applyTo` of each patch, and whether the patch names a transport socket or a filter chain */
  readonly patches: readonly { readonly applyTo: string; readonly context: string; readonly touchesTransport: boolean }[];
}

/** One mesh configuration: the ConfigMap `istio` or `istio-<revision>`, parsed. Defaults are Istio's. */
export interface MeshConfig {
  readonly kind: "MeshConfig";
  /** where it was read; `name` is empty when no ConfigMap exists and Istio's defaults hold */
  readonly namespace: string;
  readonly name: string;
  readonly revision: string;
  readonly rootNamespace: string;
  readonly trustDomain: string;
  readonly trustDomainAliases: readonly string[];
  readonly caTrustDomains: readonly string[];
  readonly enableAutoMtls: boolean;
  /** REGISTRY_ONLY also when the block is present without mode */
  readonly outboundTrafficPolicyMode: "ALLOW_ANY" | "REGISTRY_ONLY";
  readonly defaultServiceExportTo: readonly string[];
  readonly defaultDestinationRuleExportTo: readonly string[];
  readonly defaultVirtualServiceExportTo: readonly string[];
  readonly discoverySelectors: readonly DiscoverySelector[];
  readonly statusPort: number;
}

export interface DiscoverySelector {
  readonly matchLabels: Labels;
  readonly matchExpressions: readonly { readonly key: string; readonly operator: string; readonly values: readonly string[] }[];
}

/** An istiod of one revision: rules that depend on a version or an environment variable read it here. */
export interface ControlPlane {
  readonly kind: "ControlPlane";
  readonly namespace: string;
  readonly name: string;
  readonly revision: string;
  /** `1.30.3`; `null` where it cannot be read */
  readonly version: string | null;
  /** only variables that a rule names */
  readonly env: Labels;
}

/** Every object the engine reads, by kind. */
export interface ConfigurationObjects {
  readonly Namespace: readonly Namespace[];
  readonly Pod: readonly Pod[];
  readonly Service: readonly Service[];
  readonly EndpointSlice: readonly EndpointSlice[];
  readonly PeerAuthentication: readonly PeerAuthentication[];
  readonly DestinationRule: readonly DestinationRule[];
  readonly Sidecar: readonly Sidecar[];
  readonly ServiceEntry: readonly ServiceEntry[];
  readonly WorkloadEntry: readonly WorkloadEntry[];
  readonly VirtualService: readonly VirtualService[];
  readonly AuthorizationPolicy: readonly AuthorizationPolicy[];
  readonly Gateway: readonly IstioGateway[];
  readonly KubernetesGateway: readonly KubernetesGateway[];
  readonly EnvoyFilter: readonly EnvoyFilter[];
  readonly MeshConfig: readonly MeshConfig[];
  readonly ControlPlane: readonly ControlPlane[];
}

export type ObjectKind = keyof ConfigurationObjects;
export type MeshObject = ConfigurationObjects[ObjectKind][number];

export const OBJECT_KINDS = [
  "Namespace", "Pod", "Service", "EndpointSlice", "PeerAuthentication", "DestinationRule", "Sidecar", "ServiceEntry", "WorkloadEntry",
  "VirtualService", "AuthorizationPolicy", "Gateway", "KubernetesGateway", "EnvoyFilter", "MeshConfig", "ControlPlane",
] as const satisfies readonly ObjectKind[];

/**
 * Something that could not be read. A whole kind (`namespace` null), a kind in one namespace,
 * or one object whose text could not be understood (`name` given, `field` where known).
 */
export interface UnreadObject {
  readonly kind: string;
  readonly namespace: string | null;
  readonly name: string | null;
  readonly field: string | null;
  readonly because: string;
  /** with `namespace` null: namespaces in which the kind was read nevertheless */
  readonly exceptNamespaces?: readonly string[];
}

/** All that was read of the cluster's configuration, and all that could not be. */
export interface Configuration {
  readonly objects: ConfigurationObjects;
  readonly unread: readonly UnreadObject[];
  readonly clusterDomain: string;
}

/** The engine's whole input. The only clock is `capturedAtMs`. */
export interface MeshSnapshot {
  readonly capturedAtMs: number;
  readonly configuration: Configuration;
  readonly telemetry: Telemetry;
}

function placeOf({ namespace, exceptNamespaces }: UnreadObject): string {
  if (namespace !== null) return ` in namespace \`${namespace}\``;
  return exceptNamespaces === undefined ? "" : ` outside ${exceptNamespaces.map((name) => `\`${name}\``).join(", ")}`;
}

export function gapOf(unread: UnreadObject): Gap {
  const where = placeOf(unread);
  const what = unread.name === null ? `\`${unread.kind}\` objects${where}` : `\`${unread.kind}\` \`${unread.namespace ?? ""}/${unread.name}\``;
  return { wanted: unread.field === null ? what : `field \`${unread.field}\` of ${what}`, because: unread.because };
}

/** A configuration in which nothing exists and everything was read. */
export const EMPTY_CONFIGURATION: Configuration = {
  objects: {
    Namespace: [], Pod: [], Service: [], EndpointSlice: [], PeerAuthentication: [], DestinationRule: [], Sidecar: [], ServiceEntry: [],
    WorkloadEntry: [], VirtualService: [], AuthorizationPolicy: [], Gateway: [], KubernetesGateway: [], EnvoyFilter: [], MeshConfig: [], ControlPlane: [],
  },
  unread: [],
  clusterDomain: "cluster.local",
};
