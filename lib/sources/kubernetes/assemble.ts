import { type Configuration, type ConfigurationObjects, type MeshObject, OBJECT_KINDS, type ObjectKind, type UnreadObject } from "#mesh";
import type { Collections } from "./collections.ts";
import { unreadMeshConfigs } from "./istiod.ts";
import { ownerResolver } from "./owners.ts";
import type { Projected } from "./projection.ts";
import { API_SERVER_CALLS, NAMESPACES, RESOURCES } from "./resources.ts";
import { unreadCollections, unreadElsewhere } from "./sightings.ts";

function isUnread(value: Projected): value is UnreadObject {
  return "because" in value;
}

const KINDS: ReadonlySet<string> = new Set(OBJECT_KINDS);

function isObject(value: Exclude<Projected, UnreadObject>): value is MeshObject {
  return KINDS.has(value.kind);
}

function sameItems(one: readonly unknown[], other: readonly unknown[]): boolean {
  return one.length === other.length && one.every((item, index) => item === other[index]);
}

interface Mapped {
  readonly objects: readonly MeshObject[];
  readonly unread: readonly UnreadObject[];
}

function mappedOf(values: Iterable<Projected>, finish: (object: MeshObject) => MeshObject): Mapped {
  const objects: MeshObject[] = [];
  const unread: UnreadObject[] = [];
  for (const value of values) {
    const mapped = "controlPlane" in value ? value.controlPlane : value;
    if (isUnread(mapped)) unread.push(mapped);
    else if (isObject(mapped)) objects.push(finish(mapped));
  }
  return { objects, unread };
}

const DEFAULT_DOMAIN = "cluster.local";

/**
 * Makes configurations out of what the collections hold now, one after the other.
 *
 * A kind in which nothing changed keeps its array, an object that did not change its identity; where nothing at all changed
 * the configuration is the previous one.
 */
export function assembler(collections: Collections): () => Configuration {
  const resolveOwner = ownerResolver();
  const kinds = new Map<ObjectKind, { readonly stamp: string; readonly mapped: Mapped }>();
  let previous: Configuration | null = null;
  let stampOfUnread = "";

  function stampOf(kind: ObjectKind): string {
    const feeding = kind === "Pod" ? ([kind, "ReplicaSet", "Job"] as const) : ([kind] as const);
    return feeding.flatMap((feed) => collections.ofKind(feed).map(({ scope, revision }) => `${scope.namespace ?? ""}/${scope.name ?? ""}:${revision}`)).join();
  }

  function finish(object: MeshObject): MeshObject {
    return object.kind === "Pod" ? resolveOwner(object, (kind, namespace, name) => collections.owned(kind, namespace, name)) : object;
  }

  function* valuesOf(kind: ObjectKind): Generator<Projected> {
    for (const reflector of collections.ofKind(kind)) yield* reflector.values();
  }

  function mappedKind(kind: ObjectKind): Mapped {
    const before = kinds.get(kind);
    const stamp = stampOf(kind);
    if (before?.stamp === stamp) return before.mapped;
    const now = mappedOf(valuesOf(kind), finish);
    const mapped = before !== undefined && sameItems(before.mapped.objects, now.objects) ? { objects: before.mapped.objects, unread: now.unread } : now;
    kinds.set(kind, { stamp, mapped });
    return mapped;
  }

  return () => {
    const mapped = OBJECT_KINDS.map((kind) => [kind, mappedKind(kind)] as const);
    const elsewhere = unreadElsewhere(collections.namespaces, { inNamespaces: [NAMESPACES, ...RESOURCES.filter(({ content }) => content === "object")], nowhere: API_SERVER_CALLS });
    const istiods = collections.istiods();
    const meshConfigs = unreadMeshConfigs(istiods, collections.ofKind("MeshConfig").length);
    const unread = [...unreadCollections(collections.all()), ...elsewhere, ...meshConfigs, ...mapped.flatMap(([, { unread: ofKind }]) => ofKind)];
    const clusterDomain = istiods.find((istiod) => istiod.clusterDomain !== null)?.clusterDomain ?? DEFAULT_DOMAIN;
    const stamp = JSON.stringify([unread, clusterDomain]);
    const same = previous !== null && stamp === stampOfUnread && mapped.every(([kind, { objects }]) => previous?.objects[kind] === objects);
    if (same && previous !== null) return previous;
    stampOfUnread = stamp;
    previous = { objects: Object.fromEntries(mapped.map(([kind, { objects }]) => [kind, objects])) as unknown as ConfigurationObjects, unread, clusterDomain };
    return previous;
  };
}
