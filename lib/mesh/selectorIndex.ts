import { groupBy, selects } from "./order.ts";
import type { Labels } from "./snapshot.ts";

/** Finds what selects a set of labels without asking every selector; the answer keeps the order of what was given. */
export class SelectorIndex<T> {
  readonly #byPair: ReadonlyMap<string, readonly { readonly at: number; readonly item: T; readonly selector: Labels }[]>;

  /** Items with an empty selector are not found: what that means differs from kind to kind. */
  constructor(items: readonly T[], selectorOf: (item: T) => Labels) {
    const entries = items.map((item, at) => ({ at, item, selector: selectorOf(item) })).filter(({ selector }) => Object.keys(selector).length > 0);
    this.#byPair = groupBy(entries, ({ selector }) => pair(Object.entries(selector)[0] ?? ["", ""]));
  }

  matching(labels: Labels): readonly T[] {
    const found = Object.entries(labels).flatMap((entry) => (this.#byPair.get(pair(entry)) ?? []).filter(({ selector }) => selects(selector, labels)));
    return found.length < 2 ? found.map(({ item }) => item) : found.sort((a, b) => a.at - b.at).map(({ item }) => item);
  }
}

function pair([key, value]: readonly [string, string]): string {
  return `${key}=${value}`;
}
