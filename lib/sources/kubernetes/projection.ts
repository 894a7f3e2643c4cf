import { ANNOTATIONS, type MeshObject, type Pod, type UnreadObject } from "#mesh";
import { log, redact, traceOf, wordsOf } from "../log.ts";
import { type Istiod, readIstiod } from "./istiod.ts";
import { mapObject } from "./map.ts";
import { type Owned, ownedReader, rememberController } from "./owners.ts";
import type { Resource } from "./resources.ts";
import { podSharer } from "./sharing.ts";

/** What is kept of one raw object: what the engine reads, or why it could not be read, or what leads to other objects. */
export type Projected = MeshObject | UnreadObject | Owned | Istiod | { readonly kind: "irrelevant" };

/** kubectl's copy of the whole object */
const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

interface RawObject {
  readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown; readonly annotations?: Readonly<Record<string, unknown>> | null } | null;
}

/** A manifest that is written anew must keep what stands in the object; what the others carry for other programs may be large, or secret. */
function isWanted(name: string, { kind }: Resource): boolean {
  return kind === "PeerAuthentication" ? name !== LAST_APPLIED : ANNOTATIONS.has(name);
}

/** Items of a list carry neither kind nor version. */
function complete(raw: unknown, resource: Resource): unknown {
  const { group, versions, wireKind } = resource;
  if (typeof raw !== "object" || raw === null) return raw;
  const { metadata } = raw as RawObject;
  const head = { ...raw, apiVersion: group === "" ? "v1" : `${group}/${versions[0] ?? "v1"}`, kind: wireKind };
  const annotations = metadata?.annotations;
  // what is no object is left for the mapping to complain about
  if (typeof annotations !== "object" || annotations === null || Array.isArray(annotations)) return head;
  return { ...head, metadata: { ...metadata, annotations: Object.fromEntries(Object.entries(annotations).filter(([name]) => isWanted(name, resource))) } };
}

/** One object that is not understood must not stand for its whole kind, as long as it has a name. */
function named(unread: UnreadObject, raw: unknown, resource: Resource): UnreadObject {
  const metadata = (raw as RawObject | null)?.metadata;
  const name = typeof metadata?.name === "string" ? metadata.name : unread.name;
  const namespace = typeof metadata?.namespace === "string" ? metadata.namespace : (unread.namespace ?? (name === null ? null : ""));
  return { ...unread, kind: resource.kind, namespace, name };
}

function project(raw: unknown, resource: Resource, share: (pod: Pod) => Pod): Projected {
  const mapped = mapObject(complete(raw, resource));
  if (mapped.kind === "irrelevant") return { kind: "irrelevant" };
  const value = mapped.kind === "unread" ? named(mapped.unread, raw, resource) : mapped.object;
  if (resource.kind === "ControlPlane" && ("because" in value || value.kind === "ControlPlane")) return readIstiod(raw, value);
  if ("because" in value || value.kind !== "Pod") return value;
  const pod = share(value);
  rememberController(pod, raw);
  return pod;
}

/**
 * The function that reads one resource's raw objects; they are not kept.
 *
 * It never throws: an object on which the mapping itself fails is one unread object, not the end of its whole kind.
 */
export function projection(resource: Resource): (raw: unknown) => Projected {
  if (resource.kind === "ReplicaSet" || resource.kind === "Job") return ownedReader(resource.kind);
  const share = podSharer();
  // once: what fails on one object may fail on all of a kind, at each change
  let isTold = false;
  return (raw) => {
    try {
      return project(raw, resource, share);
    } catch (error) {
      if (!isTold) log("error", "mapping an object failed", { kind: resource.kind, because: traceOf(error) });
      isTold = true;
      const because = `mtlscope failed on it: ${redact(wordsOf(error))}`;
      return named({ kind: resource.kind, namespace: null, name: null, field: null, because }, raw, resource);
    }
  };
}
