/** So much idle time is remembered at most: a long run after a quiet time does not hold up what comes next. */
const CREDIT_MS = 5_000;

/**
 * Runs work soon after it is asked for, once for many askings. In the long run it takes half of the thread at most: what a run took is waited for
 * before the next one, unless there was as much idle time before, so that a mesh that changes all the time leaves the rest to those who look at it.
 */
export class Throttle {
  readonly #work: () => void;
  readonly #delayMs: number;
  #timer: NodeJS.Timeout | undefined;
  #dueAtMs = Number.POSITIVE_INFINITY;
  #creditMs = 0;
  #endedMs = performance.now();
  #stopped = false;

  constructor(work: () => void, delayMs: number) {
    this.#work = work;
    this.#delayMs = delayMs;
  }

  /** @param delayMs after so long; a run that is due earlier stands */
  ask(delayMs = this.#delayMs): void {
    const dueAtMs = Math.max(performance.now() + delayMs, this.#endedMs - this.#creditMs);
    if (this.#stopped || dueAtMs >= this.#dueAtMs) return;
    clearTimeout(this.#timer);
    this.#dueAtMs = dueAtMs;
    this.#timer = setTimeout(() => {
      this.now();
    }, dueAtMs - performance.now());
  }

  /** What was asked for need not wait any longer than that. */
  hasten(delayMs: number): void {
    if (this.#dueAtMs !== Number.POSITIVE_INFINITY) this.ask(delayMs);
  }

  now(): void {
    clearTimeout(this.#timer);
    this.#dueAtMs = Number.POSITIVE_INFINITY;
    if (this.#stopped) return;
    const startedMs = performance.now();
    this.#work();
    const idleMs = startedMs - this.#endedMs;
    this.#endedMs = performance.now();
    this.#creditMs = Math.min(CREDIT_MS, this.#creditMs + idleMs) - (this.#endedMs - startedMs);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}
