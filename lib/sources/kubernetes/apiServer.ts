import { promisify } from "node:util";
import { gunzip } from "node:zlib";
import type { Dispatcher } from "undici";
import { counted } from "../requests.ts";
import type { Credentials } from "./credentials.ts";
import { ApiFailure, failureOf, failureOfStatus } from "./failure.ts";

const unzip = promisify(gunzip);
const LARGEST_REPLY_BYTES = 256 * 1024 * 1024;
const LARGEST_LINE_BYTES = 16 * 1024 * 1024;
const LARGEST_ERROR_BYTES = 64 * 1024;

export interface Ask {
  readonly path: string;
  readonly accept: string;
  readonly signal: AbortSignal;
}

/** Reads from one API server. Everything it throws is an `ApiFailure`, or the abort of the given signal. */
export interface ApiServer {
  getJson(ask: Ask): Promise<unknown>;
  /** the JSON value of each line as it arrives; ends when the server closes, throws when `silenceMs` pass without a byte */
  openLines(ask: Ask, silenceMs: number): Promise<AsyncGenerator<unknown, void, undefined>>;
}

type Reply = Dispatcher.ResponseData;

async function readError(reply: Reply): Promise<ApiFailure> {
  let text = "";
  for await (const chunk of reply.body as AsyncIterable<Buffer>) {
    text += chunk.toString("utf8");
    if (text.length > LARGEST_ERROR_BYTES) break;
  }
  const retryAfter = reply.headers["retry-after"];
  return failureOfStatus(reply.statusCode, text, typeof retryAfter === "string" ? retryAfter : undefined);
}

function parseJson(text: string, what: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiFailure("unreadable", `${what} is not JSON; is this address a Kubernetes API server`);
  }
}

async function readJson(reply: Reply): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of reply.body as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    bytes += chunk.length;
    if (bytes > LARGEST_REPLY_BYTES) throw new ApiFailure("unreadable", "the reply is larger than 256 MiB");
  }
  const body = Buffer.concat(chunks);
  const plain = reply.headers["content-encoding"] === "gzip" ? await unzip(body, { maxOutputLength: LARGEST_REPLY_BYTES }) : body;
  return parseJson(plain.toString("utf8"), "the reply");
}

async function* splitLines(body: AsyncIterable<Buffer>): AsyncGenerator<string, void, undefined> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > LARGEST_LINE_BYTES) throw new ApiFailure("unreadable", "an event of the watch is larger than 16 MiB");
    yield* lines.filter((line) => line.trim() !== "");
  }
  if (rest.trim() !== "") throw new ApiFailure("unreachable", "the watch was cut in the middle of an event");
}

async function* readLines(body: AsyncIterable<Buffer>): AsyncGenerator<unknown, void, undefined> {
  try {
    for await (const line of splitLines(body)) yield parseJson(line, "an event of the watch");
  } catch (error) {
    throw failureOf(error);
  }
}

interface Timeouts {
  readonly headersTimeout: number;
  readonly bodyTimeout: number;
  readonly encoding: "gzip" | "identity";
}

async function send(credentials: Credentials, ask: Ask, { encoding, ...timeouts }: Timeouts): Promise<Reply> {
  const authorization = await credentials.authorize();
  const { dispatcher, headers } = authorization;
  const { origin, pathname, search } = new URL(credentials.server + ask.path);
  const reply = await counted("kubernetes", dispatcher.request({
    origin,
    path: pathname + search,
    method: "GET",
    headers: { ...headers, accept: ask.accept, "accept-encoding": encoding, "user-agent": "mtlscope" },
    signal: ask.signal,
    ...timeouts,
  }));
  if (reply.statusCode >= 200 && reply.statusCode < 300) return reply;
  if (reply.statusCode === 401) credentials.forget(authorization);
  throw await readError(reply);
}

/** A refused credential may just have been rotated: read it again and ask once more. */
async function sendAuthorized(credentials: Credentials, ask: Ask, timeouts: Timeouts): Promise<Reply> {
  try {
    return await send(credentials, ask, timeouts);
  } catch (error) {
    if (!(error instanceof ApiFailure) || error.kind !== "unauthorized") throw failureOf(error);
    return send(credentials, ask, timeouts);
  }
}

export function apiServer(credentials: Credentials, replyTimeoutMs: number): ApiServer {
  return {
    async getJson(ask) {
      try {
        return await readJson(await sendAuthorized(credentials, ask, { headersTimeout: replyTimeoutMs, bodyTimeout: replyTimeoutMs, encoding: "gzip" }));
      } catch (error) {
        throw failureOf(error);
      }
    },
    async openLines(ask, silenceMs) {
      try {
        const reply = await sendAuthorized(credentials, ask, { headersTimeout: replyTimeoutMs, bodyTimeout: silenceMs, encoding: "identity" });
        return readLines(reply.body as AsyncIterable<Buffer>);
      } catch (error) {
        throw failureOf(error);
      }
    },
  };
}
