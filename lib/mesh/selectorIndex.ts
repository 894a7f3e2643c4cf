import { groupBy, label, selects } from "./order.ts";
import type { Labels } from "./snapshot.ts";

interface Entry<T> {
  readonly at: number;
  readonly item: T;
  readonly key: string;
  readonly selector: Labels;
}

const NONE: readonly never[] = [];

/** Finds what selects a set of labels without asking every selector; the answer keeps the order of what was given. */
export class SelectorIndex<T> {
  /** by the first label of each selector: its key, then its value */
  readonly #byLabel: readonly (readonly [key: string, ReadonlyMap<string, readonly Entry<T>[]>])[];

  /** Items with an empty selector are not found: what that means differs from kind to kind. */
  constructor(items: readonly T[], selectorOf: (item: T) => Labels) {
    const entries = items.flatMap((item, at) => {
      const selector = selectorOf(item);
      const [key] = Object.keys(selector);
      return key === undefined ? [] : [{ at, item, key, selector }];
    });
    this.#byLabel = [...groupBy(entries, ({ key }) => key)].map(([key, all]) => [key, groupBy(all, ({ selector }) => selector[key] ?? "")]);
  }

  matching(labels: Labels): readonly T[] {
    let found: readonly Entry<T>[] = NONE;
    for (const [key, byValue] of this.#byLabel) {
      const value = label(labels, key);
      const candidates = value === undefined ? undefined : byValue.get(value);
      if (candidates !== undefined) found = [...found, ...candidates.filter(({ selector }) => selects(selector, labels))];
    }
    if (found.length > 1) found = found.toSorted((a, b) => a.at - b.at);
    return found.length === 0 ? NONE : found.map(({ item }) => item);
  }
}
