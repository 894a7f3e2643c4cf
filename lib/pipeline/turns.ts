/** Lets so many run at a time; the others wait, in the order in which they came. */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #places: number;

  constructor(places: number) {
    this.#places = places;
  }

  /** Works when there is a place, unless it was given up by then. */
  async turn(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    if (this.#places > 0) this.#places -= 1;
    else await new Promise<void>((comesOn) => this.#waiting.push(comesOn));
    try {
      if (!signal.aborted) await work();
    } finally {
      const next = this.#waiting.shift();
      if (next === undefined) this.#places += 1;
      else next();
    }
  }
}
