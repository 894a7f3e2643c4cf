import type { MeshObject, ObjectKind } from "#mesh";

// Objects as the engine gets them, which note that they are read.

/** What was read since this was asked last, by kind and each once. */
export type Read = () => readonly ObjectKind[];

function noting<T extends object>(target: T, note: () => void, known: WeakMap<object, object>): T {
  const found = known.get(target);
  if (found !== undefined) return found as T;
  const proxy = new Proxy(target, {
    get(of, key, receiver) {
      note();
      const value: unknown = Reflect.get(of, key, receiver);
      return typeof value === "object" && value !== null ? noting(value, note, known) : value;
    },
    ownKeys(of) {
      note();
      return Reflect.ownKeys(of);
    },
  });
  known.set(target, proxy);
  return proxy;
}

export function watched(objects: readonly MeshObject[]): { readonly objects: readonly MeshObject[]; readonly read: Read } {
  const kinds = new Set<ObjectKind>();
  const known = new WeakMap<object, object>();
  const noted = objects.map((object) => {
    const { kind } = object;
    return noting(object, () => kinds.add(kind), known);
  });
  function read(): readonly ObjectKind[] {
    const all = [...kinds].sort();
    kinds.clear();
    return all;
  }
  return { objects: noted, read };
}
