import type { Configuration, ConfigurationObjects, MeshObject, ObjectKind, UnreadObject } from "#mesh";
import { EMPTY_CONFIGURATION } from "#mesh";
import type { z } from "zod";
import { mapAPIService, mapMutatingWebhookConfiguration, mapValidatingWebhookConfiguration } from "./mapApiServer.ts";
import { mapControlPlane, mapMeshConfig } from "./mapControlPlane.ts";
import { mapGateway, mapKubernetesGateway, mapServiceEntry, mapSidecar, mapVirtualService, mapWorkloadEntry } from "./mapNetworking.ts";
import { mapAuthorizationPolicy, mapDestinationRule, mapEnvoyFilter, mapPeerAuthentication } from "./mapPolicy.ts";
import { mapEndpointSlice, mapNamespace, mapPod, mapService } from "./mapWorkload.ts";
import { Misread, parse } from "./parse.ts";
import { objectSchema } from "./schema.ts";

/** One object of the API, understood; or named with the field that could not be; or of no concern to the engine. */
export type Mapped =
  | { readonly kind: "object"; readonly object: MeshObject }
  | { readonly kind: "unread"; readonly unread: UnreadObject }
  | { readonly kind: "irrelevant" };

type RawObject = z.infer<typeof objectSchema>;

interface Mapping {
  /** the kind as the engine calls it */
  readonly kind: ObjectKind;
  readonly group: string;
  readonly map: (raw: unknown, meta: RawObject["metadata"]) => MeshObject | null;
}

const MAPPINGS: ReadonlyMap<string, Mapping> = new Map(
  (
    [
      ["Namespace", "", "Namespace", mapNamespace],
      ["Pod", "", "Pod", mapPod],
      ["Service", "", "Service", mapService],
      ["ConfigMap", "", "MeshConfig", mapMeshConfig],
      ["Deployment", "apps", "ControlPlane", mapControlPlane],
      ["EndpointSlice", "discovery.k8s.io", "EndpointSlice", mapEndpointSlice],
      ["PeerAuthentication", "security.istio.io", "PeerAuthentication", mapPeerAuthentication],
      ["AuthorizationPolicy", "security.istio.io", "AuthorizationPolicy", mapAuthorizationPolicy],
      ["DestinationRule", "networking.istio.io", "DestinationRule", mapDestinationRule],
      ["Sidecar", "networking.istio.io", "Sidecar", mapSidecar],
      ["ServiceEntry", "networking.istio.io", "ServiceEntry", mapServiceEntry],
      ["WorkloadEntry", "networking.istio.io", "WorkloadEntry", mapWorkloadEntry],
      ["VirtualService", "networking.istio.io", "VirtualService", mapVirtualService],
      ["EnvoyFilter", "networking.istio.io", "EnvoyFilter", mapEnvoyFilter],
      ["Gateway", "networking.istio.io", "Gateway", mapGateway],
      ["Gateway", "gateway.networking.k8s.io", "KubernetesGateway", mapKubernetesGateway],
      ["ValidatingWebhookConfiguration", "admissionregistration.k8s.io", "ValidatingWebhookConfiguration", mapValidatingWebhookConfiguration],
      ["MutatingWebhookConfiguration", "admissionregistration.k8s.io", "MutatingWebhookConfiguration", mapMutatingWebhookConfiguration],
      ["APIService", "apiregistration.k8s.io", "APIService", mapAPIService],
    ] as const
  ).map(([wireKind, group, kind, map]) => [`${group}/${wireKind}`, { kind, group, map }]),
);

function groupOf(apiVersion: string): string {
  const slash = apiVersion.indexOf("/");
  return slash < 0 ? "" : apiVersion.slice(0, slash);
}

function unreadable(kind: string, meta: { readonly namespace: string | null; readonly name: string | null }, error: Misread): Mapped {
  return { kind: "unread", unread: { kind, namespace: meta.namespace, name: meta.name, field: error.field, because: error.message } };
}

/**
 * One object as the API serves it, in any served version of its kind.
 *
 * @returns `unread` naming the object and the field where its text cannot be understood; `irrelevant` for kinds and
 * ConfigMaps or Deployments the engine does not read, and for what lets the API server call nobody in the cluster; never throws
 */
export function mapObject(raw: unknown): Mapped {
  let head: RawObject;
  try {
    head = parse(objectSchema, raw);
  } catch (error) {
    if (error instanceof Misread) return unreadable("object", { namespace: null, name: null }, error);
    throw error;
  }
  const mapping = MAPPINGS.get(`${groupOf(head.apiVersion)}/${head.kind}`);
  if (mapping === undefined) return { kind: "irrelevant" };
  try {
    const object = mapping.map(raw, head.metadata);
    return object === null ? { kind: "irrelevant" } : { kind: "object", object };
  } catch (error) {
    if (error instanceof Misread) return unreadable(mapping.kind, { namespace: head.metadata.namespace ?? "", name: head.metadata.name }, error);
    throw error;
  }
}

/**
 * A configuration in which these objects are all there is; what could not be understood stands in `unread`.
 *
 * @param raws objects as the API serves them, in any order; an object served in two versions counts once
 */
export function mapConfiguration(raws: readonly unknown[]): Configuration {
  const byKind = new Map<ObjectKind, Map<string, MeshObject>>();
  const unread: UnreadObject[] = [];
  for (const raw of raws) {
    const mapped = mapObject(raw);
    if (mapped.kind === "unread") unread.push(mapped.unread);
    if (mapped.kind !== "object") continue;
    const { object } = mapped;
    const sameKind = byKind.get(object.kind) ?? new Map<string, MeshObject>();
    byKind.set(object.kind, sameKind.set(`${object.namespace}/${object.name}`, object));
  }
  const objects = Object.fromEntries([...byKind].map(([kind, found]) => [kind, [...found.values()]]));
  return { ...EMPTY_CONFIGURATION, objects: { ...EMPTY_CONFIGURATION.objects, ...(objects as Partial<ConfigurationObjects>) }, unread };
}
