import type { Labels, ObjectMeta, WorkloadSelector } from "./snapshot.ts";

export function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/**
 * Istio's order of objects that compete: oldest first, ties by name, then by namespace. Kubernetes' timestamps have whole
 * seconds, so that ties are common. An object without timestamp counts as oldest, as a zero time does in Istio.
 */
export function byAge(a: ObjectMeta, b: ObjectMeta): number {
  return (a.createdAtMs ?? 0) - (b.createdAtMs ?? 0) || compareText(a.name, b.name) || compareText(a.namespace, b.namespace);
}

/** Orders by namespace, then name, what has no age that counts. */
export function byName(a: { readonly namespace: string; readonly name: string }, b: { readonly namespace: string; readonly name: string }): number {
  return compareText(a.namespace, b.namespace) || compareText(a.name, b.name);
}

/** Labels are hostile input: only own keys count. */
export function label(labels: Labels, key: string): string | undefined {
  return Object.hasOwn(labels, key) ? labels[key] : undefined;
}

export function isEmptySelector(selector: WorkloadSelector): boolean {
  return selector === null || Object.keys(selector).length === 0;
}

/** Equality of every pair; an empty selector selects everything. */
export function selects(selector: Labels, labels: Labels): boolean {
  for (const key of Object.keys(selector)) if (label(labels, key) !== selector[key]) return false;
  return true;
}

export function groupBy<K, T>(all: Iterable<T>, keyOf: (one: T) => K): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const one of all) {
    const key = keyOf(one);
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}

/**
 * The list with one more: only who made the list may call it, for it is changed. Most of these lists have one element, and an array that is made
 * with it has room for no other.
 */
export function appended<T>(list: readonly T[], one: T): readonly T[] {
  if (list.length === 0) return [one];
  (list as T[]).push(one);
  return list;
}

/** Adds to the list under a key, which is made when it is first asked for. */
export function appendUnder<K, T>(intoLists: Map<K, T[]>, key: K, one: T): void {
  const known = intoLists.get(key);
  if (known === undefined) intoLists.set(key, [one]);
  else known.push(one);
}

/** The map under a key, which is made when it is first asked for: with it two keys need not be joined to one text. */
export function under<K, L, T>(memo: Map<K, Map<L, T>>, key: K): Map<L, T> {
  const known = memo.get(key);
  if (known !== undefined) return known;
  const made = new Map<L, T>();
  memo.set(key, made);
  return made;
}

/** Computes once per key. */
export function memoised<K, T>(compute: (key: K) => T): (key: K) => T {
  const known = new Map<K, T>();
  return (key) => {
    const found = known.get(key);
    if (found !== undefined || known.has(key)) return found as T;
    const value = compute(key);
    known.set(key, value);
    return value;
  };
}

/**
 * What goes with an object, worked out when it is first asked for and kept no longer than the object.
 *
 * @param compute gives the same for the same object, whatever else it is told: that may only save it work
 */
export function keptWith<K extends object, Rest extends readonly unknown[], T>(compute: (key: K, ...rest: Rest) => T): (key: K, ...rest: Rest) => T {
  const kept = new WeakMap<K, { readonly value: T }>();
  return (key, ...rest) => {
    const known = kept.get(key);
    if (known !== undefined) return known.value;
    const value = compute(key, ...rest);
    kept.set(key, { value });
    return value;
  };
}

interface Keyed {
  readonly key: string;
}

function byKey(one: Keyed, other: Keyed): number {
  return compareText(one.key, other.key);
}

/** The first position from which keys are greater. */
function firstAfter(list: readonly Keyed[], key: string, from: number): number {
  let [low, high] = [from, list.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((list[middle]?.key ?? "") < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** more pieces than these would be too many arguments for one call */
const FEW = 1_000;

/** A list by key, ascending, and others, in any order, as one such list. */
export function insertedByKey<T extends Keyed>(list: readonly T[], others: readonly T[]): readonly T[] {
  if (others.length > FEW) return [...list, ...others].sort(byKey);
  const pieces: (readonly T[])[] = [];
  let from = 0;
  for (const other of others.toSorted(byKey)) {
    const to = firstAfter(list, other.key, from);
    pieces.push(list.slice(from, to), [other]);
    from = to;
  }
  return list.slice(0, 0).concat(...pieces, list.slice(from));
}
