import type { Gap, Telemetry, TrafficRow } from "#mesh";
import type { PrometheusConfig } from "../config.ts";
import type { SourceStatus, TelemetryRequest, TelemetrySource } from "../source.ts";
import { ask, Beside, type Asked, type Asking } from "./beside.ts";
import { prometheusClient, type PrometheusClient, type ReplyLimits } from "./client.ts";
import { droppedLabels, mapLookBack, mapWindow } from "./map.ts";
import { FAST_QUERIES, MINUTELY_QUERIES, PURPOSES, queriesFor, RARE_QUERIES, type Query, type QueryName } from "./queries.ts";
import type { Sample } from "./schema.ts";

/** What a test or a very large mesh may want otherwise. */
export interface PrometheusTuning extends Partial<ReplyLimits> {
  readonly refreshMs?: number;
  /** how old answers to the slow questions may become before they are asked again, beside a refresh; the look-back five times as old */
  readonly slowRefreshMs?: number;
  readonly now?: () => number;
}

const NAME = "Prometheus";
const NO_ANSWERS = { requests: [], connections: [], outcomes: [], clientSide: [], bytesAndBirths: [], lookBack: [] } as const satisfies Record<QueryName, readonly Sample[]>;

function eachOnce(gaps: readonly Gap[]): readonly Gap[] {
  return [...new Map(gaps.map((gap) => [`${gap.wanted}\u0000${gap.because}`, gap])).values()];
}

class PrometheusSource implements TelemetrySource {
  readonly refreshMs: number;
  readonly #client: PrometheusClient;
  readonly #matchers: string;
  readonly #minutely: Beside;
  readonly #rarely: Beside;
  readonly #now: () => number;
  readonly #stopping = new AbortController();
  /** the window's rows when the look-back was answered: what leaves the window before it is asked again was seen all the same */
  #seen: { readonly lookBack: Asked; readonly rows: readonly TrafficRow[] } | null = null;
  #status: SourceStatus = { name: NAME, state: "starting", readAtMs: null, message: "not asked yet" };

  constructor(config: PrometheusConfig, { timeoutMs = 30_000, maxReplyBytes = 128_000_000, refreshMs = 15_000, slowRefreshMs = 60_000, now = Date.now }: PrometheusTuning) {
    this.#client = prometheusClient(config, { timeoutMs, maxReplyBytes });
    this.#matchers = config.selector ?? "";
    this.refreshMs = refreshMs;
    this.#minutely = new Beside(slowRefreshMs, MINUTELY_QUERIES.map((name) => PURPOSES[name]));
    this.#rarely = new Beside(slowRefreshMs * 5, RARE_QUERIES.map((name) => PURPOSES[name]));
    this.#now = now;
  }

  async read(request: TelemetryRequest): Promise<Telemetry> {
    const nowMs = this.#now();
    const queries = queriesFor({ ...request, matchers: this.#matchers });
    const asking: Asking = { client: this.#client, endMs: request.endMs, nowMs, signal: this.#stopping.signal };
    const put = (names: readonly QueryName[]): Promise<Asked> => ask(asking, names.map((name): readonly [QueryName, Query] => [name, queries[name]]));
    const beside = (slow: Beside, names: readonly QueryName[]): Promise<Asked> =>
      request.endMs === null ? slow.answer(`${request.windowSeconds} ${request.lookBackSeconds}`, nowMs, () => put(names)) : put(names);
    const [fast, minutely, lookBack] = await Promise.all([put(FAST_QUERIES), beside(this.#minutely, MINUTELY_QUERIES), beside(this.#rarely, RARE_QUERIES)]);
    this.#note(fast, nowMs);
    const endMs = request.endMs ?? nowMs;
    const windowStartMs = endMs - request.windowSeconds * 1000;
    const span = { windowStartMs, windowEndMs: endMs, lookBackStartMs: windowStartMs - request.lookBackSeconds * 1000, queries: Object.values(queries) };
    if (fast.answers.requests === undefined || fast.answers.connections === undefined) return { ...span, rows: [], lookBackRows: [], gaps: eachOnce([...fast.gaps, ...minutely.gaps, ...lookBack.gaps]) };
    return { ...span, ...this.#picture(fast, minutely, lookBack) };
  }

  status(): readonly SourceStatus[] {
    return [this.#status];
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await Promise.all([this.#minutely.settled(), this.#rarely.settled()]);
    await this.#client.close();
  }

  #picture(fast: Asked, minutely: Asked, lookBack: Asked): Pick<Telemetry, "rows" | "lookBackRows" | "gaps"> {
    const vectors = { ...NO_ANSWERS, ...lookBack.answers, ...minutely.answers, ...fast.answers };
    const rows = mapWindow(vectors);
    if (this.#seen?.lookBack !== lookBack) this.#seen = { lookBack, rows };
    const lookBackRows = [...mapLookBack(vectors.lookBack), ...(this.#seen.rows === rows ? [] : this.#seen.rows)];
    const gaps = [...fast.gaps, ...minutely.gaps, ...lookBack.gaps, ...droppedLabels(vectors), ...this.#silence(rows, lookBackRows)];
    return { rows, lookBackRows, gaps: eachOnce(gaps) };
  }

  #note(asked: Asked, nowMs: number): void {
    const [failure] = asked.failures;
    const { readAtMs } = this.#status;
    this.#status = failure === undefined
      ? { name: NAME, state: "live", readAtMs: nowMs, message: "" }
      : { name: NAME, state: readAtMs === null ? "absent" : "stale", readAtMs, message: `${failure}; check --prometheus and that it runs, it is asked again every ${this.refreshMs / 1000} s` };
  }

  #silence(rows: readonly TrafficRow[], lookBackRows: readonly TrafficRow[]): readonly Gap[] {
    if (rows.length > 0 || lookBackRows.length > 0) return [];
    return [{ wanted: "traffic", because: `\`${this.#client.address}\` holds no Istio metric that grew in the window or the look-back: there was no traffic, or the proxies are not scraped` }];
  }
}

/**
 * Traffic from a Prometheus, or anything with its query API.
 *
 * Three questions a refresh, two more at most once a minute and one more rarely: six in all, however large the mesh.
 * Nothing throws for what the server does: a question that fails is a gap, and the status says what to do.
 *
 * @throws {TypeError} where the URL is none
 */
export function prometheusSource(config: PrometheusConfig, tuning: PrometheusTuning = {}): TelemetrySource {
  return new PrometheusSource(config, tuning);
}
