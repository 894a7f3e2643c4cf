import { fetch, type Dispatcher, type Response } from "undici";
import type { PrometheusConfig } from "../config.ts";
import { redact } from "../log.ts";
import { mayHoldMarks, visibleLabels } from "../reordering.ts";
import { counted } from "../requests.ts";
import { dispatcherFor, headersOf } from "./credentials.ts";
import { LabelSets } from "./labelSets.ts";
import { EDGE_LABELS } from "./queries.ts";
import type { Sample } from "./sample.ts";
import { PrometheusError, QUERY_REPLY, RANGE_REPLY, type Element, type Trouble } from "./schema.ts";

export interface ReplyLimits {
  readonly timeoutMs: number;
  readonly maxReplyBytes: number;
}

export interface Vector {
  readonly samples: readonly Sample[];
  readonly warnings: readonly string[];
}

/** Steps from `startMs` to `endMs`, both included. */
export interface Steps {
  readonly startMs: number;
  readonly endMs: number;
  readonly stepSeconds: number;
}

export interface PrometheusClient {
  /** address without credentials */
  readonly address: string;
  /**
   * @param atMs evaluation time, `null`: the server's now
   * @throws {PrometheusError} whatever went wrong; the message holds no credentials
   */
  query(text: string, atMs: number | null, signal: AbortSignal): Promise<Vector>;
  /** @returns the steps at which the question has an answer, in milliseconds; @throws {PrometheusError} as `query` does */
  answered(text: string, steps: Steps, signal: AbortSignal): Promise<readonly number[]>;
  /** @param text a range of one or few series; @returns the times of each one's samples, in milliseconds; @throws {PrometheusError} as `query` does */
  samples(text: string, atMs: number, signal: AbortSignal): Promise<readonly (readonly number[])[]>;
  close(): Promise<void>;
}

interface Reply {
  readonly text: string;
  readonly status: number;
}

const MAX_MESSAGE = 300;

async function readLimited(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new PrometheusError(`sent more than ${maxBytes} bytes`, "size");
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // a server that is being started says 503, too, but not as JSON
    if (status >= 500) throw new PrometheusError(`failed (HTTP ${status})`, status === GATEWAY_TIMEOUT ? "strain" : "fault");
    if (text.trimStart().startsWith("<")) throw new PrometheusError(`answered with a web page and not with the query API (HTTP ${status}): is this the URL of Prometheus`);
    throw new PrometheusError(`answered with text that is not JSON, or was cut off (HTTP ${status})`);
  }
}

const GATEWAY_TIMEOUT = 504;
/** Not understood; refused for its size, or cut short: limits, and timeouts. */
const TROUBLES: ReadonlyMap<number, Trouble> = new Map([[400, "question"], [422, "size"], [503, "strain"], [GATEWAY_TIMEOUT, "strain"]]);

function parsed(text: string, status: number): unknown {
  if (status === 401 || status === 403) throw new PrometheusError(`refused the credentials (HTTP ${status})`);
  if (status >= 300 && status < 400) throw new PrometheusError(`redirects elsewhere (HTTP ${status}), perhaps to a login page`);
  return parseJson(text, status);
}

interface Failed {
  readonly error?: string | null | undefined;
  readonly errorType?: string | null | undefined;
}

/** Servers quote what they were sent. Cut last: half a token is not recognized as one. */
function fromServer(text: string): string {
  return redact(text).slice(0, MAX_MESSAGE);
}

function refusal({ error, errorType }: Failed, status: number): PrometheusError {
  return new PrometheusError(`refused the query (HTTP ${status}): ${fromServer(error ?? errorType ?? "without a reason")}`, TROUBLES.get(status));
}

function parseVector({ text, status }: Reply, sets: LabelSets): Vector {
  const reply = QUERY_REPLY.safeParse(parsed(text, status));
  if (!reply.success) throw new PrometheusError(`answered with JSON that is no query result (HTTP ${status})`);
  if (reply.data.status === "error") throw refusal(reply.data, status);
  const spelt = mayHoldMarks(text) ? (element: Element): Element => ({ ...element, metric: visibleLabels(element.metric, EDGE_LABELS) }) : (element: Element): Element => element;
  return { samples: reply.data.data.result.map((element) => sets.sample(spelt(element))), warnings: (reply.data.warnings ?? []).map(fromServer) };
}

