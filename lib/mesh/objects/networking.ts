import type { Labels, ObjectMeta } from "./kubernetes.ts";
import type { WorkloadSelector } from "./policy.ts";

/** A Sidecar: which services its workloads see, and on which ports they listen. TLS of an ingress listener is kept by its mode alone. */
export interface Sidecar extends ObjectMeta {
  readonly kind: "Sidecar";
  readonly workloadSelector: WorkloadSelector;
  /** `null` when absent: everything in the namespace and `istio-system`, per Istio's default */
  readonly egress: readonly { readonly hosts: readonly string[]; readonly port: number | null; readonly protocol?: string; readonly captureMode: string | null }[] | null;
  readonly ingress: readonly { readonly port: number; readonly protocol: string; readonly captureMode: string | null; readonly tlsMode: string | null }[] | null;
  /** `""` when the block is present without mode (Istio reads REGISTRY_ONLY), `null` when absent */
  readonly outboundTrafficPolicyMode: string | null;
}

/** An endpoint that a ServiceEntry writes out; `serviceAccount` is `null` where it gives none. */
export interface ServiceEntryEndpoint {
  readonly address: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly labels: Labels;
  readonly serviceAccount: string | null;
  readonly network: string | null;
}

/** A ServiceEntry, as written: `location` and `resolution` are `null` where they are absent, which Istio reads as MESH_EXTERNAL and NONE. */
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

/** A WorkloadEntry: a machine, or what a ServiceEntry's selector picks. */
export interface WorkloadEntry extends ObjectMeta {
  readonly kind: "WorkloadEntry";
  readonly address: string;
  readonly ports: Readonly<Record<string, number>>;
  readonly serviceAccount: string | null;
  readonly network: string | null;
  /** `spec.labels`: what selectors match, merged over the object's own labels as Istio does */
  readonly workloadLabels: Labels;
}

/** Where a VirtualService's route sends; `port` is `null` where it names none: then it is the Service's only port, else the one that was dialled. */
export interface Destination {
  readonly host: string;
  readonly subset: string | null;
  readonly port: number | null;
}

/** What a route asks of a connection; routes that ask for no port and no gateway leave it out. */
export interface RouteMatch {
  readonly port: number | null;
  readonly gateways: readonly string[];
  readonly sniHosts: readonly string[];
  /** asks for more than that, of who dials or where */
  readonly conditional: boolean;
}

/** A VirtualService by where its routes lead; of what they match, `conditional` says that there is something that only a request tells. No `gateways` is `mesh`. */
export interface VirtualService extends ObjectMeta {
  readonly kind: "VirtualService";
  readonly hosts: readonly string[];
  readonly gateways: readonly string[];
  readonly exportTo: readonly string[];
  readonly http: readonly { readonly conditional: boolean; readonly destinations: readonly Destination[] }[];
  readonly tcp: readonly { readonly conditional: boolean; readonly matches?: readonly RouteMatch[]; readonly destinations: readonly Destination[] }[];
  readonly tls: readonly { readonly sniHosts: readonly string[]; readonly matches?: readonly RouteMatch[]; readonly destinations: readonly Destination[] }[];
}

/** networking.istio.io Gateway. `gateway.networking.k8s.io` Gateways are `KubernetesGateway`. */
export interface IstioGateway extends ObjectMeta {
  readonly kind: "Gateway";
  readonly selector: Labels;
  /** `bind`: the one address that a server listens at; left out where it listens at all */
  readonly servers: readonly { readonly port: number; readonly protocol: string; readonly hosts: readonly string[]; readonly tlsMode: string | null; readonly bind?: string }[];
}

/**
 * gateway.networking.k8s.io Gateway. `tlsMode` is what istiod makes of a listener's `tls`, in the words of its own Gateway;
 * `hostname` is `null` for any, and left out where it was not read.
 */
export interface KubernetesGateway extends ObjectMeta {
  readonly kind: "KubernetesGateway";
  readonly gatewayClassName: string;
  readonly listeners: readonly { readonly name: string; readonly port: number; readonly protocol: string; readonly tlsMode: string | null; readonly hostname?: string | null }[];
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
  /** parts of `defaultConfig` that are followed in pods' annotations only, where they say something that changes what proxies do */
  readonly unfollowed?: readonly string[];
}

/** One of the mesh configuration's `discoverySelectors`: a namespace that any of them selects is looked into, and without one every namespace is. */
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
  /** those of them whose value stands in another object, a ConfigMap or a Secret, which is not read */
  readonly unreadEnv?: readonly string[];
}
