import type { ObjectKind } from "#mesh";

/** One resource of the API server that mtlscope reads, and what it reads it for. */
export interface Resource {
  /** the kind of the snapshot it becomes, or the kind that only names owners */
  readonly kind: ObjectKind | OwnerKind;
  /** the kind as the API spells it */
  readonly wireKind: string;
  readonly group: string;
  readonly plural: string;
  /** best first; the first one served is read, never two */
  readonly versions: readonly string[];
  /** `metadata` asks the server for names and owner references only: a tenth of the bytes */
  readonly content: "object" | "metadata";
  /** a resource that an add-on brings: where it is not served no object exists */
  readonly optional: boolean;
  readonly labelSelector: string | null;
}

export type OwnerKind = "ReplicaSet" | "Job";

const core: Omit<Resource, "kind" | "wireKind" | "plural"> = { group: "", versions: ["v1"], content: "object", optional: false, labelSelector: null };
const addOn = { ...core, versions: ["v1", "v1beta1", "v1alpha3"], optional: true };
const security = { ...addOn, group: "security.istio.io" };
const networking = { ...addOn, group: "networking.istio.io" };

export const NAMESPACES: Resource = { ...core, kind: "Namespace", wireKind: "Namespace", plural: "namespaces" };

/** Resources in namespaces, of which every object in sight is read. */
export const RESOURCES: readonly Resource[] = [
  { ...core, kind: "Pod", wireKind: "Pod", plural: "pods" },
  { ...core, kind: "Service", wireKind: "Service", plural: "services" },
  { ...core, kind: "EndpointSlice", wireKind: "EndpointSlice", group: "discovery.k8s.io", plural: "endpointslices" },
  { ...core, kind: "ReplicaSet", wireKind: "ReplicaSet", group: "apps", plural: "replicasets", content: "metadata" },
  { ...core, kind: "Job", wireKind: "Job", group: "batch", plural: "jobs", content: "metadata" },
  { ...security, kind: "PeerAuthentication", wireKind: "PeerAuthentication", plural: "peerauthentications" },
  { ...security, kind: "AuthorizationPolicy", wireKind: "AuthorizationPolicy", plural: "authorizationpolicies" },
  { ...networking, kind: "DestinationRule", wireKind: "DestinationRule", plural: "destinationrules" },
  { ...networking, kind: "Sidecar", wireKind: "Sidecar", plural: "sidecars" },
  { ...networking, kind: "ServiceEntry", wireKind: "ServiceEntry", plural: "serviceentries" },
  { ...networking, kind: "WorkloadEntry", wireKind: "WorkloadEntry", plural: "workloadentries" },
  { ...networking, kind: "VirtualService", wireKind: "VirtualService", plural: "virtualservices" },
  { ...networking, kind: "Gateway", wireKind: "Gateway", plural: "gateways" },
  { ...networking, kind: "EnvoyFilter", wireKind: "EnvoyFilter", plural: "envoyfilters" },
  { ...addOn, kind: "KubernetesGateway", wireKind: "Gateway", group: "gateway.networking.k8s.io", plural: "gateways" },
];

const admission = { ...core, group: "admissionregistration.k8s.io" };

/** Whom the API server calls. These are in no namespace, so they are read with the whole cluster only. */
export const API_SERVER_CALLS: readonly Resource[] = [
  { ...admission, kind: "ValidatingWebhookConfiguration", wireKind: "ValidatingWebhookConfiguration", plural: "validatingwebhookconfigurations" },
  { ...admission, kind: "MutatingWebhookConfiguration", wireKind: "MutatingWebhookConfiguration", plural: "mutatingwebhookconfigurations" },
  { ...core, kind: "APIService", wireKind: "APIService", group: "apiregistration.k8s.io", plural: "apiservices" },
];

/** istiod, by the label its chart gives it: version, revision, environment and where the mesh's ConfigMap is. */
export const ISTIODS: Resource = { ...core, kind: "ControlPlane", wireKind: "Deployment", group: "apps", plural: "deployments", labelSelector: "app=istiod" };

/** Read by name only, so that the right to read them can be given by name. */
export const CONFIG_MAPS: Resource = { ...core, kind: "MeshConfig", wireKind: "ConfigMap", plural: "configmaps" };

/** What a person grants: `peerauthentications.security.istio.io`. */
export function resourceName({ plural, group }: Resource): string {
  return group === "" ? plural : `${plural}.${group}`;
}

/** The line of a Role or ClusterRole that lets mtlscope read it. */
export function ruleFor(resource: Resource, name: string | null): string {
  const names = name === null ? "" : `, resourceNames: [${name}]`;
  return `{apiGroups: ["${resource.group}"], resources: [${resource.plural}]${names}, verbs: [list, watch]}`;
}

/** Where objects of one resource are read: the whole cluster (`namespace` null), a namespace, or one object by name. */
export interface Scope {
  readonly namespace: string | null;
  readonly name: string | null;
}

function pathOf(resource: Resource, version: string, scope: Scope): string {
  const root = resource.group === "" ? `/api/${version}` : `/apis/${resource.group}/${version}`;
  const namespace = scope.namespace === null ? "" : `/namespaces/${encodeURIComponent(scope.namespace)}`;
  return `${root}${namespace}/${resource.plural}`;
}

export interface Collection {
  readonly resource: Resource;
  readonly version: string;
  readonly scope: Scope;
}

/** The path of a list or a watch, with the selectors that belong to resource and scope. */
export function collectionPath({ resource, version, scope }: Collection, parameters: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams({
    ...(resource.labelSelector === null ? {} : { labelSelector: resource.labelSelector }),
    ...(scope.name === null ? {} : { fieldSelector: `metadata.name=${scope.name}` }),
    ...parameters,
  });
  return `${pathOf(resource, version, scope)}?${query.toString()}`;
}
