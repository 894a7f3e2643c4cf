import type { Gap, Telemetry, TimeSpan, TrafficRow } from "#mesh";
import type { TelemetryRequest } from "../source.ts";
import { ask, type Asked } from "./beside.ts";
import { coverageOf, inBoth, joined, momentText, type Coverage } from "./coverage.ts";
import { basisOf, eachOnce, flat, NO_ANSWERS, refusedWindow, silence, type Asker } from "./followed.ts";
import { addWindow, blindAtStart, droppedLabels, mapLookBack, rowsByKey } from "./map.ts";
import { queriesFor, WINDOW_QUERIES, type Query, type QueryName } from "./queries.ts";
import { shortestWindowSeconds, tooShort } from "./scrapeInterval.ts";
import { noTallies } from "./tally.ts";

/** A window up to this long is one piece. */
const PIECE_SECONDS = 3600;
const MOST_PIECES = 28;
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

/** How one piece is asked for, and what is done with the answer. */
interface Reader {
  readonly asking: (piece: TimeSpan) => Promise<Asked>;
  readonly take: (asked: Asked, piece: TimeSpan) => void;
}

type Basis = ReturnType<typeof basisOf>;

function cut({ startMs, endMs }: TimeSpan, seconds: number): readonly TimeSpan[] {
  const pieces: TimeSpan[] = [];
  for (let untilMs = endMs; untilMs > startMs; untilMs -= seconds * 1000) pieces.push({ startMs: Math.max(startMs, untilMs - seconds * 1000), endMs: untilMs });
  return pieces;
}

function secondsOf({ startMs, endMs }: TimeSpan): number {
  return Math.round((endMs - startMs) / 1000);
}

/** Pieces of a stretch of time, read from the newest to the oldest; what is too much at once is halved. */
class Pieces {
  #left: readonly TimeSpan[];
  #seconds: number;
  readonly #smallest: number;

  constructor(whole: TimeSpan, smallestSeconds: number) {
    this.#smallest = smallestSeconds;
    this.#seconds = Math.max(PIECE_SECONDS, smallestSeconds, Math.ceil(secondsOf(whole) / MOST_PIECES / 60) * 60);
    this.#left = cut(whole, this.#seconds);
  }

  next(): TimeSpan | undefined {
    const [piece, ...rest] = this.#left;
    this.#left = rest;
    return piece;
  }

