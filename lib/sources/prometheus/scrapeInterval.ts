import type { PrometheusClient } from "./client.ts";

const RANGE_SECONDS = 900;
const KNOWN_FOR_MS = 3_600_000;
const UNKNOWN_FOR_MS = 60_000;
/** fewer scrapes than this make no count worth showing */
const SCRAPES = 4;

/** How often Istio's metrics are scraped: of the slowest job. */
export interface Scraping {
  /** `null`: not known, or not for long enough */
  readonly slowest: { readonly job: string | null; readonly intervalSeconds: number } | null;
  readonly jobs: readonly string[];
}

export const UNKNOWN: Scraping = { slowest: null, jobs: [] };

/** Samples per job in a quarter of an hour; only of jobs that were there in the quarter before, since others would seem slow. */
export function scrapingText(matchers: string): string {
  const series = `{__name__=~"istio_requests_total|istio_tcp_connections_opened_total",reporter!="source"${matchers === "" ? "" : `,${matchers}`}}`;
  const range = `[${RANGE_SECONDS}s]`;
  return `max by (job) (count_over_time(${series}${range})) and on (job) count by (job) (last_over_time(${series}${range} offset ${RANGE_SECONDS + 1}s))`;
}

/** Found out once an hour, since it hardly ever changes; what is asked about the past is of that time, and tells nothing of now. */
export class ScrapeInterval {
  readonly #client: PrometheusClient;
  readonly #matchers: string;
  #last: { readonly scraping: Scraping; readonly askedAtMs: number } | null = null;
  #pending: Promise<void> | null = null;

  constructor(client: PrometheusClient, matchers: string) {
    this.#client = client;
    this.#matchers = matchers;
  }

  /** of now */
  get known(): Scraping {
    return this.#last?.scraping ?? UNKNOWN;
  }

  /** Whether it is to be found out again. */
  isDue(nowMs: number): boolean {
    return this.#pending === null && !this.#isKnownAt(nowMs);
  }

  /** Of now. Nothing is thrown: what cannot be found out stays as it was known. */
  async find(nowMs: number, signal: AbortSignal): Promise<void> {
    if (this.isDue(nowMs)) this.#pending = this.#findNow(nowMs, signal);
    await this.#pending;
  }

  /** Of the time before `endMs`. Nothing is thrown: what cannot be found out is not known. */
  async at(endMs: number, nowMs: number, signal: AbortSignal): Promise<Scraping> {
    const isOfNow = this.known.slowest !== null && this.#isKnownAt(nowMs) && Math.abs(nowMs - endMs) < RANGE_SECONDS * 1000;
    return isOfNow ? this.known : ((await this.#ask(endMs, signal)) ?? UNKNOWN);
  }

  #isKnownAt(nowMs: number): boolean {
    return this.#last !== null && nowMs - this.#last.askedAtMs < (this.#last.scraping.slowest === null ? UNKNOWN_FOR_MS : KNOWN_FOR_MS);
  }

  async #findNow(nowMs: number, signal: AbortSignal): Promise<void> {
    const scraping = (await this.#ask(null, signal)) ?? this.known;
    this.#last = { scraping, askedAtMs: nowMs };
    this.#pending = null;
  }

  /** @returns `null` where there was no answer */
  async #ask(endMs: number | null, signal: AbortSignal): Promise<Scraping | null> {
    try {
      const { samples } = await this.#client.query(scrapingText(this.#matchers), endMs, signal);
      const jobs = samples.map((sample) => ({ job: sample.rest.job, intervalSeconds: Math.round(RANGE_SECONDS / Math.max(1, sample.value)) }));
      const [slowest = null] = jobs.toSorted((one, other) => other.intervalSeconds - one.intervalSeconds);
      return { slowest, jobs: jobs.flatMap(({ job }) => job ?? []) };
    } catch {
      return null;
    }
  }
}

export function shortestWindowSeconds({ slowest }: Scraping): number {
  return slowest === null ? 0 : SCRAPES * slowest.intervalSeconds;
}

/** Why a window is too short for how often is scraped, and which is not; `null` where it is long enough. */
export function tooShort(windowSeconds: number, scraping: Scraping): string | null {
  const { slowest } = scraping;
  if (slowest === null || windowSeconds >= shortestWindowSeconds(scraping)) return null;
  const minutes = Math.ceil(shortestWindowSeconds(scraping) / 60);
  const who = slowest.job === null ? "Istio's metrics are" : `job \`${slowest.job}\` is`;
  return `a window of ${windowSeconds} s is shorter than ${SCRAPES} scrapes: ${who} scraped about every ${slowest.intervalSeconds} s, so counts would be guesses. Choose ${minutes} min or more`;
}
