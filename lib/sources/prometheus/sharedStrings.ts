import type { Labels } from "./schema.ts";

const MOST = 200_000;

/**
 * Gives equal label values one identity: a namespace or a workload stands in a thousand series, and JSON.parse makes a string of its own for each.
 * It forgets now and then, so that what is gone is not kept.
 */
export class SharedStrings {
  readonly #known = new Map<string, string>();

  /** The label values of an answer that nobody else has seen yet, in place. */
  share(memoElements: readonly { readonly metric: Labels }[]): void {
    if (this.#known.size >= MOST) this.#known.clear();
    for (const { metric } of memoElements) this.#shareLabels(metric);
  }

  #shareLabels(memoLabels: Record<string, string>): void {
    for (const name in memoLabels) {
      const value = memoLabels[name];
      // the one name that cannot be assigned to
      if (value === undefined || name === "__proto__") continue;
      const known = this.#known.get(value);
      if (known === undefined) this.#known.set(value, value);
      else memoLabels[name] = known;
    }
  }
}
