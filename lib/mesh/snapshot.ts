import type { APIService, MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from "./objects/apiServer.ts";
import type { EndpointSlice, Namespace, Pod, Service } from "./objects/kubernetes.ts";
import type { ControlPlane, EnvoyFilter, IstioGateway, KubernetesGateway, MeshConfig, ServiceEntry, Sidecar, VirtualService, WorkloadEntry } from "./objects/networking.ts";
import type { AuthorizationPolicy, DestinationRule, PeerAuthentication } from "./objects/policy.ts";
import { API_SERVER_CALL_KINDS } from "./objects/read.ts";
import type { Telemetry } from "./traffic/telemetry.ts";
import type { Gap } from "./verdict.ts";

export type * from "./objects/apiServer.ts";
export type * from "./objects/kubernetes.ts";
export type * from "./objects/networking.ts";
export type * from "./objects/policy.ts";

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
  readonly ValidatingWebhookConfiguration: readonly ValidatingWebhookConfiguration[];
  readonly MutatingWebhookConfiguration: readonly MutatingWebhookConfiguration[];
  readonly APIService: readonly APIService[];
}

export type ObjectKind = keyof ConfigurationObjects;
export type MeshObject = ConfigurationObjects[ObjectKind][number];

export const OBJECT_KINDS = [
  "Namespace", "Pod", "Service", "EndpointSlice", "PeerAuthentication", "DestinationRule", "Sidecar", "ServiceEntry", "WorkloadEntry",
  "VirtualService", "AuthorizationPolicy", "Gateway", "KubernetesGateway", "EnvoyFilter", "MeshConfig", "ControlPlane",
  "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService",
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
  const wanted = unread.field === null ? what : `field \`${unread.field}\` of ${what}`;
  return { wanted: API_SERVER_CALL_KINDS.has(unread.kind) ? `whom the API server calls: ${wanted}` : wanted, because: unread.because };
}

/** A configuration in which nothing exists and everything was read. */
export const EMPTY_CONFIGURATION: Configuration = {
  objects: {
    Namespace: [], Pod: [], Service: [], EndpointSlice: [], PeerAuthentication: [], DestinationRule: [], Sidecar: [], ServiceEntry: [],
    WorkloadEntry: [], VirtualService: [], AuthorizationPolicy: [], Gateway: [], KubernetesGateway: [], EnvoyFilter: [], MeshConfig: [], ControlPlane: [],
    ValidatingWebhookConfiguration: [], MutatingWebhookConfiguration: [], APIService: [],
  },
  unread: [],
  clusterDomain: "cluster.local",
};
