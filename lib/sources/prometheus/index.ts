import type { Gap, Telemetry, TrafficRow } from "#mesh";
import type { PrometheusConfig } from "../config.ts";
import type { SourceStatus, TelemetryRequest, TelemetrySource } from "../source.ts";
import { prometheusClient, type PrometheusClient, type ReplyLimits } from "./client.ts";
import { droppedLabels, mapLookBack, mapWindow } from "./map.ts";
import { FAST_QUERIES, queriesFor, SLOW_QUERIES, type Query, type QueryName } from "./queries.ts";
import type { Sample } from "./schema.ts";

/** What a test or a very large mesh may want otherwise. */
export interface PrometheusTuning extends Partial<ReplyLimits> {
  readonly refreshMs?: number;
  /** how old answers to the slow questions may become before they are asked again, beside a refresh */
  readonly slowRefreshMs?: number;
  readonly now?: () => number;
}

const NAME = "Prometheus";
/** Answers to slow questions are of no use any more after this. */
const SLOW_EXPIRES_MS = 300_000;

const NO_ANSWERS = { requests: [], connections: [], outcomes: [], clientSide: [], bytesAndBirths: [], lookBack: [] } as const satisfies Record<QueryName, readonly Sample[]>;

type Answers = Readonly<Partial<Record<QueryName, readonly Sample[]>>>;

interface Asked {
  readonly answers: Answers;
  readonly gaps: readonly Gap[];
  /** questions that failed, of those asked */
  readonly failures: readonly string[];
  readonly atMs: number;
}

/** The slow questions' last answers, for the window they were asked for, and the rows of the window they go with. */
interface Slow extends Asked {
  readonly span: string;
  readonly rows: readonly TrafficRow[];
}

async function ask(client: PrometheusClient, questions: readonly (readonly [QueryName, Query])[], at: { readonly endMs: number | null; readonly nowMs: number; readonly signal: AbortSignal }): Promise<Asked> {
  const settled = await Promise.allSettled(questions.map(([, query]) => client.query(query.text, at.endMs, at.signal)));
  const answers: Partial<Record<QueryName, readonly Sample[]>> = {};
  const gaps: Gap[] = [];
  const failures: string[] = [];
  settled.forEach((result, index) => {
    const [name, { purpose }] = questions[index] ?? ["requests", { purpose: "", text: "" }];
    if (result.status === "rejected") {
      const because = result.reason instanceof Error ? result.reason.message : "it failed";
      failures.push(because);
      gaps.push({ wanted: purpose, because });
      return;
    }
    answers[name] = result.value.samples;
    gaps.push(...result.value.warnings.map((warning) => ({ wanted: purpose, because: `\`${client.address}\` warns that its answer may be incomplete: ${warning}` })));
  });
  return { answers, gaps, failures, atMs: at.nowMs };
}

function eachOnce(gaps: readonly Gap[]): readonly Gap[] {
  return [...new Map(gaps.map((gap) => [`${gap.wanted}\u0000${gap.because}`, gap])).values()];
}

class PrometheusSource implements TelemetrySource {
  readonly refreshMs: number;
  readonly #client: PrometheusClient;
  readonly #matchers: string;
  readonly #slowRefreshMs: number;
  readonly #now: () => number;
  readonly #stopping = new AbortController();
  #slow: Slow | null = null;
  #slowPending: Promise<void> | null = null;
  #status: SourceStatus = { name: NAME, state: "starting", readAtMs: null, message: "not asked yet" };

  constructor(config: PrometheusConfig, { timeoutMs = 30_000, maxReplyBytes = 128_000_000, refreshMs = 15_000, slowRefreshMs = 60_000, now = Date.now }: PrometheusTuning) {
    this.#client = prometheusClient(config, { timeoutMs, maxReplyBytes });
    this.#matchers = config.selector ?? "";
    this.refreshMs = refreshMs;
    this.#slowRefreshMs = slowRefreshMs;
    this.#now = now;
  }

