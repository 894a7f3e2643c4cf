import type { Gap, Telemetry, TimeSpan } from "#mesh";
import type { TelemetryRequest } from "../source.ts";
import { ask, askInParts, isLarge, type Asked } from "./beside.ts";
import { coverageOf, inBoth, joined, momentText, type Coverage } from "./coverage.ts";
import { basisOf, eachOnce, flat, NO_ANSWERS, refusedWindow, silence, type Asker } from "./followed.ts";
import { insist } from "./insist.ts";
import { addWindow, blindAtStart, droppedLabels, mapLookBack, rowsByKey, type Rows, type WindowVectors } from "./map.ts";
import { AT_ONCE } from "./pace.ts";
import { Pieces, secondsOf, stretchesOf } from "./pieces.ts";
import { howMuch, NOTHING_PLANNED, unreadGaps, type Plan, type Unread } from "./plan.ts";
import { EDGE_QUERIES, partsFor, PURPOSES, queriesFor, WINDOW_QUERIES, type Query, type QueryName, type Span } from "./queries.ts";
import { recordedQueries, recordedSpans, SHORTEST_RECORDED_SECONDS } from "./recorded.ts";
import type { Seen } from "./row.ts";
import { shortestWindowSeconds, tooShort, UNKNOWN, type Scraping } from "./scrapeInterval.ts";
import { noTallies, type EdgeKey, type Tallies } from "./tally.ts";

/** A window up to this long is one piece. */
const PIECE_SECONDS = 3600;
const MOST_PIECES = 28;
/** Records cost little: these pieces are there to tell when something was last seen. */
const MOST_RECORDED_PIECES = 7;
const SMALLEST_SECONDS = 300;
/** After so long what has been read is the answer, and the rest a gap. */
const BUDGET_MS = 600_000;
/** A piece that took a part of the time limit as large as this is followed by smaller ones. */
const SLOW_PART = 0.5;

export interface PastWindow {
  readonly request: TelemetryRequest;
  readonly endMs: number;
  readonly timeoutMs: number;
  /** before each time that a piece is asked for again which is too much just now and cannot be smaller */
  readonly waitsMs: readonly number[];
}

/** One piece of the window or of its look-back. */
interface Piece extends TimeSpan {
  readonly recorded: boolean;
}

/** How one piece is asked for, and what is done with the answer. */
interface Reader {
  readonly asking: (piece: Piece) => Promise<Asked>;
  readonly take: (asked: Asked, piece: Piece) => void;
  /** what stands of a piece that is asked for again */
  readonly standing: (asked: Asked) => WindowVectors | null;
}

/** A piece that is not all there is. */
interface Unfinished {
  readonly piece: Piece;
  readonly gaps: readonly Gap[];
  readonly vectors: WindowVectors | null;
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
  readonly #tallies = noTallies(null);
  /** by what carried traffic: when last */
  readonly #lookBack = new Map<EdgeKey, { readonly untilMs: number; readonly rows: Rows }>();
  readonly #read: TimeSpan[] = [];
  readonly #gaps: Gap[] = [];
  #scraping: Scraping = UNKNOWN;
  #recorded: readonly TimeSpan[] = [];
  #plan: Plan | null = null;
  #coverage: Coverage | null = null;
  #isLarge = false;
  #startedMs = 0;
  #nowMs = 0;
  #told: (partial: Telemetry) => void = () => undefined;
  #stopped: string | null = null;
  #stoppedAt: Unfinished | null = null;
  #postponed: readonly Unfinished[] = [];
  /** why the first of them is */
  #strain: string | null = null;

  constructor(asker: Asker, window: PastWindow) {
    this.#asker = asker;
    this.#window = window;
    const { windowStartMs, lookBackStartMs } = basisOf(window.request, window.endMs, []);
    this.#whole = { startMs: windowStartMs, endMs: window.endMs };
    this.#before = { startMs: lookBackStartMs, endMs: windowStartMs };
  }

  /** Why a part is missing that may be there the next time; `null` where it is as complete as it can be. */
  get unread(): string | null {
    return this.#ended ?? this.#coverage?.failure ?? null;
  }

