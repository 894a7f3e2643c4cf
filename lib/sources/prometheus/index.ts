import type { Telemetry } from "#mesh";
import type { PrometheusConfig } from "../config.ts";
import { REFUSED_UNCOUNTED } from "../blindSpots.ts";
import type { SourceStatus, TelemetryRequest, TelemetrySource, Waiting } from "../source.ts";
import { prometheusClient, type PrometheusClient, type ReplyLimits } from "./client.ts";
import { FollowedWindow, type Asker } from "./followed.ts";
import { PastReading, type PastWindow } from "./past.ts";
import { Recording } from "./recorded.ts";
import { ScrapeInterval } from "./scrapeInterval.ts";

/** What a test or a very large mesh may want otherwise. */
export interface PrometheusTuning extends Partial<ReplyLimits> {
  readonly refreshMs?: number;
  /** how old answers to the slow questions may become before they are asked again, beside a refresh; the look-back five times as old */
  readonly slowRefreshMs?: number;
  /** before each time that a part of a past window is asked for again which is too much just now */
  readonly waitsMs?: readonly number[];
  readonly now?: () => number;
}

const NAME = "Prometheus";
const BLIND_SPOTS = [REFUSED_UNCOUNTED];

class PrometheusSource implements TelemetrySource {
  readonly refreshMs: number;
  readonly #client: PrometheusClient;
  readonly #asker: Asker;
  readonly #followed: FollowedWindow;
  readonly #recording: Recording;
  readonly #limits: Pick<PastWindow, "timeoutMs" | "waitsMs">;
  readonly #now: () => number;
  readonly #stopping = new AbortController();
  /** of those who still wait */
  readonly #unfinished = new WeakMap<Waiting, { readonly key: string; readonly reading: PastReading }>();
  #status: SourceStatus = { kind: "telemetry", name: NAME, state: "starting", readAtMs: null, message: "not asked yet" };

  constructor(config: PrometheusConfig, { timeoutMs = 30_000, maxReplyBytes = 128_000_000, refreshMs = 15_000, slowRefreshMs = 60_000, waitsMs = [1_000, 3_000, 9_000], now = Date.now }: PrometheusTuning) {
    this.#client = prometheusClient(config, { timeoutMs, maxReplyBytes });
    const matchers = config.selector ?? "";
    this.#asker = { client: this.#client, matchers, scraping: new ScrapeInterval(this.#client, matchers), signal: this.#stopping.signal };
    this.#followed = new FollowedWindow(this.#asker, { refreshMs, slowRefreshMs });
    this.#recording = new Recording(this.#asker);
    this.#limits = { timeoutMs, waitsMs };
    this.refreshMs = refreshMs;
    this.#now = now;
  }

  async read(request: TelemetryRequest, waiting: Waiting = { told: () => undefined, gaveUp: () => undefined, signal: this.#stopping.signal }): Promise<Telemetry> {
    const nowMs = this.#now();
    if (request.endMs !== null) return await this.#readPast({ request, endMs: request.endMs, ...this.#limits }, waiting);
    const [{ telemetry, failures }] = await Promise.all([this.#followed.read(request, nowMs), this.#recording.look(nowMs)]);
    this.#note(failures, nowMs);
    return { ...telemetry, blindSpots: BLIND_SPOTS };
  }

  status(): readonly SourceStatus[] {
    return [this.#status.state === "live" ? { ...this.#status, message: this.#recording.words } : this.#status];
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#followed.settled();
    await this.#client.close();
  }

  async #readPast(window: PastWindow, waiting: Waiting): Promise<Telemetry> {
    const key = Object.values(window.request).join(" ");
    const begun = this.#unfinished.get(waiting);
    const reading = begun?.key === key ? begun.reading : new PastReading({ ...this.#asker, signal: AbortSignal.any([this.#stopping.signal, waiting.signal]) }, window);
    this.#unfinished.set(waiting, { key, reading });
    const telemetry = await reading.read(this.#now(), waiting.told);
    if (reading.unread === null) this.#unfinished.delete(waiting);
    else waiting.gaveUp(reading.unread);
    return { ...telemetry, blindSpots: BLIND_SPOTS };
  }

  #note([failure]: readonly string[], nowMs: number): void {
    const { readAtMs } = this.#status;
    this.#status = failure === undefined
      ? { kind: "telemetry", name: NAME, state: "live", readAtMs: nowMs, message: "" }
      : { kind: "telemetry", name: NAME, state: readAtMs === null ? "starting" : "stale", readAtMs, message: `${failure}; check --prometheus and that it runs, it is asked again every ${this.refreshMs / 1000} s` };
  }
}

/**
 * Traffic from a Prometheus, or anything with its query API.
 *
 * The window that ends now is followed: three questions a refresh, two more at most once a minute and one more rarely, however large the mesh.
 * Another is read once, in pieces where it is long.
 * Nothing throws for what the server does: a question that fails is a gap, and the status says what to do.
 *
 * @throws {TypeError} where the URL is none
 */
export function prometheusSource(config: PrometheusConfig, tuning: PrometheusTuning = {}): TelemetrySource {
  return new PrometheusSource(config, tuning);
}
