import { setTimeout as sleep } from "node:timers/promises";

/** Where nobody else waits. */
export const AT_ONCE: Pick<Pace, "turn"> = { turn: (work) => work() };

/** One after the other, and not too often: what is slow leaves the server to those who wait for it. */
export class Pace {
  readonly #spacingMs: number;
  readonly #signal: AbortSignal;
  #earliestMs = Number.NEGATIVE_INFINITY;
  #last: Promise<unknown> = Promise.resolve();

  /** @param spacingMs between the beginnings of two pieces of work, at least */
  constructor(spacingMs: number, signal: AbortSignal) {
    this.#spacingMs = spacingMs;
    this.#signal = signal;
  }

  async turn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(async () => {
      const waitMs = this.#earliestMs - performance.now();
      if (waitMs > 0) await sleep(waitMs, undefined, { signal: this.#signal }).catch(() => undefined);
      this.#earliestMs = performance.now() + this.#spacingMs;
      return await work();
    });
    this.#last = mine.catch(() => undefined);
    return await mine;
  }
}
