import type { Gap, Telemetry, TimeSpan, TrafficRow } from "#mesh";
import type { TelemetryRequest } from "../source.ts";
import { ask, askInParts, isLarge, type Asked } from "./beside.ts";
import { coverageOf, inBoth, joined, momentText, type Coverage } from "./coverage.ts";
import { basisOf, eachOnce, flat, NO_ANSWERS, refusedWindow, silence, type Asker } from "./followed.ts";
import { addWindow, blindAtStart, droppedLabels, mapLookBack, rowsByKey } from "./map.ts";
import { AT_ONCE } from "./pace.ts";
import { Pieces, secondsOf, stretchesOf } from "./pieces.ts";
import { EDGE_QUERIES, partsFor, PURPOSES, queriesFor, WINDOW_QUERIES, type Query, type QueryName, type Span } from "./queries.ts";
import { recordedQueries, recordedSpans, SHORTEST_RECORDED_SECONDS } from "./recorded.ts";
import { shortestWindowSeconds, tooShort } from "./scrapeInterval.ts";
import { noTallies } from "./tally.ts";

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
  readonly nowMs: number;
  readonly timeoutMs: number;
  /** hears of what has been read so far, whenever a piece has been */
  readonly told: (partial: Telemetry) => void;
}

/** One piece of the window or of its look-back. */
interface Piece extends TimeSpan {
  readonly recorded: boolean;
}

/** How one piece is asked for, and what is done with the answer. */
interface Reader {
  readonly asking: (piece: Piece) => Promise<Asked>;
  readonly take: (asked: Asked, piece: Piece) => void;
}

/** A window that ended at a fixed time, in pieces that the server can answer; from records where there are any. Each question is asked once. */
class PastReading {
  readonly #asker: Asker;
  readonly #window: PastWindow;
  readonly #whole: TimeSpan;
  readonly #before: TimeSpan;
  readonly #tallies = noTallies(null);
  readonly #lookBack = new Map<string, readonly TrafficRow[]>();
  readonly #read: TimeSpan[] = [];
  readonly #gaps: Gap[] = [];
  readonly #startedMs = performance.now();
  #recorded: readonly TimeSpan[] = [];
  #coverage: Coverage = { covered: null, gaps: [] };
  #stopped: string | null = null;
  #isLarge = false;

  constructor(asker: Asker, window: PastWindow) {
    this.#asker = asker;
    this.#window = window;
    const { windowStartMs, lookBackStartMs } = basisOf(window.request, window.endMs, []);
    this.#whole = { startMs: windowStartMs, endMs: window.endMs };
    this.#before = { startMs: lookBackStartMs, endMs: windowStartMs };
  }

