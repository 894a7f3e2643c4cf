/** Where nobody else waits. */
export const AT_ONCE: Pick<Pace, "turn"> = { turn: (work) => work() };

/** After a refresh its picture is drawn. What is begun later than that may still be there when the next refresh comes. Of the time between two refreshes. */
const BEGINS = { from: 0.2, until: 0.6 } as const;
/** With no refresh for so many times that time, nobody is waiting. */
const DESERTED = 2;

/** What is slow leaves the server to those who wait: it is done piece by piece between refreshes, and no piece is begun while one is under way. */
export class Pace {
  readonly #refreshMs: number;
  readonly #signal: AbortSignal;
  #refreshes = 0;
  #quietSinceMs = performance.now();
  #wake: () => void = () => undefined;
  #last: Promise<unknown> = Promise.resolve();

  /** @param refreshMs from the end of a refresh to the next */
  constructor(refreshMs: number, signal: AbortSignal) {
    this.#refreshMs = refreshMs;
    this.#signal = signal;
    signal.addEventListener("abort", () => {
      this.#wake();
    });
  }

  /** What others wait for. */
  async refresh<T>(work: () => Promise<T>): Promise<T> {
    this.#refreshes += 1;
    try {
      return await work();
    } finally {
      this.#refreshes -= 1;
      this.#quietSinceMs = performance.now();
      this.#wake();
    }
  }

  /** One after the other. */
  async turn<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.#last.then(async () => {
      for (let waitMs = this.#waitMs(); waitMs > 0; waitMs = this.#waitMs()) await this.#sleep(waitMs);
      return await work();
    });
    this.#last = mine.catch(() => undefined);
    return await mine;
  }

  /** Until a piece may be begun, as far as is known now. */
  #waitMs(): number {
    if (this.#signal.aborted) return 0;
    if (this.#refreshes > 0) return this.#refreshMs;
    const quietMs = performance.now() - this.#quietSinceMs;
    const [from, until] = [this.#refreshMs * BEGINS.from, this.#refreshMs * BEGINS.until];
    if (quietMs < from) return from - quietMs;
    return quietMs <= until ? 0 : Math.max(0, this.#refreshMs * DESERTED - quietMs);
  }

  /** For so long, or until something else is known. */
  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((done) => {
      const timer = setTimeout(done, ms);
      this.#wake = () => {
        clearTimeout(timer);
        done();
      };
    });
  }
}
