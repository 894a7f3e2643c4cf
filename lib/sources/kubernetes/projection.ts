import type { MeshObject, UnreadObject } from "#mesh";
import { redact } from "../log.ts";
import { type Istiod, readIstiod } from "./istiod.ts";
import { mapObject } from "./map.ts";
import { type Owned, ownedReader, rememberController } from "./owners.ts";
import type { Resource } from "./resources.ts";

/** What is kept of one raw object: what the engine reads, or why it could not be read, or what leads to other objects. */
export type Projected = MeshObject | UnreadObject | Owned | Istiod | { readonly kind: "irrelevant" };

const LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration";

interface RawObject {
  readonly metadata?: { readonly name?: unknown; readonly namespace?: unknown; readonly annotations?: Readonly<Record<string, unknown>> | null } | null;
}

/** Items of a list carry neither kind nor version; and kubectl's copy of the whole object in an annotation is of no use here. */
function complete(raw: unknown, { group, versions, wireKind }: Resource): unknown {
  if (typeof raw !== "object" || raw === null) return raw;
  const { metadata } = raw as RawObject;
  const head = { ...raw, apiVersion: group === "" ? "v1" : `${group}/${versions[0] ?? "v1"}`, kind: wireKind };
  const annotations = metadata?.annotations;
  if (annotations === null || annotations === undefined || !Object.hasOwn(annotations, LAST_APPLIED)) return head;
  return { ...head, metadata: { ...metadata, annotations: Object.fromEntries(Object.entries(annotations).filter(([name]) => name !== LAST_APPLIED)) } };
}

/** One object that is not understood must not stand for its whole kind, as long as it has a name. */
function named(unread: UnreadObject, raw: unknown, resource: Resource): UnreadObject {
  const metadata = (raw as RawObject | null)?.metadata;
  const name = typeof metadata?.name === "string" ? metadata.name : unread.name;
  const namespace = typeof metadata?.namespace === "string" ? metadata.namespace : (unread.namespace ?? (name === null ? null : ""));
  return { ...unread, kind: resource.kind, namespace, name };
}

function project(raw: unknown, resource: Resource): Projected {
  const mapped = mapObject(complete(raw, resource));
  if (mapped.kind === "irrelevant") return { kind: "irrelevant" };
  const value = mapped.kind === "unread" ? named(mapped.unread, raw, resource) : mapped.object;
  if (resource.kind === "ControlPlane" && ("because" in value || value.kind === "ControlPlane")) return readIstiod(raw, value);
  if (!("because" in value) && value.kind === "Pod") rememberController(value, raw);
  return value;
}

/**
 * The function that reads one resource's raw objects; they are not kept.
 *
 * It never throws: an object on which the mapping itself fails is one unread object, not the end of its whole kind.
 */
export function projection(resource: Resource): (raw: unknown) => Projected {
  if (resource.kind === "ReplicaSet" || resource.kind === "Job") return ownedReader(resource.kind);
  return (raw) => {
    try {
      return project(raw, resource);
    } catch (error) {
      const because = `mtlscope failed on it: ${redact(error instanceof Error ? error.message : String(error))}`;
      return named({ kind: resource.kind, namespace: null, name: null, field: null, because }, raw, resource);
    }
  };
}
