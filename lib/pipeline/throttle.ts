/**
 * Runs work soon after it is asked for, once for many askings. Between two runs lies at least as much time as the last one took,
 * so that a mesh that changes all the time leaves half of the thread to those who look at it.
 */
export class Throttle {
  readonly #work: () => void;
  readonly #delayMs: number;
  #timer: NodeJS.Timeout | undefined;
  #earliestMs = 0;
  #stopped = false;

  constructor(work: () => void, delayMs: number) {
    this.#work = work;
    this.#delayMs = delayMs;
  }

  ask(): void {
    if (this.#timer !== undefined || this.#stopped) return;
    const waitMs = Math.max(this.#delayMs, this.#earliestMs - performance.now());
    this.#timer = setTimeout(() => {
      this.now();
    }, waitMs);
  }

  now(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
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
