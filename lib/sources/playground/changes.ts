import type { Configuration, MeshChange, MeshObject } from "#mesh";
import { stamped } from "./cluster.ts";
import { PlaygroundRefusal } from "../source.ts";

/** A change that was applied, in the terms of what stood there. */
export interface AppliedChange {
  readonly id: string;
  readonly title: string;
  /** of the clock on the wall */
  readonly atMs: number;
  readonly change: MeshChange;
}

function nameOf(object: MeshObject): string {
  return `${object.kind} ${object.namespace}/${object.name}`;
}

function standing(configuration: Configuration, object: MeshObject): MeshObject | undefined {
  const objects: readonly MeshObject[] = configuration.objects[object.kind];
  return objects.find((candidate) => candidate.namespace === object.namespace && candidate.name === object.name);
}

function existing(configuration: Configuration, object: MeshObject, verb: string): MeshObject {
  const found = standing(configuration, object);
  if (found === undefined) throw new PlaygroundRefusal(`cannot ${verb} ${nameOf(object)}: there is no such object in the playground`);
  return found;
}

/**
 * The change against what stands there now, as the API server would take it: new objects get a creation time, an update keeps the one it had.
 *
 * @throws when an object to add exists, or one to change or remove does not
 */
export function settleChange(configuration: Configuration, change: MeshChange, createdAtMs: number): MeshChange {
  for (const object of change.add) {
    if (standing(configuration, object) !== undefined) throw new PlaygroundRefusal(`cannot add ${nameOf(object)}: it exists in the playground already`);
  }
  return {
    add: change.add.map((object) => stamped(object, createdAtMs)),
    update: change.update.map(([from, to]) => {
      const before = existing(configuration, from, "change");
      const created = "createdAtMs" in before ? before.createdAtMs : null;
      return [before, created === null ? to : stamped(to, created)] as const;
    }),
    remove: change.remove.map((object) => existing(configuration, object, "remove")),
  };
}

function touched(change: MeshChange): ReadonlySet<string> {
  return new Set([...change.add, ...change.remove, ...change.update.map(([from]) => from)].map(nameOf));
}

/** @returns the later change that must be undone first because it touches the same object */
export function standsInTheWay(applied: readonly AppliedChange[], undone: AppliedChange): { readonly by: AppliedChange; readonly object: string } | null {
  const objects = touched(undone.change);
  for (const later of applied.slice(applied.indexOf(undone) + 1)) {
    const object = [...touched(later.change)].find((name) => objects.has(name));
    if (object !== undefined) return { by: later, object };
  }
  return null;
}

