import type { Gap, Telemetry, TimeSpan } from "#mesh";
import type { TelemetryRequest } from "../source.ts";
import type { Asked } from "./beside.ts";
import { coverageOf, inBoth, momentText, type Coverage } from "./coverage.ts";
import { basisOf, refusedWindow, type Asker, type Basis } from "./followed.ts";
import { insist, type Patience } from "./insist.ts";
import { PastTelemetry, vectorsOf, type Unfinished } from "./pastTelemetry.ts";
import { PieceQuestions, type Piece } from "./pieceQuestions.ts";
import { secondsOf, type Pieces } from "./pieces.ts";
import { unreadOf, type Means, type Plan, type Unread } from "./plan.ts";
import { queriesFor } from "./queries.ts";
import { lookForRecords, NOTHING_RECORDED, recordedQueries, SHORTEST_RECORDED_SECONDS, type Look } from "./recorded.ts";
import { shortestWindowSeconds, tooShort, UNKNOWN, type Scraping } from "./scrapeInterval.ts";

/** After so long what has been read is the answer, and the rest a gap. */
const BUDGET_MS = 600_000;
/** A piece that took a part of the time limit as large as this is followed by smaller ones. */
const SLOW_PART = 0.5;
const NOBODY_WAITED = "nobody waited for it any more";

export interface PastWindow {
  readonly request: TelemetryRequest;
  readonly endMs: number;
  readonly timeoutMs: number;
  /** before each time that a piece is asked for again which is too much just now and cannot be smaller */
  readonly waitsMs: readonly number[];
}

/** How one piece is asked for, and what is done with the answer. */
interface Reader {
  readonly asking: (piece: Piece) => Promise<Asked>;
  readonly take: (asked: Asked, piece: Piece) => void;
  /** what stands of a piece that is asked for again */
  readonly standing: (asked: Asked) => Unfinished["vectors"];
}

/** One way through what has not been read yet. */
interface Pass {
  readonly startedMs: number;
  readonly nowMs: number;
  readonly told: (partial: Telemetry) => void;
}

/** Why a pass ended before all was read, and the piece at which it did. */
interface Stop {
  readonly because: string;
  readonly at: Unfinished | null;
}

/**
 * A window that ended at a fixed time, in pieces that the server can answer; from records where there are any. Each question is asked once.
 * What fails for a reason that may pass ends it for now: read again, it goes on there. What is too much for the server just now and cannot be made
 * smaller is asked for some times more, and then when all the rest has been read, and it is read again.
 */
export class PastReading {
  readonly #asker: Asker;
  readonly #window: PastWindow;
  readonly #whole: TimeSpan;
  readonly #before: TimeSpan;
  readonly #questions: PieceQuestions;
  readonly #read: PastTelemetry;
  #scraping: Scraping = UNKNOWN;
  #recorded: readonly TimeSpan[] = [];
  #plan: Plan | null = null;
  #coverage: Coverage | null = null;
  #stopped: Stop | null = null;
  #postponed: readonly Unfinished[] = [];
  /** why the first of them is */
  #strain: string | null = null;

  constructor(asker: Asker, window: PastWindow) {
    this.#asker = asker;
    this.#window = window;
    const { windowStartMs, lookBackStartMs } = basisOf(window.request, window.endMs, []);
    this.#whole = { startMs: windowStartMs, endMs: window.endMs };
    this.#before = { startMs: lookBackStartMs, endMs: windowStartMs };
    this.#questions = new PieceQuestions(asker);
    this.#read = new PastTelemetry(this.#whole);
  }

  /** Why a part is missing that may be there the next time; `null` where it is as complete as it can be. */
  get unread(): string | null {
    return this.#ended ?? this.#coverage?.failure ?? null;
  }

