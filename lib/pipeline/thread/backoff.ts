const FIRST_MS = 500;
const LONGEST_MS = 30_000;
const STEADY_MS = 60_000;

/** How long to wait before something that died is started again: longer each time, and short again after it has lived for a minute. */
export class Backoff {
  #waitMs = FIRST_MS;

  next(livedMs: number): number {
    if (livedMs >= STEADY_MS) this.#waitMs = FIRST_MS;
    const waitMs = this.#waitMs;
    this.#waitMs = Math.min(waitMs * 2, LONGEST_MS);
    return waitMs;
  }
}
