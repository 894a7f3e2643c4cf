/**
 * Runs work soon after it is asked for, once for many askings. Between two runs lies at least as much time as the last one took,
 * so that a mesh that changes all the time leaves half of the thread to those who look at it.
 */
export class Throttle {
  readonly #work: () => void;
  readonly #delayMs: number;
  #timer: NodeJS.Timeout | undefined;
  #dueAtMs = Number.POSITIVE_INFINITY;
  #earliestMs = 0;
  #stopped = false;

  constructor(work: () => void, delayMs: number) {
    this.#work = work;
    this.#delayMs = delayMs;
  }

  /** @param delayMs after so long; a run that is due earlier stands */
  ask(delayMs = this.#delayMs): void {
    const dueAtMs = Math.max(performance.now() + delayMs, this.#earliestMs);
    if (this.#stopped || dueAtMs >= this.#dueAtMs) return;
    clearTimeout(this.#timer);
    this.#dueAtMs = dueAtMs;
    this.#timer = setTimeout(() => {
      this.now();
    }, dueAtMs - performance.now());
  }

  /** What was asked for need not wait any longer than usual. */
  hasten(): void {
    if (this.#dueAtMs !== Number.POSITIVE_INFINITY) this.ask();
  }

  now(): void {
    clearTimeout(this.#timer);
    this.#dueAtMs = Number.POSITIVE_INFINITY;
    if (this.#stopped) return;
    const startedMs = performance.now();
    this.#work();
    const endedMs = performance.now();
    this.#earliestMs = endedMs + (endedMs - startedMs);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }
}
