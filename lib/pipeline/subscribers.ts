/** A new picture is there. */
export interface ViewEvent {
  readonly revision: number;
  /** the snapshot's clock, in milliseconds since 1970 */
  readonly capturedAtMs: number;
}

export interface Subscriber {
  readonly view: (event: ViewEvent) => void;
  /** nothing follows: the process ends */
  readonly end: () => void;
}

/** Those who want to hear of new pictures. One that throws is dropped and harms nobody else. */
export class Subscribers {
  readonly #all = new Set<Subscriber>();
  #last: ViewEvent | null = null;
  #ended = false;

  /** Tells the newest revision at once, where there is one, so that who comes back has missed nothing. */
  add(subscriber: Subscriber): () => void {
    if (this.#ended) {
      subscriber.end();
      return () => undefined;
    }
    this.#all.add(subscriber);
    if (this.#last !== null) this.#tell(subscriber, this.#last);
    return () => {
      this.#all.delete(subscriber);
    };
  }

  publish(event: ViewEvent): void {
    this.#last = event;
    for (const subscriber of [...this.#all]) this.#tell(subscriber, event);
  }

  end(): void {
    this.#ended = true;
    for (const subscriber of [...this.#all]) subscriber.end();
    this.#all.clear();
  }

  #tell(subscriber: Subscriber, event: ViewEvent): void {
    try {
      subscriber.view(event);
    } catch {
      this.#all.delete(subscriber);
    }
  }
}