function parseTimes({ text, status }: Reply): readonly (readonly number[])[] {
  const reply = RANGE_REPLY.safeParse(parsed(text, status));
  if (!reply.success) throw new PrometheusError(`answered with JSON that is no result of a range query (HTTP ${status})`);
  if (reply.data.status === "error") throw refusal(reply.data, status);
  return reply.data.data.result.map(({ values }) => values.map(([seconds]) => Math.round(seconds * 1000)));
}

const NETWORK_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refuses connections",
  ENOTFOUND: "has a name that does not resolve",
  ECONNRESET: "cut the connection",
  UND_ERR_SOCKET: "cut the connection",
};

function codeOf(error: unknown): string | null {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : null;
}

/** What has no code did not come from the network, and its message may quote what was to be sent. */
function networkReason(error: Error): string {
  const code = codeOf(error.cause) ?? codeOf(error);
  return code === null ? `could not be asked (${error.name})` : (NETWORK_REASONS[code] ?? `cannot be reached (${code})`);
}

function reasonOf(error: unknown, { timeoutMs }: ReplyLimits): string {
  if (error instanceof PrometheusError) return error.message;
  if (!(error instanceof Error)) return "failed";
  if (error.name === "TimeoutError") return `did not answer within ${timeoutMs / 1000} s`;
  return error.name === "AbortError" ? "was not waited for" : networkReason(error);
}

function failure(error: unknown, limits: ReplyLimits): { readonly because: string; readonly trouble: Trouble } {
  const isLate = error instanceof Error && error.name === "TimeoutError";
  return { because: reasonOf(error, limits), trouble: error instanceof PrometheusError ? error.trouble : isLate ? "strain" : "fault" };
}

/** Asks by POST, since the questions are longer than some proxies let a URL be; each with a time limit that the server knows too. */
export function prometheusClient(config: PrometheusConfig, limits: ReplyLimits): PrometheusClient {
  const { origin, pathname } = new URL(config.url);
  const address = `${origin}${pathname.replace(/\/+$/, "")}`;
  const sets = new LabelSets();
  let dispatcher: Promise<Dispatcher> | null = null;
  const post = async (path: string, parameters: Readonly<Record<string, string>>, signal: AbortSignal): Promise<Reply> => {
    const body = new URLSearchParams({ ...parameters, timeout: `${limits.timeoutMs}ms` });
    const headers = await headersOf(config);
    const patience = AbortSignal.any([signal, AbortSignal.timeout(limits.timeoutMs)]);
    dispatcher ??= dispatcherFor(config);
    const response = await counted("prometheus", fetch(`${address}/api/v1/${path}`, { method: "POST", headers, body, signal: patience, redirect: "manual", dispatcher: await dispatcher }));
    return { text: await readLimited(response, limits.maxReplyBytes), status: response.status };
  };
  const orSayWhy = async <T>(asking: () => Promise<T>): Promise<T> => {
    try {
      return await asking();
    } catch (error) {
      if (error instanceof PrometheusError && error.message.includes("cannot be read")) dispatcher = null;
      const { because, trouble } = failure(error, limits);
      throw new PrometheusError(`\`${address}\` ${because}`, trouble);
    }
  };
  return {
    address,
    query: async (text, atMs, signal) => await orSayWhy(async () => parseVector(await post("query", { query: text, ...(atMs === null ? {} : { time: seconds(atMs) }) }, signal), sets)),
    answered: async (text, { startMs, endMs, stepSeconds }, signal) =>
      // VictoriaMetrics moves start and end to whole steps unless `nocache` is given; others do not know it
      await orSayWhy(async () => inOrder(parseTimes(await post("query_range", { query: text, start: seconds(startMs), end: seconds(endMs), step: `${stepSeconds}s`, nocache: "1" }, signal)))),
    samples: async (text, atMs, signal) => await orSayWhy(async () => parseTimes(await post("query", { query: text, time: seconds(atMs) }, signal))),
    close: async () => {
      const open = dispatcher;
      dispatcher = null;
      await (await open?.catch(() => null))?.destroy();
    },
  };
}

function inOrder(times: readonly (readonly number[])[]): readonly number[] {
  return [...new Set(times.flat())].sort((one, other) => one - other);
}

function seconds(ms: number): string {
  return (ms / 1000).toFixed(3);
}
