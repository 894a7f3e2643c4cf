interface Derived {
  readonly from: readonly unknown[];
  readonly value: unknown;
}

function isSame(a: readonly unknown[], b: readonly unknown[]): boolean {
  return a.length === b.length && a.every((one, at) => one === b[at]);
}

/**
 * Values that are derived from parts of a configuration, by name.
 *
 * One is kept from the configuration before where all that it was derived from is still the same: kinds that did not change are the same arrays.
 */
export class Derivations {
  readonly #made = new Map<string, Derived>();
  #before: ReadonlyMap<string, Derived> | null;

  constructor(before: Derivations | null) {
    this.#before = before === null ? null : before.#made;
  }

  /** @param from everything that `derive` reads */
  of<T>(name: string, from: readonly unknown[], derive: () => T): T {
    const kept = this.#before?.get(name);
    const derived = kept !== undefined && isSame(kept.from, from) ? kept : { from, value: derive() };
    this.#made.set(name, derived);
    return derived.value as T;
  }

  /** All is derived: what was before can go. */
  close(): void {
    this.#before = null;
  }
}
