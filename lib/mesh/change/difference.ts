import type { Configuration, MeshObject, ObjectKind, UnreadObject } from "../snapshot.ts";
import { OBJECT_KINDS } from "../snapshot.ts";

/** What only one of two lists holds, by identity: most of two configurations is the same objects in the same order. */
function inOneOnly(before: readonly MeshObject[], after: readonly MeshObject[]): readonly MeshObject[] {
  if (before === after) return [];
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start += 1;
  let end = 0;
  while (end < before.length - start && end < after.length - start && before[before.length - 1 - end] === after[after.length - 1 - end]) end += 1;
  const [gone, come] = [new Set(before.slice(start, before.length - end)), new Set(after.slice(start, after.length - end))];
  return [...[...gone].filter((object) => !come.has(object)), ...[...come].filter((object) => !gone.has(object))];
}

/** Objects that are in one of two configurations only; an object that changed is there as it was and as it is. */
export function difference(before: Configuration, after: Configuration): ReadonlyMap<ObjectKind, readonly MeshObject[]> {
  const changed = OBJECT_KINDS.map((kind) => [kind, inOneOnly(before.objects[kind], after.objects[kind])] as const);
  return new Map(changed.filter(([, objects]) => objects.length > 0));
}

/** What decides beside the objects. */
interface Beside {
  readonly clusterDomain: string;
  readonly unread: readonly UnreadObject[];
}

/** Whether all that decides beside the objects is the same. */
export function isAlikeOtherwise(before: Beside, after: Beside): boolean {
  return before.clusterDomain === after.clusterDomain && (before.unread === after.unread || JSON.stringify(before.unread) === JSON.stringify(after.unread));
}
