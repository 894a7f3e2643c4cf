import type { TimeSpan } from "#mesh";
import type { Asked } from "./beside.ts";
import type { PrometheusClient } from "./client.ts";
import { inBoth, joined, momentText } from "./coverage.ts";
import { BY_EDGE, BY_OUTCOME, part, PART, selector, withoutLabels, type Query, type QueryName } from "./queries.ts";
import { isTooMuch, PrometheusError } from "./schema.ts";

/** What deploy/recording-rules.yaml records; another version of it would have another number. */
const RECORDER = "mtlscope:scraped_targets:count";
const VERSION = 'mtlscope_rules="1"';
const STEP_MS = 300_000;
/** an evaluation may come a little late */
const LATE_MS = 30_000;

/** A shorter window is read from the counters themselves: the newest minutes are not recorded yet. */
export const SHORTEST_RECORDED_SECONDS = 3600;

interface Recorder {
  readonly client: PrometheusClient;
  readonly matchers: string;
  readonly signal: AbortSignal;
}

function spansOf(times: readonly number[]): readonly TimeSpan[] {
  return joined(times.map((time) => ({ startMs: time - STEP_MS - LATE_MS, endMs: time }))).map(({ startMs, endMs }) => ({ startMs: startMs + LATE_MS, endMs }));
}

const EXPECTED = ["reporter", "connection_security_policy", "source_workload", "destination_workload", "destination_service"] as const;

/** Whether records carry the labels that tell edges apart: rules may have been edited, or something else may use their names. */
async function hasLabels({ client, matchers, signal }: Recorder, atMs: number): Promise<boolean> {
  const without = EXPECTED.map((label) => selector("mtlscope:istio_requests:increase5m", [`${label}=""`], matchers)).join(" or ");
  const { samples } = await client.query(`count(${without})`, atMs, signal);
  return samples.length === 0;
}

/** The parts of a window that are recorded; where several record, those that all of them have. @throws {PrometheusError} as the client does */
async function findSpans(recorder: Recorder, window: TimeSpan): Promise<readonly TimeSpan[]> {
  const { client, matchers, signal } = recorder;
  const seconds = Math.ceil((window.endMs - window.startMs) / 1000);
  const recorders = await client.samples(`${selector(RECORDER, [VERSION], matchers)}[${seconds}s]`, window.endMs, signal);
  const [first, ...others] = recorders.map((times) => inBoth([window], spansOf(times)));
  const spans = first === undefined ? [] : others.reduce(inBoth, first);
  const newest = spans.at(-1);
  return newest !== undefined && (await hasLabels(recorder, newest.endMs)) ? spans : [];
}

/** What a look for records came to: the parts of a window that are recorded, or why that could not be found out. */
export type Look = Pick<Asked, "tooMuch" | "mayPass"> & ({ readonly spans: readonly TimeSpan[] } | { readonly spans: null; readonly because: string });

export const NOTHING_RECORDED: Look & { readonly spans: readonly TimeSpan[] } = { spans: [], tooMuch: false, mayPass: false };

export async function lookForRecords(recorder: Recorder, window: TimeSpan): Promise<Look> {
  try {
    return { ...NOTHING_RECORDED, spans: await findSpans(recorder, window) };
  } catch (error) {
    if (!(error instanceof PrometheusError)) throw error;
    const { message, trouble } = error;
    return { spans: null, because: message, tooMuch: isTooMuch(trouble), mayPass: trouble === "strain" || trouble === "fault" };
  }
}

/** What each question is answered by where it was recorded; `seconds` before the time it is asked for. */
export function recordedQueries(matchers: string, seconds: number): Readonly<Record<Exclude<QueryName, "lookBackNear">, Query>> {
  // a record at the very beginning tells of the time before
  const stretch = `[${Math.max(1, seconds - 1)}s]`;
  const sum = (what: string, more: readonly string[] = []): string => `${BY_EDGE} (sum_over_time(${selector(`mtlscope:istio_${what}:increase5m`, more, matchers)}${stretch}))`;
  const query = (purpose: string, text: string): Query => ({ purpose: `${purpose}, as recorded`, text });
  return {
    requests: query("requests, as servers and waypoints report them", sum("requests", ['reporter!="source"'])),
    connections: query("connections opened, as servers, waypoints and ztunnel report them", sum("connections", ['reporter!="source"'])),
    outcomes: query("requests and connections that were reset, denied or refused", `${BY_OUTCOME.replace(")", `, ${PART})`)} (sum_over_time(${selector("mtlscope:istio_outcomes:increase5m", [], matchers)}${stretch}))`),
    clientSide: query("requests and connections, as clients report them", [part("requests", sum("requests", ['reporter="source"'])), part("connections", sum("connections", ['reporter="source"']))].join(" or ")),
    bytesAndBirths: query("bytes, and whether counters lack labels", [part("bytes all", sum("bytes")), ...withoutLabels(matchers)].join(" or ")),
    lookBack: query("what carried traffic before the window", ["requests", "connections", "bytes"].map((what) => part(what, sum(what))).join(" or ")),
  };
}

const ASK_EVERY_MS = 300_000;
const FRESH_SECONDS = 1200;

/** Whether the rules are at work: found out every five minutes, for the status. */
export class Recording {
  readonly #recorder: Recorder;
  #askedAtMs = Number.NEGATIVE_INFINITY;
  #lastMs: number | null = null;
  #fresh = false;

  constructor(recorder: Recorder) {
    this.#recorder = recorder;
  }

  async look(nowMs: number): Promise<void> {
    if (nowMs - this.#askedAtMs < ASK_EVERY_MS) return;
    this.#askedAtMs = nowMs;
    const { spans } = await lookForRecords(this.#recorder, { startMs: nowMs - FRESH_SECONDS * 1000, endMs: nowMs });
    if (spans === null) return;
    this.#fresh = spans.length > 0;
    this.#lastMs = spans.at(-1)?.endMs ?? this.#lastMs;
  }

  /** Empty where there are no such rules. */
  get words(): string {
    if (this.#fresh) return "windows of an hour and more are read from recording rules";
    return this.#lastMs === null ? "" : `nothing has been recorded since ${momentText(this.#lastMs)}: long windows are read from the counters again`;
  }
}