  get #ended(): string | null {
    return this.#stopped?.because ?? this.#strain;
  }

  async read(nowMs: number, told: (partial: Telemetry) => void): Promise<Telemetry> {
    const pass = { startedMs: performance.now(), nowMs, told };
    this.#stopped = null;
    if (this.#scraping.slowest === null) this.#scraping = await this.#asker.scraping.at(this.#window.endMs, nowMs, this.#asker.signal);
    const refused = tooShort(this.#window.request.windowSeconds, this.#scraping);
    if (refused !== null) return refusedWindow(this.#basis(), refused);
    this.#plan ??= await this.#planned();
    if (this.#plan !== null) await this.#follow(this.#plan, pass);
    return this.#telemetry(this.#ended);
  }

  /** `null` where it may be found out the next time what is recorded: a week is not read from the counters because one question failed. */
  async #planned(): Promise<Plan | null> {
    const look = await this.#lookForRecords();
    if (look.spans === null && look.mayPass) {
      this.#stopped = { because: this.#asker.signal.aborted ? NOBODY_WAITED : `what is recorded of it is not known: ${look.because}`, at: null };
      return null;
    }
    if (look.spans === null) this.#read.lacks([{ wanted: "what recording rules hold of the window", because: `${look.because}; it is read from the counters` }]);
    this.#recorded = look.spans ?? [];
    return this.#allOfIt();
  }

  async #lookForRecords(): Promise<Look> {
    if (this.#window.request.windowSeconds < SHORTEST_RECORDED_SECONDS) return NOTHING_RECORDED;
    const asking = (): Promise<Look> => lookForRecords(this.#asker, { startMs: this.#before.startMs, endMs: this.#window.endMs });
    return await insist(await asking(), asking, this.#patience);
  }

  #allOfIt(): Plan {
    const means: Means = { recorded: this.#recorded, shortestSeconds: shortestWindowSeconds(this.#scraping) };
    return { window: unreadOf(this.#whole, means), lookBack: unreadOf(this.#before, means) };
  }

  async #follow(plan: Plan, pass: Pass): Promise<void> {
    this.#resumeIfThrough(plan);
    const coverage = this.#covering();
    await this.#inPieces(plan.window, this.#windowReader(pass), pass);
    this.#coverage = await coverage;
    await this.#inPieces(plan.lookBack, this.#lookBackReader(pass), pass);
  }

  #resumeIfThrough({ window, lookBack }: Plan): void {
    const stretches = [...window, ...lookBack];
    if (!stretches.every(({ pieces }) => pieces.isThrough)) return;
    for (const { pieces } of stretches) pieces.resume();
    this.#postponed = [];
    this.#strain = null;
  }

  async #covering(): Promise<Coverage> {
    if (this.#coverage !== null && this.#coverage.failure === undefined) return this.#coverage;
    return await coverageOf({ ...this.#asker, jobs: this.#scraping.jobs }, this.#whole);
  }

  async #inPieces(stretches: readonly Unread[], reader: Reader, { startedMs }: Pass): Promise<void> {
    for (const { pieces, recorded } of stretches) {
      for (let span = this.#nextOf(pieces); span !== undefined; span = this.#nextOf(pieces)) {
        await this.#readPiece(pieces, { ...span, recorded }, reader);
        if (performance.now() - startedMs > BUDGET_MS) this.#stopped ??= { because: `reading took longer than ${BUDGET_MS / 60_000} min; recording rules make long windows cheap`, at: null };
      }
    }
  }

  #nextOf(pieces: Pieces): TimeSpan | undefined {
    return this.#stopped === null ? pieces.next() : undefined;
  }

  async #readPiece(pieces: Pieces, piece: Piece, { asking, take, standing }: Reader): Promise<void> {
    const startedMs = performance.now();
    const first = await asking(piece);
    if (first.tooMuch && pieces.halve(piece)) return;
    const asked = await insist(first, () => asking(piece), this.#patience);
    const gaps = asked.gaps.map((gap) => this.#dated(gap, piece));
    if (asked.mayPass) {
      this.#leave({ gaps, piece, vectors: standing(asked) }, asked, pieces);
    } else {
      this.#read.lacks(gaps);
      take(asked, piece);
      if (performance.now() - startedMs > this.#window.timeoutMs * SLOW_PART) pieces.halve(null);
    }
  }

  get #patience(): Patience {
    return { waitsMs: this.#window.waitsMs, signal: this.#asker.signal };
  }

  #leave(unfinished: Unfinished, { failures: [failure = "it failed"], tooMuch }: Asked, pieces: Pieces): void {
    if (tooMuch) {
      pieces.postpone(unfinished.piece);
      this.#postponed = [...this.#postponed, unfinished];
      this.#strain ??= `it was asked for ${1 + this.#window.waitsMs.length} times: ${failure}`;
      return;
    }
    pieces.putBack(unfinished.piece);
    this.#stopped = { because: this.#asker.signal.aborted ? NOBODY_WAITED : `it was not asked for any more: ${failure}`, at: unfinished };
  }

  #windowReader({ nowMs, told }: Pass): Reader {
    return {
      asking: (piece) => this.#questions.ofWindow(piece, nowMs),
      take: (asked, piece) => {
        const vectors = vectorsOf(asked);
        if (vectors === null) return;
        this.#read.addWindow(piece, vectors);
        if (secondsOf(piece) < secondsOf(this.#whole)) told(this.#telemetry(null));
      },
      standing: vectorsOf,
    };
  }

  #lookBackReader({ nowMs }: Pass): Reader {
    return {
      asking: (piece) => this.#questions.ofLookBack(piece, this.#window.endMs, nowMs),
      take: (asked, piece) => { this.#read.addLookBack(piece, asked); },
      standing: () => null,
    };
  }

  #telemetry(stopped: string | null): Telemetry {
    const unfinished = [...this.#postponed, ...(this.#stopped?.at == null ? [] : [this.#stopped.at])];
    return this.#read.told({ address: this.#asker.client.address, basis: this.#basis(), plan: this.#plan ?? this.#allOfIt(), stopped, unfinished, coverage: this.#coverage });
  }

  #basis(): Basis {
    const { request, endMs } = this.#window;
    const { matchers } = this.#asker;
    const queries = inBoth([this.#whole], this.#recorded).length > 0 ? recordedQueries(matchers, request.windowSeconds) : queriesFor({ ...request, matchers });
    return basisOf(request, endMs, Object.values(queries));
  }

  #dated(gap: Gap, { startMs, endMs }: TimeSpan): Gap {
    if (startMs === this.#whole.startMs && endMs === this.#whole.endMs) return gap;
    return { ...gap, because: `${gap.because} (asked for ${momentText(startMs)} to ${momentText(endMs)})` };
  }
}