  get #ended(): string | null {
    return this.#stopped ?? this.#strain;
  }

  async read(nowMs: number, told: (partial: Telemetry) => void): Promise<Telemetry> {
    this.#startedMs = performance.now();
    this.#nowMs = nowMs;
    this.#told = told;
    this.#stopped = null;
    this.#stoppedAt = null;
    if (this.#scraping.slowest === null) this.#scraping = await this.#asker.scraping.at(this.#window.endMs, nowMs, this.#asker.signal);
    const refused = tooShort(this.#window.request.windowSeconds, this.#scraping);
    if (refused !== null) return refusedWindow(this.#basis(), refused);
    this.#plan ??= await this.#planned();
    this.#resumeIfThrough(this.#plan);
    const coverage = this.#covering();
    await this.#inPieces(this.#plan.window, this.#windowReader());
    this.#coverage = await coverage;
    await this.#inPieces(this.#plan.lookBack, this.#lookBackReader());
    return this.#telemetry(this.#ended);
  }

  #resumeIfThrough({ window, lookBack }: Plan): void {
    const stretches = [...window, ...lookBack];
    if (!stretches.every(({ pieces }) => pieces.isThrough)) return;
    for (const { pieces } of stretches) pieces.resume();
    this.#postponed = [];
    this.#strain = null;
  }

  async #planned(): Promise<Plan> {
    const recordable = { startMs: this.#before.startMs, endMs: this.#window.endMs };
    if (this.#window.request.windowSeconds >= SHORTEST_RECORDED_SECONDS) this.#recorded = await recordedSpans(this.#asker, recordable);
    return { window: this.#unreadOf(this.#whole), lookBack: this.#unreadOf(this.#before) };
  }

  #unreadOf(whole: TimeSpan): readonly Unread[] {
    const smallestSeconds = Math.max(SMALLEST_SECONDS, shortestWindowSeconds(this.#scraping));
    return stretchesOf(whole, inBoth([whole], this.#recorded)).map(({ span, recorded }) => {
      const parts = secondsOf(whole) / (recorded ? MOST_RECORDED_PIECES : MOST_PIECES);
      return { recorded, pieces: new Pieces(span, { smallestSeconds, seconds: Math.max(PIECE_SECONDS, Math.ceil(parts / 60) * 60) }) };
    });
  }

  async #covering(): Promise<Coverage> {
    if (this.#coverage !== null && this.#coverage.failure === undefined) return this.#coverage;
    return await coverageOf({ ...this.#asker, jobs: this.#scraping.jobs }, this.#whole);
  }

  #basis(): ReturnType<typeof basisOf> {
    const { request, endMs } = this.#window;
    const { matchers } = this.#asker;
    const queries = inBoth([this.#whole], this.#recorded).length > 0 ? recordedQueries(matchers, request.windowSeconds) : queriesFor({ ...request, matchers });
    return basisOf(request, endMs, Object.values(queries));
  }

  #telemetry(stopped: string | null): Telemetry {
    const { tallies, read } = this.#withWhatStands();
    const rows = flat(rowsByKey(tallies));
    const lookBackRows = [...this.#lookBack].flatMap(([key, { rows: before }]) => (tallies.byKey.has(key) ? [] : before));
    const covered = this.#coverage?.covered == null ? read : inBoth(read, this.#coverage.covered);
    const words = howMuch(read, this.#whole);
    const unread = unreadGaps(this.#plan ?? NOTHING_PLANNED, stopped, words);
    const silent = read.length === 0 ? [] : silence(this.#asker.client.address, { rows, lookBackRows }, unread.length === 0 ? undefined : `the ${words} that have been read`);
    const gaps = [...this.#gaps, ...this.#unfinished.flatMap((one) => one.gaps), ...unread, ...(this.#coverage?.gaps ?? []), ...silent];
    return { ...this.#basis(), rows, lookBackRows, covered, gaps: eachOnce(gaps) };
  }

  get #unfinished(): readonly Unfinished[] {
    return [...this.#postponed, ...(this.#stoppedAt === null ? [] : [this.#stoppedAt])];
  }

  /** What was read, and of the pieces that are not all there is what was answered: that is not added up for good. */
  #withWhatStands(): { readonly tallies: Tallies; readonly read: readonly TimeSpan[] } {
    const standing = this.#unfinished.flatMap(({ piece, vectors }) => (vectors === null ? [] : [{ piece, vectors }]));
    if (standing.length === 0) return { tallies: this.#tallies, read: joined(this.#read) };
    const tallies = structuredClone(this.#tallies);
    for (const { piece, vectors } of standing) {
      tallies.seen = this.#seenIn(piece);
      addWindow(tallies, vectors);
    }
    return { tallies, read: joined([...this.#read, ...standing.map(({ piece: { startMs, endMs } }) => ({ startMs, endMs }))]) };
  }

  async #inPieces(stretches: readonly Unread[], reader: Reader): Promise<void> {
    for (const { pieces, recorded } of stretches) {
      for (let span = this.#nextOf(pieces); span !== undefined; span = this.#nextOf(pieces)) await this.#readPiece(pieces, { ...span, recorded }, reader);
    }
  }

  #nextOf(pieces: Pieces): TimeSpan | undefined {
    return this.#stopped === null ? pieces.next() : undefined;
  }

  async #readPiece(pieces: Pieces, piece: Piece, { asking, take, standing }: Reader): Promise<void> {
    const startedMs = performance.now();
    const first = await asking(piece);
    if (first.tooMuch && pieces.halve(piece)) return;
    const asked = await insist(first, () => asking(piece), { waitsMs: this.#window.waitsMs, signal: this.#asker.signal });
    const gaps = asked.gaps.map((gap) => this.#dated(gap, piece));
    if (asked.mayPass) {
      this.#leave({ gaps, piece, vectors: standing(asked) }, asked, pieces);
    } else {
      this.#gaps.push(...gaps);
      take(asked, piece);
      if (performance.now() - startedMs > this.#window.timeoutMs * SLOW_PART) pieces.halve(null);
    }
    this.#stopIfLate();
  }

  #stopIfLate(): void {
    if (this.#stopped !== null) return;
    if (performance.now() - this.#startedMs > BUDGET_MS) this.#stopped = `reading took longer than ${BUDGET_MS / 60_000} min; recording rules make long windows cheap`;
  }

  #leave(unfinished: Unfinished, { failures: [failure = "it failed"], tooMuch }: Asked, pieces: Pieces): void {
    if (tooMuch) {
      pieces.postpone(unfinished.piece);
      this.#postponed = [...this.#postponed, unfinished];
      this.#strain ??= `it was asked for ${1 + this.#window.waitsMs.length} times: ${failure}`;
      return;
    }
    pieces.putBack(unfinished.piece);
    this.#stopped = this.#asker.signal.aborted ? "nobody waited for it any more" : `it was not asked for any more: ${failure}`;
    this.#stoppedAt = unfinished;
  }

  #seenIn(piece: Piece): Seen | null {
    return secondsOf(piece) === secondsOf(this.#whole) ? null : { afterMs: piece.startMs, untilMs: piece.endMs };
  }

  #windowReader(): Reader {
    return {
      asking: (piece) => this.#askForWindow(piece),
      take: (asked, piece) => {
        const vectors = vectorsOf(asked);
        if (vectors === null) return;
        this.#tallies.seen = this.#seenIn(piece);
        addWindow(this.#tallies, vectors);
        this.#read.push({ startMs: piece.startMs, endMs: piece.endMs });
        this.#gaps.push(...droppedLabels(vectors), ...blindAtStart(vectors));
        if (this.#tallies.seen !== null) this.#told(this.#telemetry(null));
      },
      standing: vectorsOf,
    };
  }

  #lookBackReader(): Reader {
    const { endMs } = this.#window;
    return {
      asking: (piece) => piece.recorded
        ? this.#ask(["lookBack"], piece.endMs, recordedQueries(this.#asker.matchers, secondsOf(piece)))
        : this.#askInParts("lookBack", endMs, { windowSeconds: Math.round((endMs - piece.endMs) / 1000), lookBackSeconds: secondsOf(piece) }),
      take: ({ answers }, piece) => {
        const untilMs = piece.endMs;
        const seen = mapLookBack(answers.lookBack ?? [], { afterMs: piece.startMs, untilMs });
        for (const [key, rows] of seen) if ((this.#lookBack.get(key)?.untilMs ?? 0) < untilMs) this.#lookBack.set(key, { untilMs, rows });
      },
      standing: () => null,
    };
  }

  /** The slow question after the others: it is asked in parts where they told of a large mesh, and not at all where they failed. */
  async #askForWindow(piece: Piece): Promise<Asked> {
    const span = { windowSeconds: secondsOf(piece), lookBackSeconds: 0 };
    const { matchers } = this.#asker;
    if (piece.recorded) return await this.#ask(WINDOW_QUERIES, piece.endMs, recordedQueries(matchers, span.windowSeconds));
    const edges = await this.#ask(EDGE_QUERIES, piece.endMs, queriesFor({ ...span, matchers }));
    this.#isLarge ||= isLarge(edges.answers);
    const [failure] = edges.failures;
    if (failure !== undefined) return { ...edges, gaps: [...edges.gaps, { wanted: PURPOSES.bytesAndBirths, because: failure }] };
    const births = await this.#askInParts("bytesAndBirths", piece.endMs, span);
    return { ...births, answers: { ...edges.answers, ...births.answers }, gaps: [...edges.gaps, ...births.gaps] };
  }

  async #askInParts(name: QueryName, endMs: number, span: Omit<Span, "matchers">): Promise<Asked> {
    const { client, matchers, signal } = this.#asker;
    const parts = partsFor({ ...span, matchers })[name];
    return await askInParts({ client, endMs, nowMs: this.#nowMs, signal }, { name, purpose: PURPOSES[name], parts: this.#isLarge ? parts : [parts.join(" or ")] }, AT_ONCE);
  }

  async #ask<Name extends QueryName>(names: readonly Name[], endMs: number, queries: Readonly<Record<Name, Query>>): Promise<Asked> {
    const { client, signal } = this.#asker;
    return await ask({ client, endMs, nowMs: this.#nowMs, signal }, names.map((name): readonly [QueryName, Query] => [name, queries[name]]));
  }

  #dated(gap: Gap, { startMs, endMs }: TimeSpan): Gap {
    if (startMs === this.#whole.startMs && endMs === this.#whole.endMs) return gap;
    return { ...gap, because: `${gap.because} (asked for ${momentText(startMs)} to ${momentText(endMs)})` };
  }
}

/** `null` where it is not known what there was. */
function vectorsOf({ answers }: Asked): WindowVectors | null {
  return answers.requests === undefined || answers.connections === undefined ? null : { ...NO_ANSWERS, ...answers };
}