  async read(request: TelemetryRequest): Promise<Telemetry> {
    const nowMs = this.#now();
    const at = { endMs: request.endMs, nowMs, signal: this.#stopping.signal };
    const queries = queriesFor({ ...request, matchers: this.#matchers });
    const pick = (names: readonly QueryName[]): readonly (readonly [QueryName, Query])[] => names.map((name) => [name, queries[name]]);
    const fast = ask(this.#client, pick(FAST_QUERIES), at);
    const slow = await this.#slowAnswers(request, () => ask(this.#client, pick(SLOW_QUERIES), at), nowMs);
    const asked = await fast;
    this.#note(asked, nowMs);
    const endMs = request.endMs ?? nowMs;
    const windowStartMs = endMs - request.windowSeconds * 1000;
    const span = { windowStartMs, windowEndMs: endMs, lookBackStartMs: windowStartMs - request.lookBackSeconds * 1000, queries: Object.values(queries) };
    if (asked.answers.requests === undefined || asked.answers.connections === undefined) return { ...span, rows: [], lookBackRows: [], gaps: eachOnce([...asked.gaps, ...slow.gaps]) };
    return { ...span, ...this.#picture(asked, slow) };
  }

  #picture(asked: Asked, slow: Slow): Pick<Telemetry, "rows" | "lookBackRows" | "gaps"> {
    const vectors = { ...NO_ANSWERS, ...slow.answers, ...asked.answers };
    const rows = mapWindow(vectors);
    this.#keepRows(slow, rows);
    const lookBackRows = [...mapLookBack(vectors.lookBack), ...slow.rows];
    return { rows, lookBackRows, gaps: eachOnce([...asked.gaps, ...slow.gaps, ...droppedLabels(vectors), ...this.#silence(rows, lookBackRows)]) };
  }

  status(): readonly SourceStatus[] {
    return [this.#status];
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#slowPending;
    await this.#client.close();
  }

  /** A past window is asked for whole. The live one takes the last answers, and asks again beside the refresh when they are old. */
  async #slowAnswers(request: TelemetryRequest, asking: () => Promise<Asked>, nowMs: number): Promise<Slow> {
    const span = JSON.stringify([request.windowSeconds, request.lookBackSeconds]);
    if (request.endMs !== null) return { ...(await asking()), span, rows: [] };
    const last = this.#slow?.span === span && nowMs - this.#slow.atMs < SLOW_EXPIRES_MS ? this.#slow : null;
    if (last !== null && nowMs - last.atMs < this.#slowRefreshMs) return last;
    this.#slowPending ??= this.#askSlow(asking, span);
    if (last !== null) return last;
    await this.#slowPending;
    return this.#slow ?? { answers: {}, gaps: [], failures: [], atMs: nowMs, span, rows: [] };
  }

  /** What failed keeps its last answer until that expires; the gap says so meanwhile. */
  async #askSlow(asking: () => Promise<Asked>, span: string): Promise<void> {
    const before = this.#slow;
    const asked = await asking();
    const kept = before?.span === span && asked.atMs - before.atMs < SLOW_EXPIRES_MS && asked.failures.length > 0 ? before : null;
    this.#slow = kept === null ? { ...asked, span, rows: [] } : { ...asked, answers: { ...kept.answers, ...asked.answers }, span, rows: kept.rows, atMs: kept.atMs };
    this.#slowPending = null;
  }

  /** The first window read with these answers: what leaves it before the look-back is asked again was seen all the same. */
  #keepRows(slow: Slow, rows: readonly TrafficRow[]): void {
    if (this.#slow === slow && slow.rows.length === 0) this.#slow = { ...slow, rows };
  }

  #note(asked: Asked, nowMs: number): void {
    if (asked.failures.length === 0) {
      this.#status = { name: NAME, state: "live", readAtMs: nowMs, message: "" };
      return;
    }
    const { readAtMs } = this.#status;
    const message = `${asked.failures[0] ?? "it failed"}; check --prometheus and that it runs, it is asked again every ${this.refreshMs / 1000} s`;
    this.#status = { name: NAME, state: readAtMs === null ? "absent" : "stale", readAtMs, message };
  }

  #silence(rows: readonly TrafficRow[], lookBackRows: readonly TrafficRow[]): readonly Gap[] {
    if (rows.length > 0 || lookBackRows.length > 0) return [];
    return [{ wanted: "traffic", because: `\`${this.#client.address}\` holds no Istio metric that grew in the window or the look-back: there was no traffic, or the proxies are not scraped` }];
  }
}

/**
 * Traffic from a Prometheus, or anything with its query API.
 *
 * Three questions a refresh, three more at most once a minute; six in all, however large the mesh.
 * Nothing throws for what the server does: a question that fails is a gap, and the status says what to do.
 *
 * @throws {TypeError} where the URL is none
 */
export function prometheusSource(config: PrometheusConfig, tuning: PrometheusTuning = {}): TelemetrySource {
  return new PrometheusSource(config, tuning);
}
