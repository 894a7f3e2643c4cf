/** How often a thread is asked for a sign of life, and after how many that it left out in a row it is given up. */
export interface Patience {
  readonly everyMs: number;
  readonly missed: number;
}

/** Evaluating a large mesh on a busy machine takes a minute at most. */
export const PATIENCE: Patience = { everyMs: 5_000, missed: 36 };

/**
 * Notices when a thread hangs: a loop that does not end, or a wait that blocks. Signs of life are counted and not timed, so that a process that
 * was suspended does not give its thread up when it goes on.
 */
export class Watchdog {
  readonly #timer: NodeJS.Timeout;
  #missed = 0;

  /** @param hangs told once; the watch has ended then */
  constructor({ everyMs, missed }: Patience, ask: () => void, hangs: (silentMs: number) => void) {
    this.#timer = setInterval(() => {
      if (this.#missed >= missed) {
        this.stop();
        hangs(missed * everyMs);
        return;
      }
      this.#missed += 1;
      ask();
    }, everyMs).unref();
  }

  /** The thread said something. */
  heard(): void {
    this.#missed = 0;
  }

  stop(): void {
    clearInterval(this.#timer);
  }
}
