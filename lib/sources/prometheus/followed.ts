import type { Gap, Telemetry, TrafficRow } from "#mesh";
import { eachOnce } from "#mesh";
import type { TelemetryRequest } from "../source.ts";
import { ask, askInParts, Beside, isLarge, type Asked, type Asking, type Turn } from "./beside.ts";
import type { PrometheusClient } from "./client.ts";
import { CoveredWindow } from "./coveredWindow.ts";
import { Departures } from "./departures.ts";
import { LookBack } from "./lookBack.ts";
import { doubtsOf, mapWindow, type RowsByKey, type WindowVectors } from "./map.ts";
import { AT_ONCE, Pace } from "./pace.ts";
import { FAST_QUERIES, partsFor, PURPOSES, queriesFor, WINDOW_QUERIES, type Query, type QueryName } from "./queries.ts";
import { tooShort, type ScrapeInterval } from "./scrapeInterval.ts";

export const NO_ANSWERS: WindowVectors = { requests: [], connections: [], outcomes: [], clientSide: [], bytesAndBirths: [] };

export interface Asker {
  readonly client: PrometheusClient;
  readonly matchers: string;
  readonly scraping: ScrapeInterval;
  readonly signal: AbortSignal;
}

export interface Followed {
  readonly telemetry: Telemetry;
  /** what failed of the questions that every refresh asks, in words */
  readonly failures: readonly string[];
}

/** What tells of edges: all that a first picture waits for. */
interface Edges extends Pick<Asked, "answers" | "gaps" | "failures"> {
  /** of the oldest answer in it */
  readonly oldestMs: number;
}

interface Round {
  readonly edges: Edges;
  readonly bytesAndBirths: Asked;
  readonly lookBack: Asked;
  readonly near: Asked | null;
}

export type Basis = Pick<Telemetry, "windowStartMs" | "windowEndMs" | "lookBackStartMs" | "queries">;

export function flat(rows: RowsByKey): readonly TrafficRow[] {
  return [...rows.values()].flat();
}

export function basisOf({ windowSeconds, lookBackSeconds }: TelemetryRequest, endMs: number, queries: readonly Query[]): Basis {
  const windowStartMs = endMs - windowSeconds * 1000;
  return { windowStartMs, windowEndMs: endMs, lookBackStartMs: windowStartMs - lookBackSeconds * 1000, queries };
}

/** An empty answer that says why there is none. */
export function refusedWindow(basis: Basis, refused: string): Telemetry {
  return { ...basis, rows: [], lookBackRows: [], refused, gaps: [{ wanted: "traffic", because: refused }] };
}

/** @param where what was read, in words */
export function silence(address: string, { rows, lookBackRows }: Pick<Telemetry, "rows" | "lookBackRows">, where = "the window or the look-back"): readonly Gap[] {
  if (rows.length > 0 || lookBackRows.length > 0) return [];
  return [{ wanted: "traffic", because: `\`${address}\` holds no Istio metric that grew in ${where}: there was no traffic, or the proxies are not scraped` }];
}

/** How long a first picture of a small mesh waits for slow answers before it is shown without. */
const PATIENCE_MS = 5_000;
/** A question ends by itself, answered or not, before that. */
const UNTIL_ANSWERED_MS = 600_000;
export interface Rhythm {
  readonly refreshMs: number;
  /** after so long, slow questions are asked again; those about the look-back after five times, and thirty times as long */
  readonly slowRefreshMs: number;
}

/**
 * The window that ends now, read again and again: three questions a refresh, two more once a minute, and rarely what came before the window,
 * since what leaves the window is remembered.
 *
 * The first picture waits for what tells of edges. In a large mesh the rest comes in parts, between refreshes.
 */
export class FollowedWindow {
  readonly #asker: Asker;
  readonly #slowRefreshMs: number;
  readonly #clientSide: Beside;
  readonly #bytesAndBirths: Beside;
  readonly #lookBack: Beside;
  readonly #near: Beside;
  readonly #pace: Pace;
  readonly #coverage: CoveredWindow;
  readonly #departures = new Departures();
  readonly #before = new LookBack();
  #noted: readonly QueryName[] = [];
  #span = "";
  #findingScraping = false;
  #large = false;

  constructor(asker: Asker, { refreshMs, slowRefreshMs }: Rhythm) {
    this.#asker = asker;
    this.#slowRefreshMs = slowRefreshMs;
    this.#clientSide = new Beside(slowRefreshMs, [PURPOSES.clientSide]);
    this.#bytesAndBirths = new Beside(slowRefreshMs, [PURPOSES.bytesAndBirths]);
    this.#lookBack = new Beside(slowRefreshMs * 5, [PURPOSES.lookBack]);
    this.#near = new Beside(slowRefreshMs * 30, []);
    this.#pace = new Pace(refreshMs, asker.signal);
    this.#coverage = new CoveredWindow(slowRefreshMs);
  }

  async read(request: TelemetryRequest, nowMs: number): Promise<Followed> {
    return await this.#pace.refresh(() => this.#read(request, nowMs));
  }

