import { sameJson } from "./sameJson.ts";

export interface Placed<T> {
  /** position in the list as it is after the change */
  readonly at: number;
  readonly value: T;
}

/** What happened to a list whose items have a key each. What stays keeps its order. */
export interface ListDelta<T> {
  /** by position, ascending */
  readonly added: readonly Placed<T>[];
  /** whole, under the key they had */
  readonly changed: readonly T[];
  /** keys */
  readonly removed: readonly string[];
}

export type KeyOf<T> = (item: T) => string;

export function sizeOf<T>({ added, changed, removed }: ListDelta<T>): number {
  return added.length + changed.length + removed.length;
}

/** Finds items by key. Most stand where the one before them would have it: an index is made only when one does not. */
class Finder<T> {
  readonly #list: readonly T[];
  readonly #keyOf: KeyOf<T>;
  #positions: ReadonlyMap<string, number> | null = null;

  constructor(list: readonly T[], keyOf: KeyOf<T>) {
    this.#list = list;
    this.#keyOf = keyOf;
  }

  /** @returns -1 where there is none */
  find(key: string, expected: number): number {
    const item = this.#list[expected];
    if (item !== undefined && this.#keyOf(item) === key) return expected;
    this.#positions ??= new Map(this.#list.map((one, position) => [this.#keyOf(one), position]));
    return this.#positions.get(key) ?? -1;
  }
}

class Comparison<T> {
  readonly #before: readonly T[];
  readonly #finder: Finder<T>;
  readonly added: Placed<T>[] = [];
  readonly changed: T[] = [];
  #last = -1;
  stayed = 0;

  constructor(before: readonly T[], keyOf: KeyOf<T>) {
    this.#before = before;
    this.#finder = new Finder(before, keyOf);
  }

  /** @returns whether the order still holds */
  take(value: T, key: string, at: number): boolean {
    const position = this.#finder.find(key, this.#last + 1);
    if (position === -1) {
      this.added.push({ at, value });
      return true;
    }
    if (position < this.#last) return false;
    this.#last = position;
    this.stayed += 1;
    if (!sameJson(this.#before[position], value)) this.changed.push(value);
    return true;
  }
}

function removedKeys<T>(before: readonly T[], after: readonly T[], keyOf: KeyOf<T>): readonly string[] {
  const kept = new Set(after.map(keyOf));
  return before.map(keyOf).filter((key) => !kept.has(key));
}

/** @returns `undefined` where the change is larger than `most` items, or what stays has changed its order */
export function listDelta<T>([before, after]: readonly [readonly T[], readonly T[]], keyOf: KeyOf<T>, most: number): ListDelta<T> | undefined {
  if (before === after) return { added: [], changed: [], removed: [] };
  const comparison = new Comparison(before, keyOf);
  for (const [at, value] of after.entries()) {
    if (!comparison.take(value, keyOf(value), at) || comparison.added.length + comparison.changed.length > most) return undefined;
  }
  const delta = { added: comparison.added, changed: comparison.changed, removed: comparison.stayed === before.length ? [] : removedKeys(before, after, keyOf) };
  return sizeOf(delta) > most ? undefined : delta;
}

/** The list after the change; items that it does not name are the very same, and so is the list where it names none. */
export function withListDelta<T>(before: readonly T[], delta: ListDelta<T>, keyOf: KeyOf<T>): readonly T[] {
  if (sizeOf(delta) === 0) return before;
  const removed = new Set(delta.removed);
  const changed = new Map(delta.changed.map((item) => [keyOf(item), item]));
  const list = before.flatMap((item) => (removed.has(keyOf(item)) ? [] : [changed.get(keyOf(item)) ?? item]));
  for (const { at, value } of delta.added) list.splice(at, 0, value);
  return list;
}

/** `after`, made of the items of `before` wherever they say the same. */
export function reusedList<T>(before: readonly T[], after: readonly T[], keyOf: KeyOf<T>): readonly T[] {
  if (before === after) return before;
  const finder = new Finder(before, keyOf);
  const list = after.map((item, at) => {
    const old = before[finder.find(keyOf(item), at)];
    return old !== undefined && sameJson(old, item) ? old : item;
  });
  return list.length === before.length && list.every((item, position) => item === before[position]) ? before : list;
}
