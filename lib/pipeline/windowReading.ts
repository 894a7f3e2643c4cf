import type { Telemetry } from "#mesh";
import { lengthText, secondsIn } from "#mesh";
import { log, traceOf, type SourceStatus, type TelemetryRequest, type TelemetrySource, type Waiting } from "#sources";
import { freshForMs, requestOf, type AskedWindow } from "./askedWindow.ts";
import { unreadTelemetry } from "./telemetryFeed.ts";
import type { Turns } from "./turns.ts";

/** What failed is asked for again after so long. */
const RETRY_MS = 60_000;

const FAULT = "reading telemetry failed: this is a fault of mtlscope, please report it";

const NOT_BEGUN = "not begun: two other windows are being read, this one comes after them";

/** One way through a window; it may take several readings where the source fails in between. */
interface Pass {
  readonly request: TelemetryRequest;
  readonly beganAtMs: number;
  readonly waiting: Waiting;
}

/** The telemetry of one window that was asked for: read once, and again when it is asked for and has become old, or is not all there is. */
export class WindowReading {
  readonly #source: TelemetrySource;
  readonly #asked: AskedWindow;
  readonly #turns: Turns;
  readonly #ending = new AbortController();
  #current: Telemetry | null = null;
  #pass: Pass | null = null;
  #reading: Promise<void> | null = null;
  /** of what is shown */
  #readAtMs: number | null = null;
  #triedAtMs = 0;
  /** why a part is missing that may be there the next time; of the last reading, and of the one under way */
  #unread: string | null = null;
  #gaveUp: string | null = null;
  /** what is shown is of it; an earlier one where that told more */
  #shown: Pass | null = null;
  #firstWords = Promise.withResolvers<undefined>();

  /** @param turns shared with the readings of other windows */
  constructor(source: TelemetrySource, asked: AskedWindow, turns: Turns) {
    this.#source = source;
    this.#asked = asked;
    this.#turns = turns;
  }

  /** What is known, after waiting a while for a first part of it. */
  async telemetry(patienceMs: number): Promise<Telemetry> {
    this.#readIfDue(Date.now());
    if (this.#current === null) await within(patienceMs, this.#firstWords.promise);
    return this.#current ?? this.#nothing(Date.now());
  }

  /** Nobody asks for it any more: what is under way is cut off. */
  end(): void {
    this.#ending.abort();
  }

  get rows(): number {
    return this.#current === null ? 0 : this.#current.rows.length + this.#current.lookBackRows.length;
  }

  status(): SourceStatus {
    const length = lengthText(this.#asked.windowSeconds);
    const about = { kind: "window" as const, name: `window of ${length}`, readAtMs: this.#readAtMs };
    if (this.#readAtMs === null) return { ...about, state: "starting", message: this.#pass === null ? NOT_BEGUN : `being read${this.#progress(length)}` };
    if (this.#unread !== null) return { ...about, state: "stale", message: `${this.#howMuch(length)}: ${this.#unread}; it is tried again for whoever asks after ${RETRY_MS / 1000} s` };
    const because = this.#nothingBecause();
    return { ...about, state: because === null ? "live" : "absent", message: because ?? "" };
  }

  get #coveredSeconds(): number {
    return secondsIn(this.#current?.covered ?? []);
  }

  #progress(length: string): string {
    return this.#current?.covered === undefined ? "" : `, the newest first: ${lengthText(this.#coveredSeconds)} of ${length} read`;
  }

  #howMuch(length: string): string {
    return this.#shown !== this.#pass ? "not read anew" : `${lengthText(this.#coveredSeconds)} of ${length} read`;
  }

  #nothingBecause(): string | null {
    if (this.#current === null || this.#current.rows.length > 0 || this.#coveredSeconds > 0) return null;
    return this.#current.gaps[0]?.because ?? null;
  }

  #nothing(nowMs: number): Telemetry {
    const request = this.#pass?.request ?? requestOf(this.#asked, nowMs);
    return { ...unreadTelemetry(request.endMs ?? nowMs, request), covered: [] };
  }

  #readIfDue(nowMs: number): void {
    if (this.#reading !== null) return;
    const isDue = this.#unread === null ? this.#isOld(nowMs) : nowMs - this.#triedAtMs >= RETRY_MS;
    if (isDue) this.#reading = this.#turns.turn(() => this.#read(this.#passAt(Date.now())), this.#ending.signal);
  }

  #isOld(nowMs: number): boolean {
    return this.#pass === null || nowMs - this.#pass.beganAtMs >= this.#freshForMs(this.#pass);
  }

  /** The one that is to go on, or another. */
  #passAt(nowMs: number): Pass {
    if (this.#pass === null || this.#isOld(nowMs)) this.#pass = this.#begun(nowMs);
    return this.#pass;
  }

  /** Where there was nothing, something may begin. */
  #freshForMs({ beganAtMs }: Pass): number {
    const freshMs = freshForMs(this.#asked, beganAtMs);
    return this.rows === 0 && Number.isFinite(freshMs) ? RETRY_MS : freshMs;
  }

  #begun(nowMs: number): Pass {
    const told = (partial: Telemetry): void => {
      // an older answer is better than half of a newer one
      if (this.#readAtMs === null || this.#shown === pass) this.#take(partial);
    };
    const gaveUp = (because: string): void => { this.#gaveUp = because; };
    const pass = { request: requestOf(this.#asked, nowMs), beganAtMs: nowMs, waiting: { told, gaveUp, signal: this.#ending.signal } };
    return pass;
  }

  async #read(pass: Pass): Promise<void> {
    this.#gaveUp = null;
    try {
      this.#takeIfBetter(await this.#source.read(pass.request, pass.waiting), pass);
    } catch (error) {
      log("error", "reading a window failed", { because: traceOf(error) });
      this.#gaveUp = FAULT;
      this.#takeIfBetter({ ...this.#nothing(Date.now()), gaps: [{ wanted: "traffic", because: FAULT }] }, pass);
    }
    this.#unread = this.#gaveUp;
    this.#triedAtMs = Date.now();
    this.#reading = null;
  }

  /** Half of a newer answer does not replace a whole one. */
  #takeIfBetter(telemetry: Telemetry, pass: Pass): void {
    const isLess = this.#gaveUp !== null && this.#readAtMs !== null && secondsIn(telemetry.covered ?? []) < this.#coveredSeconds;
    if (isLess) return;
    this.#take(telemetry);
    this.#shown = pass;
    this.#readAtMs = Date.now();
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
