import type { Labels, ObjectMeta } from "./kubernetes.ts";

/** `matchLabels` of an Istio selector; `null` when the field is absent. An empty object is present and selects everything. */
export type WorkloadSelector = Labels | null;

/** A mode as written; a value Istio does not know is kept as text so that it becomes a gap. */
export type WrittenMode = "UNSET" | "STRICT" | "PERMISSIVE" | "DISABLE" | (string & {});

/** A PeerAuthentication, as written. `portLevelMtls` is by the workload's port; an entry without mode is `null`, the same as UNSET. */
export interface PeerAuthentication extends ObjectMeta {
  readonly kind: "PeerAuthentication";
  readonly selector: WorkloadSelector;
  /** `null` when `mtls` or its `mode` is absent: the same as UNSET */
  readonly mode: WrittenMode | null;
  readonly portLevelMtls: Readonly<Record<string, WrittenMode | null>>;
}

/** A `tls` block of a DestinationRule. `mode` is `null` where it has none, which Istio reads as DISABLE; other fields are `null` where they are absent. */
export interface ClientTLSSettings {
  readonly mode: string | null;
  readonly credentialName: string | null;
  readonly clientCertificate: string | null;
  readonly privateKey: string | null;
  readonly caCertificates: string | null;
  readonly subjectAltNames: readonly string[];
  readonly sni: string | null;
}

/** An entry of `portLevelSettings`, by the Service's port; `loadBalancerSimple` is `loadBalancer.simple`, kept since PASSTHROUGH changes what clients send. */
export interface PortTrafficPolicy {
  readonly port: number;
  readonly tls: ClientTLSSettings | null;
  readonly loadBalancerSimple: string | null;
  readonly hasLoadBalancer: boolean;
}

/** A `trafficPolicy`, by what decides on TLS. `tls` is `null` where the block is absent: auto mTLS may then decide. */
export interface TrafficPolicy {
  readonly tls: ClientTLSSettings | null;
  readonly loadBalancerSimple: string | null;
  readonly hasLoadBalancer: boolean;
  readonly portLevelSettings: readonly PortTrafficPolicy[];
}

/** A subset of a DestinationRule's host: the endpoints with these labels; `trafficPolicy` is `null` where it has none of its own. */
export interface Subset {
  readonly name: string;
  readonly labels: Labels;
  readonly trafficPolicy: TrafficPolicy | null;
}

/** A DestinationRule; `host` and `exportTo` as written, `exportTo` empty where the mesh's default holds. */
export interface DestinationRule extends ObjectMeta {
  readonly kind: "DestinationRule";
  readonly host: string;
  readonly exportTo: readonly string[];
  readonly workloadSelector: WorkloadSelector;
  readonly trafficPolicy: TrafficPolicy | null;
  readonly subsets: readonly Subset[];
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

/** One operation (`to`) of a rule; absent lists are empty. */
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

/** One condition (`when`) of a rule. */
export interface AuthorizationCondition {
  readonly key: string;
  readonly values: readonly string[];
  readonly notValues: readonly string[];
}

/** A rule of an AuthorizationPolicy: any of its sources, any of its operations, and all conditions; an empty list asks nothing. */
export interface AuthorizationRule {
  readonly from: readonly AuthorizationSource[];
  readonly to: readonly AuthorizationOperation[];
  readonly when: readonly AuthorizationCondition[];
}

/** An AuthorizationPolicy, as written; `targetRefs` holds the single `targetRef`, too. */
export interface AuthorizationPolicy extends ObjectMeta {
  readonly kind: "AuthorizationPolicy";
  readonly selector: WorkloadSelector;
  readonly targetRefs: readonly { readonly group: string; readonly kind: string; readonly name: string }[];
  readonly action: string;
  /** `null` when `rules` is absent: an ALLOW then matches nothing */
  readonly rules: readonly AuthorizationRule[] | null;
}
