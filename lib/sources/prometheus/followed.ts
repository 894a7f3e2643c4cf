import type { Gap, Telemetry, TimeSpan, TrafficRow } from "#mesh";
import type { TelemetryRequest } from "../source.ts";
import { ask, Beside, type Asked, type Asking } from "./beside.ts";
import type { PrometheusClient } from "./client.ts";
import { coverageOf, type Coverage } from "./coverage.ts";
import { Departures } from "./departures.ts";
import { LookBack } from "./lookBack.ts";
import { blindAtStart, droppedLabels, mapWindow, type RowsByKey, type WindowVectors } from "./map.ts";
import { FAST_QUERIES, MINUTELY_QUERIES, PURPOSES, queriesFor, WINDOW_QUERIES, type Query, type QueryName } from "./queries.ts";
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

interface Round {
  readonly fast: Asked;
  readonly minutely: Asked;
  readonly lookBack: Asked;
  readonly near: Asked | null;
}

type Basis = Pick<Telemetry, "windowStartMs" | "windowEndMs" | "lookBackStartMs" | "queries">;

export function eachOnce(gaps: readonly Gap[]): readonly Gap[] {
  return [...new Map(gaps.map((gap) => [`${gap.wanted}\u0000${gap.because}`, gap])).values()];
}

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

export function silence(address: string, { rows, lookBackRows }: Pick<Telemetry, "rows" | "lookBackRows">): readonly Gap[] {
  if (rows.length > 0 || lookBackRows.length > 0) return [];
  return [{ wanted: "traffic", because: `\`${address}\` holds no Istio metric that grew in the window or the look-back: there was no traffic, or the proxies are not scraped` }];
}

/**
 * The window that ends now, read again and again: three questions a refresh, two more once a minute, and rarely what came before the window,
 * since what leaves the window is remembered.
 */
export class FollowedWindow {
  readonly #asker: Asker;
  readonly #slowRefreshMs: number;
  readonly #minutely: Beside;
  readonly #lookBack: Beside;
  readonly #near: Beside;
  readonly #departures: Departures;
  readonly #before = new LookBack();
  #coverage: { readonly coverage: Coverage; readonly window: TimeSpan } | null = null;
  #span = "";

  constructor(asker: Asker, slowRefreshMs: number) {
    this.#asker = asker;
    this.#slowRefreshMs = slowRefreshMs;
    this.#minutely = new Beside(slowRefreshMs, MINUTELY_QUERIES.map((name) => PURPOSES[name]));
    this.#lookBack = new Beside(slowRefreshMs * 5, [PURPOSES.lookBack]);
    this.#near = new Beside(slowRefreshMs * 30, []);
    this.#departures = new Departures(slowRefreshMs);
  }

  async read(request: TelemetryRequest, nowMs: number): Promise<Followed> {
    const queries = queriesFor({ ...request, matchers: this.#asker.matchers });
    const basis = basisOf(request, nowMs, Object.values(queries));
    const refused = tooShort(request.windowSeconds, this.#asker.scraping.known);
    if (refused !== null) return { telemetry: refusedWindow(basis, refused), failures: [] };
    const [round, coverage] = await Promise.all([this.#ask(request, nowMs, queries), this.#covered({ startMs: basis.windowStartMs, endMs: nowMs })]);
    void this.#asker.scraping.find(nowMs, null, this.#asker.signal);
    const { fast, minutely, lookBack } = round;
    if (fast.answers.requests === undefined || fast.answers.connections === undefined) {
      return { telemetry: { ...basis, rows: [], lookBackRows: [], gaps: eachOnce([...fast.gaps, ...minutely.gaps, ...lookBack.gaps]) }, failures: fast.failures };
    }
    const picture = this.#picture(basis, request, round);
    const covered = coverage.covered === null ? {} : { covered: coverage.covered };
    return { telemetry: { ...basis, ...picture, ...covered, gaps: eachOnce([...picture.gaps, ...coverage.gaps]) }, failures: fast.failures };
  }

  async settled(): Promise<void> {
    await Promise.all([this.#minutely.settled(), this.#lookBack.settled(), this.#near.settled()]);
  }

  async #ask(request: TelemetryRequest, nowMs: number, queries: Readonly<Record<QueryName, Query>>): Promise<Round> {
    const span = `${request.windowSeconds} ${request.lookBackSeconds}`;
    if (span !== this.#span) this.#departures.forget();
    this.#span = span;
    const asking: Asking = { client: this.#asker.client, endMs: null, nowMs, signal: this.#asker.signal };
    const put = (names: readonly QueryName[]): Promise<Asked> => ask(asking, names.map((name): readonly [QueryName, Query] => [name, queries[name]]));
    // the finer question waits until the coarse one has been answered: at first there are enough of them
    const near = this.#lookBack.hasAnswered(span) ? this.#near.atHand(span, nowMs, () => put(["lookBackNear"])) : null;
    const [fast, minutely, lookBack] = await Promise.all([
      put(FAST_QUERIES),
      this.#minutely.answer(span, nowMs, () => put(MINUTELY_QUERIES)),
      this.#lookBack.answer(span, nowMs, () => put(["lookBack"])),
    ]);
    return { fast, minutely, lookBack, near };
  }

  #picture(basis: Basis, request: TelemetryRequest, { fast, minutely, lookBack, near }: Round): Pick<Telemetry, "rows" | "lookBackRows" | "gaps"> {
    const answers = { ...minutely.answers, ...fast.answers };
    const vectors = { ...NO_ANSWERS, ...answers };
    const current = mapWindow(vectors);
    // what a failed question leaves out has not left the window
    if (WINDOW_QUERIES.every((name) => answers[name] !== undefined)) this.#departures.note(basis.windowStartMs, current);
    const rows = flat(current);
    const before = new Map([...this.#before.rows(request, lookBack, near), ...this.#departures.since(basis.lookBackStartMs)]);
    for (const key of current.keys()) before.delete(key);
    const lookBackRows = flat(before);
    const gaps = [...fast.gaps, ...minutely.gaps, ...lookBack.gaps, ...droppedLabels(vectors), ...blindAtStart(vectors), ...silence(this.#asker.client.address, { rows, lookBackRows })];
    return { rows, lookBackRows, gaps };
  }

  /** Asked once a minute; in between the window moves on, and what was covered to its end is taken to be covered still. */
  async #covered(window: TimeSpan): Promise<Coverage> {
    const { client, matchers, scraping, signal } = this.#asker;
    if (this.#coverage === null || window.endMs - this.#coverage.window.endMs >= this.#slowRefreshMs) {
      this.#coverage = { coverage: await coverageOf({ client, matchers, jobs: scraping.known.jobs, signal }, window), window };
    }
    const { coverage: { covered, gaps }, window: asked } = this.#coverage;
    if (covered === null) return { covered, gaps };
    const moved = covered.map(({ startMs, endMs }) => ({ startMs: Math.max(startMs, window.startMs), endMs: endMs === asked.endMs ? window.endMs : endMs }));
    return { covered: moved.filter(({ startMs, endMs }) => startMs < endMs), gaps };
  }
}
