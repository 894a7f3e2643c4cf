import type { Telemetry } from "#mesh";
import { log, traceOf, wordsOf, type SourceStatus, type TelemetryRequest, type TelemetrySource } from "#sources";

/** Nothing has been read yet: no rows, and that is a gap. */
export function unreadTelemetry(nowMs: number, request: TelemetryRequest): Telemetry {
  const windowStartMs = nowMs - request.windowSeconds * 1000;
  return {
    windowStartMs,
    windowEndMs: nowMs,
    rows: [],
    lookBackRows: [],
    lookBackStartMs: windowStartMs - request.lookBackSeconds * 1000,
    gaps: [{ wanted: "traffic", because: "telemetry has not been read yet" }],
    queries: [],
  };
}

function isDown(fresh: Telemetry, status: readonly SourceStatus[]): boolean {
  return fresh.rows.length === 0 && fresh.lookBackRows.length === 0 && status.some((source) => source.state === "stale");
}

/**
 * Reads telemetry again and again, one read at a time. While the source cannot be read the last rows stay, with the window they are of;
 * what is missing now stands beside them.
 */
export class TelemetryFeed {
  readonly #source: TelemetrySource;
  readonly #request: TelemetryRequest;
  readonly #onRead: () => void;
  #current: Telemetry;
  #lastGood: Telemetry | null = null;
  #reading: Promise<void> | null = null;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #failure: SourceStatus | null = null;
  #hasRead = false;

  constructor(source: TelemetrySource, request: TelemetryRequest, onRead: () => void) {
    this.#source = source;
    this.#request = request;
    this.#onRead = onRead;
    this.#current = unreadTelemetry(Date.now(), request);
  }

  current(): Telemetry {
    return this.#current;
  }

  /** whether a reading has ended, well or not */
  get hasRead(): boolean {
    return this.#hasRead;
  }

  status(): readonly SourceStatus[] {
    return this.#failure === null ? this.#source.status() : [this.#failure];
  }

  /** Reads now, after the read that is under way, and waits for it. */
  async readNow(): Promise<void> {
    await this.#reading;
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#reading ??= this.#read();
    await this.#reading;
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #read(): Promise<void> {
    try {
      this.#take(await this.#source.read(this.#request));
      this.#failure = null;
    } catch (error) {
      log("error", "reading telemetry failed", { because: traceOf(error) });
      const message = `reading telemetry failed (${wordsOf(error)}); this is a fault of mtlscope, and it tries again`;
      this.#failure = { kind: "telemetry", name: "telemetry", state: "stale", readAtMs: this.#current.windowEndMs, message };
    }
    this.#reading = null;
    this.#hasRead = true;
    if (this.#stopped) return;
    this.#timer = setTimeout(() => void this.readNow(), this.#source.refreshMs);
    this.#onRead();
  }

  #take(fresh: Telemetry): void {
    if (this.#lastGood !== null && isDown(fresh, this.#source.status())) {
      this.#current = { ...this.#lastGood, gaps: [...fresh.gaps, ...this.#lastGood.gaps] };
      return;
    }
    this.#current = fresh;
    this.#lastGood = isDown(fresh, this.#source.status()) ? null : fresh;
  }
}
