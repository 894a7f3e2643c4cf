import type { Telemetry, TimeSpan } from "#mesh";
import { log, type SourceStatus, type TelemetryRequest, type TelemetrySource } from "#sources";
import { freshForMs, requestOf, type AskedWindow } from "./askedWindow.ts";
import { unreadTelemetry } from "./telemetryFeed.ts";

/** What failed is asked for again after so long. */
const RETRY_MS = 60_000;

const UNITS = [["d", 86_400], ["h", 3600], ["min", 60], ["s", 1]] as const;

/** `3 d 4 h`: the two largest units. */
export function lengthText(seconds: number): string {
  const largest = UNITS.findIndex(([, size]) => seconds >= size);
  if (largest === -1) return "0 s";
  let rest = Math.round(seconds);
  const parts = UNITS.slice(largest, largest + 2).map(([unit, size]) => {
    const many = Math.floor(rest / size);
    rest -= many * size;
    return many === 0 ? "" : `${many} ${unit}`;
  });
  return parts.filter((part) => part !== "").join(" ");
}

function secondsIn(spans: readonly TimeSpan[]): number {
  return spans.reduce((sum, { startMs, endMs }) => sum + (endMs - startMs) / 1000, 0);
}

/** The telemetry of one window that was asked for: read once, and again when it is asked for and has become old. */
export class WindowReading {
  readonly #source: TelemetrySource;
  readonly #asked: AskedWindow;
  #current: Telemetry | null = null;
  #request: TelemetryRequest | null = null;
  #reading: Promise<void> | null = null;
  #readAtMs: number | null = null;
  #firstWords = Promise.withResolvers<undefined>();

  constructor(source: TelemetrySource, asked: AskedWindow) {
    this.#source = source;
    this.#asked = asked;
  }

  /** What is known, after waiting a while for a first part of it. */
  async telemetry(patienceMs: number): Promise<Telemetry> {
    this.#readIfOld(Date.now());
    if (this.#current === null) await within(patienceMs, this.#firstWords.promise);
    return this.#current ?? unreadTelemetry(this.#request?.endMs ?? Date.now(), this.#request ?? requestOf(this.#asked, Date.now()));
  }

  get rows(): number {
    return this.#current === null ? 0 : this.#current.rows.length + this.#current.lookBackRows.length;
  }

  status(): SourceStatus {
    const length = lengthText(this.#asked.windowSeconds);
    const about = { name: `window of ${length}`, readAtMs: this.#readAtMs };
    if (this.#readAtMs === null) return { ...about, state: "starting", message: `being read${this.#progress(length)}` };
    const because = this.#nothingBecause();
    return { ...about, state: because === null ? "live" : "absent", message: because ?? "" };
  }

  #progress(length: string): string {
    const covered = this.#current?.covered;
    return covered === undefined ? "" : `, the newest first: ${lengthText(secondsIn(covered))} of ${length} read`;
  }

  #nothingBecause(): string | null {
    if (this.#current === null || this.#current.rows.length > 0 || secondsIn(this.#current.covered ?? []) > 0) return null;
    return this.#current.gaps[0]?.because ?? null;
  }

  #readIfOld(nowMs: number): void {
    if (this.#reading !== null) return;
    const failed = this.#current?.rows.length === 0 && this.#current.gaps.length > 0;
    const fresh = failed ? RETRY_MS : freshForMs(this.#asked, nowMs);
    if (this.#readAtMs === null || nowMs - this.#readAtMs >= fresh) this.#reading = this.#read(nowMs);
  }

  async #read(nowMs: number): Promise<void> {
    const request = requestOf(this.#asked, nowMs);
    this.#request = request;
    const first = this.#readAtMs === null;
    try {
      // an older answer is better than half of a newer one
      this.#take(await this.#source.read(request, (partial) => { if (first) this.#take(partial); }));
    } catch (error) {
      log("error", "reading a window failed", { because: String(error instanceof Error ? error.stack : error) });
      if (this.#current === null) this.#take({ ...unreadTelemetry(request.endMs, request), gaps: [{ wanted: "traffic", because: "reading telemetry failed: this is a fault of mtlscope, please report it" }] });
    }
    this.#readAtMs = Date.now();
    this.#reading = null;
  }

  #take(telemetry: Telemetry): void {
    this.#current = telemetry;
    this.#firstWords.resolve(undefined);
  }
}

async function within(patienceMs: number, promise: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([promise, new Promise<void>((wake) => { timer = setTimeout(wake, patienceMs); })]);
  clearTimeout(timer);
}
