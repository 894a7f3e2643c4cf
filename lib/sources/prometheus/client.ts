import { fetch, type Dispatcher, type Response } from "undici";
import type { PrometheusConfig } from "../config.ts";
import { authorizationHeaders, dispatcherFor } from "./credentials.ts";
import { PrometheusError, QUERY_REPLY, type Sample } from "./schema.ts";

export interface ReplyLimits {
  readonly timeoutMs: number;
  readonly maxReplyBytes: number;
}

export interface Vector {
  readonly samples: readonly Sample[];
  readonly warnings: readonly string[];
}

export interface PrometheusClient {
  /** address without credentials */
  readonly address: string;
  /**
   * @param atMs evaluation time, `null`: the server's now
   * @throws {PrometheusError} whatever went wrong; the message holds no credentials
   */
  query(text: string, atMs: number | null, signal: AbortSignal): Promise<Vector>;
  close(): Promise<void>;
}

const MAX_MESSAGE = 300;

async function readLimited(response: Response, maxBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > maxBytes) throw new PrometheusError(`sent more than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function parseJson(text: string, status: number): unknown {
  try {
    return JSON.parse(text);
  } catch {
    if (status >= 500) throw new PrometheusError(`failed (HTTP ${status})`);
    if (text.trimStart().startsWith("<")) throw new PrometheusError(`answered with a web page and not with the query API (HTTP ${status}): is this the URL of Prometheus`);
    throw new PrometheusError(`answered with text that is not JSON, or was cut off (HTTP ${status})`);
  }
}

function parseReply(text: string, status: number): Vector {
  if (status === 401 || status === 403) throw new PrometheusError(`refused the credentials (HTTP ${status})`);
  if (status >= 300 && status < 400) throw new PrometheusError(`redirects elsewhere (HTTP ${status}), perhaps to a login page`);
  const reply = QUERY_REPLY.safeParse(parseJson(text, status));
  if (!reply.success) throw new PrometheusError(`answered with JSON that is no query result (HTTP ${status})`);
  if (reply.data.status === "error") throw new PrometheusError(`refused the query (HTTP ${status}): ${(reply.data.error ?? reply.data.errorType ?? "without a reason").slice(0, MAX_MESSAGE)}`);
  return { samples: reply.data.data.result, warnings: (reply.data.warnings ?? []).map((warning) => warning.slice(0, MAX_MESSAGE)) };
}

const NETWORK_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: "refuses connections",
  ENOTFOUND: "has a name that does not resolve",
  ECONNRESET: "cut the connection",
  UND_ERR_SOCKET: "cut the connection",
};

function networkReason(cause: unknown): string {
  const code = cause instanceof Error && "code" in cause && typeof cause.code === "string" ? cause.code : "";
  return NETWORK_REASONS[code] ?? (code === "" ? "cut the connection" : `cannot be reached (${code})`);
}

function reasonOf(error: unknown, { timeoutMs }: ReplyLimits): string {
  if (error instanceof PrometheusError) return error.message;
  if (!(error instanceof Error)) return "failed";
  if (error.name === "TimeoutError") return `did not answer within ${timeoutMs / 1000} s`;
  return error.name === "AbortError" ? "was not waited for" : networkReason(error.cause);
}

/** Asks instant queries by POST, since the questions are longer than some proxies let a URL be. */
export function prometheusClient(config: PrometheusConfig, limits: ReplyLimits): PrometheusClient {
  const { origin, pathname } = new URL(config.url);
  const address = `${origin}${pathname.replace(/\/+$/, "")}`;
  let dispatcher: Promise<Dispatcher> | null = null;
  const ask = async (text: string, atMs: number | null, signal: AbortSignal): Promise<Vector> => {
    const body = new URLSearchParams({ query: text, timeout: `${limits.timeoutMs}ms`, ...(atMs === null ? {} : { time: (atMs / 1000).toFixed(3) }) });
    const headers = { accept: "application/json", ...config.headers, ...(await authorizationHeaders(config)) };
    const patience = AbortSignal.any([signal, AbortSignal.timeout(limits.timeoutMs)]);
    dispatcher ??= dispatcherFor(config);
    const response = await fetch(`${address}/api/v1/query`, { method: "POST", headers, body, signal: patience, redirect: "manual", dispatcher: await dispatcher });
    return parseReply(await readLimited(response, limits.maxReplyBytes), response.status);
  };
  return {
    address,
    query: async (text, atMs, signal) => {
      try {
        return await ask(text, atMs, signal);
      } catch (error) {
        if (error instanceof PrometheusError && error.message.includes("cannot be read")) dispatcher = null;
        throw new PrometheusError(`\`${address}\` ${reasonOf(error, limits)}`);
      }
    },
    close: async () => {
      const open = dispatcher;
      dispatcher = null;
      await (await open?.catch(() => null))?.destroy();
    },
  };
}