  async settled(): Promise<void> {
    await Promise.all([this.#clientSide, this.#bytesAndBirths, this.#lookBack, this.#near, this.#coverage].map((one) => one.settled()));
  }

  async #read(request: TelemetryRequest, nowMs: number): Promise<Followed> {
    const { client, matchers, scraping, signal } = this.#asker;
    const basis = basisOf(request, nowMs, Object.values(queriesFor({ ...request, matchers })));
    const refused = tooShort(request.windowSeconds, scraping.known);
    if (refused !== null) return { telemetry: refusedWindow(basis, refused), failures: [] };
    const [edges, coverage] = await Promise.all([
      this.#askForEdges(request, nowMs),
      this.#coverage.at({ startMs: basis.windowStartMs, endMs: nowMs }, { client, matchers, jobs: scraping.known.jobs, signal }, PATIENCE_MS),
    ]);
    if (edges.answers.requests === undefined || edges.answers.connections === undefined) return { telemetry: { ...basis, rows: [], lookBackRows: [], gaps: edges.gaps }, failures: edges.failures };
    this.#large = isLarge(edges.answers);
    const round = { edges, ...(await this.#askTheRest(request, nowMs)) };
    const picture = this.#picture(basis, request, round);
    const covered = coverage.covered === null ? {} : { covered: coverage.covered };
    return { telemetry: { ...basis, ...picture, ...covered, gaps: eachOnce([...picture.gaps, ...coverage.gaps]) }, failures: edges.failures };
  }

  /** What every refresh needs, and what clients report, which is waited for once. */
  async #askForEdges(request: TelemetryRequest, nowMs: number): Promise<Edges> {
    const span = spanOf(request);
    if (span !== this.#span) {
      this.#departures.forget();
      this.#noted = [];
    }
    this.#span = span;
    const queries = queriesFor({ ...request, matchers: this.#asker.matchers });
    const put = (names: readonly QueryName[]): Promise<Asked> => ask(this.#asking(nowMs), names.map((name): readonly [QueryName, Query] => [name, queries[name]]));
    const turns = this.#clientSide.hasAnswered(span) ? this.#turns : AT_ONCE;
    const asking = (): Promise<Asked> => turns.turn(() => put(["clientSide"]));
    const [fast, clientSide] = await Promise.all([put(FAST_QUERIES), this.#clientSide.answer({ span, nowMs, asking }, UNTIL_ANSWERED_MS)]);
    return { answers: { ...clientSide.answers, ...fast.answers }, gaps: eachOnce([...fast.gaps, ...clientSide.gaps]), failures: fast.failures, oldestMs: clientSide.atMs };
  }

  async #askTheRest(request: TelemetryRequest, nowMs: number): Promise<Omit<Round, "edges">> {
    const parts = partsFor({ ...request, matchers: this.#asker.matchers, withoutWindow: true });
    const span = spanOf(request);
    const turn = (name: QueryName): Turn => ({ span, nowMs, asking: () => this.#askInParts(name, this.#large ? parts[name] : [parts[name].join(" or ")], nowMs) });
    // the finer question waits until the coarse one has been answered: at first there are enough of them
    const near = this.#lookBack.hasAnswered(span) ? this.#near.atHand(turn("lookBackNear")) : null;
    const patienceMs = this.#large ? 0 : PATIENCE_MS;
    const [bytesAndBirths, lookBack] = await Promise.all([this.#bytesAndBirths.answer(turn("bytesAndBirths"), patienceMs), this.#lookBack.answer(turn("lookBack"), patienceMs)]);
    this.#findScraping(nowMs);
    return { bytesAndBirths, lookBack, near };
  }

  #findScraping(nowMs: number): void {
    const { scraping, signal } = this.#asker;
    if (this.#findingScraping || !scraping.isDue(nowMs)) return;
    this.#findingScraping = true;
    void this.#turns.turn(() => scraping.find(nowMs, signal)).finally(() => {
      this.#findingScraping = false;
    });
  }

  async #askInParts(name: QueryName, parts: readonly string[], nowMs: number): Promise<Asked> {
    return await askInParts(this.#asking(nowMs), { name, purpose: PURPOSES[name], parts }, this.#turns);
  }

  /** Of what no refresh waits for. */
  get #turns(): Pick<Pace, "turn"> {
    return this.#large ? this.#pace : AT_ONCE;
  }

  #asking(nowMs: number): Asking {
    return { client: this.#asker.client, endMs: null, nowMs, signal: this.#asker.signal };
  }

  #picture(basis: Basis, request: TelemetryRequest, { edges, bytesAndBirths, lookBack, near }: Round): Pick<Telemetry, "rows" | "lookBackRows" | "gaps"> {
    const answers = { ...bytesAndBirths.answers, ...edges.answers };
    const vectors = { ...NO_ANSWERS, ...answers };
    const current = mapWindow(vectors);
    this.#note(basis, current, { answers, oldestMs: Math.min(edges.oldestMs, bytesAndBirths.atMs) });
    const rows = flat(current);
    const before = new Map([...this.#before.rows(request, lookBack, near), ...this.#departures.since(basis.lookBackStartMs)]);
    for (const key of current.keys()) before.delete(key);
    const lookBackRows = flat(before);
    const gaps = [...edges.gaps, ...bytesAndBirths.gaps, ...lookBack.gaps, ...doubtsOf(vectors), ...silence(this.#asker.client.address, { rows, lookBackRows })];
    return { rows, lookBackRows, gaps };
  }

  /** What a failed question leaves out has not left the window. */
  #note({ windowStartMs, windowEndMs }: Basis, rows: RowsByKey, { answers, oldestMs }: Pick<Edges, "answers" | "oldestMs">): void {
    if (this.#noted.some((name) => answers[name] === undefined)) return;
    this.#noted = WINDOW_QUERIES.filter((name) => answers[name] !== undefined);
    this.#departures.note(windowStartMs, rows, Math.max(this.#slowRefreshMs, windowEndMs - oldestMs));
  }
}

/** Answers of one window and look-back go with no other's. */
function spanOf({ windowSeconds, lookBackSeconds }: TelemetryRequest): string {
  return `${windowSeconds} ${lookBackSeconds}`;
}
