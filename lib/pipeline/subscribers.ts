/** A new picture is there. */
export interface ViewEvent {
  readonly revision: number;
  /** the snapshot's clock, in milliseconds since 1970 */
  readonly capturedAtMs: number;
  /** the revision that `delta` turns into this one; `null`: take the picture whole */
  readonly since: number | null;
  /** a MeshDelta as JSON; `null` with `since` */
  readonly delta: string | null;
}

export interface Subscriber {
  readonly view: (event: ViewEvent) => void;
  /** nothing is read any more, and that is being mended; the next `view` says that it was */
  readonly halted: (halt: Halt) => void;
  /** nothing follows: the process ends */
  readonly end: () => void;
}

/** Since when nothing is read any more, in milliseconds since 1970, and what is done about it. */
export interface Halt {
  readonly sinceMs: number;
  readonly message: string;
}

const KEPT_EVENTS = 16;
const KEPT_CHARACTERS = 1_000_000;

/** The last few events: enough for who was away for a moment, and bounded whatever changes. */
class Log {
  readonly #events: ViewEvent[] = [];
  #characters = 0;

  get last(): ViewEvent | undefined {
    return this.#events.at(-1);
  }

  add(event: ViewEvent): void {
    if (event.delta === null) this.#drop(this.#events.length);
    this.#events.push(event);
    this.#characters += event.delta?.length ?? 0;
    while (this.#events.length > KEPT_EVENTS || (this.#events.length > 1 && this.#characters > KEPT_CHARACTERS)) this.#drop(1);
  }

  /** What leads from a revision to the newest one; the newest to be taken whole where that is not known any more. */
  after(revision: number | null): readonly ViewEvent[] {
    const { last } = this;
    if (last === undefined) return [];
    const from = this.#events.findIndex(({ since }) => since !== null && since === revision);
    return from === -1 ? [{ ...last, since: null, delta: null }] : this.#events.slice(from);
  }

  #drop(count: number): void {
    for (const { delta } of this.#events.splice(0, count)) this.#characters -= delta?.length ?? 0;
  }
}

/** Those who want to hear of new pictures. One that throws is dropped and harms nobody else. */
export class Subscribers {
  readonly #all = new Set<Subscriber>();
  readonly #log = new Log();
  #halt: Halt | null = null;
  #ended = false;

  get count(): number {
    return this.#all.size;
  }

  /** Tells at once what happened after the revision that the subscriber has, where there is one, so that who comes back has missed nothing. */
  add(subscriber: Subscriber, revision: number | null = null): () => void {
    if (this.#ended) {
      subscriber.end();
      return () => undefined;
    }
    this.#all.add(subscriber);
    for (const event of this.#log.after(revision)) this.#tell(subscriber, (one) => { one.view(event); });
    const halt = this.#halt;
    if (halt !== null) this.#tell(subscriber, (one) => { one.halted(halt); });
    return () => {
      this.#all.delete(subscriber);
    };
  }

  publish(event: ViewEvent): void {
    this.#halt = null;
    this.#log.add(event);
    this.#tellAll((one) => { one.view(event); });
  }

  halt(halt: Halt): void {
    this.#halt = halt;
    this.#tellAll((one) => { one.halted(halt); });
  }

  end(): void {
    this.#ended = true;
    for (const subscriber of [...this.#all]) subscriber.end();
    this.#all.clear();
  }

  #tellAll(say: (subscriber: Subscriber) => void): void {
    for (const subscriber of [...this.#all]) this.#tell(subscriber, say);
  }

  #tell(subscriber: Subscriber, say: (subscriber: Subscriber) => void): void {
    if (!this.#all.has(subscriber)) return;
    try {
      say(subscriber);
    } catch {
      this.#all.delete(subscriber);
    }
  }
}