  /** @returns whether there are smaller pieces */
  halve(piece: TimeSpan | null): boolean {
    const seconds = Math.ceil(Math.min(this.#seconds, piece === null ? Infinity : secondsOf(piece)) / 2);
    if (seconds < this.#smallest) return false;
    this.#seconds = seconds;
    this.#left = [...(piece === null ? [] : [piece]), ...this.#left].flatMap((one) => cut(one, seconds));
    return true;
  }

  get rest(): readonly TimeSpan[] {
    return joined(this.#left);
  }
}

/** A window that ended at a fixed time, in pieces that the server can answer; each question is asked once. */
class PastReading {
  readonly #asker: Asker;
  readonly #window: PastWindow;
  readonly #basis: Basis;
  readonly #tallies = noTallies(null);
  readonly #lookBack = new Map<string, readonly TrafficRow[]>();
  readonly #read: TimeSpan[] = [];
  readonly #gaps: Gap[] = [];
  readonly #startedMs = performance.now();
  #coverage: Coverage = { covered: null, gaps: [] };

  constructor(asker: Asker, window: PastWindow) {
    this.#asker = asker;
    this.#window = window;
    const queries = queriesFor({ ...window.request, matchers: asker.matchers });
    this.#basis = basisOf(window.request, window.endMs, Object.values(queries));
  }

  async read(): Promise<Telemetry> {
    const { endMs, nowMs, request } = this.#window;
    const scraping = await this.#asker.scraping.find(nowMs, endMs, this.#asker.signal);
    const refused = tooShort(request.windowSeconds, scraping);
    if (refused !== null) return refusedWindow(this.#basis, refused);
    const whole = { startMs: this.#basis.windowStartMs, endMs };
    const coverage = coverageOf({ ...this.#asker, jobs: scraping.jobs }, whole);
    await this.#inPieces(whole, this.#windowReader(whole));
    this.#coverage = await coverage;
    await this.#inPieces({ startMs: this.#basis.lookBackStartMs, endMs: whole.startMs }, this.#lookBackReader());
    return this.#telemetry();
  }

  #telemetry(): Telemetry {
    const rows = flat(rowsByKey(this.#tallies));
    const lookBackRows = flat(this.#lookBack);
    const read = joined(this.#read);
    const covered = this.#coverage.covered === null ? read : inBoth(read, this.#coverage.covered);
    const gaps = [...this.#gaps, ...this.#coverage.gaps, ...(this.#read.length === 0 ? [] : silence(this.#asker.client.address, { rows, lookBackRows }))];
    return { ...this.#basis, rows, lookBackRows, covered, gaps: eachOnce(gaps) };
  }

  async #inPieces(whole: TimeSpan, { asking, take }: Reader): Promise<void> {
    const pieces = new Pieces(whole, Math.max(SMALLEST_SECONDS, shortestWindowSeconds(this.#asker.scraping.known)));
    for (let piece = pieces.next(); piece !== undefined; piece = pieces.next()) {
      const startedMs = performance.now();
      const asked = await asking(piece);
      if (asked.tooMuch && pieces.halve(piece)) continue;
      this.#gaps.push(...asked.gaps.map((gap) => dated(gap, piece, whole)));
      take(asked, piece);
      if (performance.now() - startedMs > this.#window.timeoutMs * SLOW_PART) pieces.halve(null);
      const stop = this.#stopReason(asked);
      if (stop !== null && pieces.rest.length > 0) {
        this.#gaps.push(...pieces.rest.map((rest) => ({ wanted: `traffic from ${momentText(rest.startMs)} to ${momentText(rest.endMs)}`, because: stop })));
        return;
      }
    }
  }

  /** Why no more is asked. */
  #stopReason({ failures: [failure], tooMuch }: Asked): string | null {
    if (this.#asker.signal.aborted) return "mtlscope ended";
    if (failure !== undefined && !tooMuch) return `it was not asked for any more: ${failure}`;
    return performance.now() - this.#startedMs > BUDGET_MS ? `reading took longer than ${BUDGET_MS / 60_000} min; recording rules make long windows cheap` : null;
  }

  #windowReader(whole: TimeSpan): Reader {
    return {
      asking: (piece) => this.#ask(WINDOW_QUERIES, piece.endMs, { windowSeconds: secondsOf(piece), lookBackSeconds: 0 }),
      take: ({ answers }, piece) => {
        if (answers.requests === undefined || answers.connections === undefined) return;
        const vectors = { ...NO_ANSWERS, ...answers };
        const isWhole = secondsOf(piece) === secondsOf(whole);
        this.#tallies.seen = isWhole ? null : { afterMs: piece.startMs, untilMs: piece.endMs };
        addWindow(this.#tallies, vectors);
        this.#read.push(piece);
        this.#gaps.push(...droppedLabels(vectors), ...blindAtStart(vectors));
        if (!isWhole) this.#window.told(this.#telemetry());
      },
    };
  }

  #lookBackReader(): Reader {
    const { endMs } = this.#window;
    return {
      asking: (piece) => this.#ask(["lookBack"], endMs, { windowSeconds: Math.round((endMs - piece.endMs) / 1000), lookBackSeconds: secondsOf(piece) }),
      take: ({ answers }, piece) => {
        const seen = mapLookBack(answers.lookBack ?? [], { afterMs: piece.startMs, untilMs: piece.endMs });
        for (const [key, rows] of seen) if (!this.#tallies.byKey.has(key) && !this.#lookBack.has(key)) this.#lookBack.set(key, rows);
      },
    };
  }

  async #ask(names: readonly QueryName[], endMs: number, span: Omit<TelemetryRequest, "endMs">): Promise<Asked> {
    const { client, matchers, signal } = this.#asker;
    const queries = queriesFor({ ...span, matchers });
    return await ask({ client, endMs, nowMs: this.#window.nowMs, signal }, names.map((name): readonly [QueryName, Query] => [name, queries[name]]));
  }
}

function dated(gap: Gap, piece: TimeSpan, whole: TimeSpan): Gap {
  if (piece.startMs === whole.startMs && piece.endMs === whole.endMs) return gap;
  return { ...gap, because: `${gap.because} (asked for ${momentText(piece.startMs)} to ${momentText(piece.endMs)})` };
}

/** Reads a window that ended at a fixed time. */
export async function readPast(asker: Asker, window: PastWindow): Promise<Telemetry> {
  return await new PastReading(asker, window).read();
}