  async read(): Promise<Telemetry> {
    const { endMs, nowMs, request } = this.#window;
    const { signal } = this.#asker;
    const scraping = await this.#asker.scraping.find(nowMs, endMs, signal);
    const refused = tooShort(request.windowSeconds, scraping);
    if (refused !== null) return refusedWindow(this.#basis(), refused);
    if (request.windowSeconds >= SHORTEST_RECORDED_SECONDS) this.#recorded = await recordedSpans(this.#asker, { startMs: this.#before.startMs, endMs });
    const coverage = coverageOf({ ...this.#asker, jobs: scraping.jobs }, this.#whole);
    await this.#inStretches(this.#whole, this.#windowReader());
    this.#coverage = await coverage;
    await this.#inStretches(this.#before, this.#lookBackReader());
    return this.#telemetry();
  }

  #basis(): ReturnType<typeof basisOf> {
    const { request, endMs } = this.#window;
    const { matchers } = this.#asker;
    const queries = inBoth([this.#whole], this.#recorded).length > 0 ? recordedQueries(matchers, request.windowSeconds) : queriesFor({ ...request, matchers });
    return basisOf(request, endMs, Object.values(queries));
  }

  #telemetry(): Telemetry {
    const rows = flat(rowsByKey(this.#tallies));
    const lookBackRows = flat(this.#lookBack);
    const read = joined(this.#read);
    const covered = this.#coverage.covered === null ? read : inBoth(read, this.#coverage.covered);
    const gaps = [...this.#gaps, ...this.#coverage.gaps, ...(this.#read.length === 0 ? [] : silence(this.#asker.client.address, { rows, lookBackRows }))];
    return { ...this.#basis(), rows, lookBackRows, covered, gaps: eachOnce(gaps) };
  }

  async #inStretches(whole: TimeSpan, reader: Reader): Promise<void> {
    const smallestSeconds = Math.max(SMALLEST_SECONDS, shortestWindowSeconds(this.#asker.scraping.known));
    for (const { span, recorded } of stretchesOf(whole, inBoth([whole], this.#recorded))) {
      const parts = secondsOf(whole) / (recorded ? MOST_RECORDED_PIECES : MOST_PIECES);
      const pieces = new Pieces(span, { smallestSeconds, seconds: Math.max(PIECE_SECONDS, Math.ceil(parts / 60) * 60) });
      await this.#inPieces(pieces, recorded, reader);
      this.#gaps.push(...pieces.rest.map((rest) => ({ wanted: `traffic from ${momentText(rest.startMs)} to ${momentText(rest.endMs)}`, because: this.#stopped ?? "" })));
    }
  }

  async #inPieces(pieces: Pieces, recorded: boolean, { asking, take }: Reader): Promise<void> {
    while (this.#stopped === null) {
      const span = pieces.next();
      if (span === undefined) return;
      const startedMs = performance.now();
      const asked = await asking({ ...span, recorded });
      if (asked.tooMuch && pieces.halve(span)) continue;
      this.#gaps.push(...asked.gaps.map((gap) => this.#dated(gap, span)));
      take(asked, { ...span, recorded });
      if (performance.now() - startedMs > this.#window.timeoutMs * SLOW_PART) pieces.halve(null);
      this.#stopped = this.#stopReason(asked);
    }
  }

  /** Why no more is asked. */
  #stopReason({ failures: [failure], tooMuch }: Asked): string | null {
    if (this.#asker.signal.aborted) return "mtlscope ended";
    if (failure !== undefined && !tooMuch) return `it was not asked for any more: ${failure}`;
    return performance.now() - this.#startedMs > BUDGET_MS ? `reading took longer than ${BUDGET_MS / 60_000} min; recording rules make long windows cheap` : null;
  }

  #windowReader(): Reader {
    return {
      asking: (piece) => this.#askForWindow(piece),
      take: ({ answers }, piece) => {
        if (answers.requests === undefined || answers.connections === undefined) return;
        const vectors = { ...NO_ANSWERS, ...answers };
        const isWhole = secondsOf(piece) === secondsOf(this.#whole);
        this.#tallies.seen = isWhole ? null : { afterMs: piece.startMs, untilMs: piece.endMs };
        addWindow(this.#tallies, vectors);
        this.#read.push({ startMs: piece.startMs, endMs: piece.endMs });
        this.#gaps.push(...droppedLabels(vectors), ...blindAtStart(vectors));
        if (!isWhole) this.#window.told(this.#telemetry());
      },
    };
  }

  #lookBackReader(): Reader {
    const { endMs } = this.#window;
    return {
      asking: (piece) => piece.recorded
        ? this.#ask(["lookBack"], piece.endMs, recordedQueries(this.#asker.matchers, secondsOf(piece)))
        : this.#askInParts("lookBack", endMs, { windowSeconds: Math.round((endMs - piece.endMs) / 1000), lookBackSeconds: secondsOf(piece) }),
      take: ({ answers }, piece) => {
        const seen = mapLookBack(answers.lookBack ?? [], { afterMs: piece.startMs, untilMs: piece.endMs });
        for (const [key, rows] of seen) if (!this.#tallies.byKey.has(key) && !this.#lookBack.has(key)) this.#lookBack.set(key, rows);
      },
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
    return await askInParts({ client, endMs, nowMs: this.#window.nowMs, signal }, { name, purpose: PURPOSES[name], parts: this.#isLarge ? parts : [parts.join(" or ")] }, AT_ONCE);
  }

  async #ask<Name extends QueryName>(names: readonly Name[], endMs: number, queries: Readonly<Record<Name, Query>>): Promise<Asked> {
    const { client, signal } = this.#asker;
    return await ask({ client, endMs, nowMs: this.#window.nowMs, signal }, names.map((name): readonly [QueryName, Query] => [name, queries[name]]));
  }

  #dated(gap: Gap, { startMs, endMs }: TimeSpan): Gap {
    if (startMs === this.#whole.startMs && endMs === this.#whole.endMs) return gap;
    return { ...gap, because: `${gap.because} (asked for ${momentText(startMs)} to ${momentText(endMs)})` };
  }
}

/** Reads a window that ended at a fixed time. */
export async function readPast(asker: Asker, window: PastWindow): Promise<Telemetry> {
  return await new PastReading(asker, window).read();
}
