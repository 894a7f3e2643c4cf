import type { Configuration, ConfigurationObjects, MeshObject, ObjectKind } from "../snapshot.ts";

/**
 * What would be different in the configuration: plain values, so that a change can be shown, applied to a snapshot, and turned round.
 *
 * Objects are told apart by kind, namespace and name, and each is named in one of the lists once at most. What is removed goes first, what is
 * updated keeps its place, and what is added comes last; that something to be added is not there yet is not checked.
 */
export interface MeshChange {
  readonly add: readonly MeshObject[];
  readonly update: readonly (readonly [from: MeshObject, to: MeshObject])[];
  readonly remove: readonly MeshObject[];
}

/** The change that leads back. */
export function reverseChange(change: MeshChange): MeshChange {
  return { add: change.remove, update: change.update.map(([from, to]) => [to, from] as const), remove: change.add };
}

function key(object: MeshObject): string {
  return `${object.namespace}/${object.name}`;
}

function changeKind(objects: readonly MeshObject[], change: MeshChange, kind: ObjectKind): readonly MeshObject[] {
  const removed = new Set(change.remove.filter((object) => object.kind === kind).map(key));
  const updated = new Map(change.update.filter(([, to]) => to.kind === kind).map(([, to]) => [key(to), to]));
  const added = change.add.filter((object) => object.kind === kind);
  if (removed.size === 0 && updated.size === 0 && added.length === 0) return objects;
  return [...objects.filter((object) => !removed.has(key(object))).map((object) => updated.get(key(object)) ?? object), ...added];
}

/** The configuration after a change. Kinds that the change does not touch are the same arrays. */
export function applyChange(configuration: Configuration, change: MeshChange): Configuration {
  const kinds = Object.keys(configuration.objects) as readonly ObjectKind[];
  const objects = Object.fromEntries(kinds.map((kind) => [kind, changeKind(configuration.objects[kind], change, kind)]));
  return { ...configuration, objects: objects as unknown as ConfigurationObjects };
}
