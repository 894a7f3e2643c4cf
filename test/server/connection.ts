import { request, type IncomingMessage } from "node:http";
import type { ViewEvent } from "#pipeline";
import type { MeshDelta } from "#view";

/** What a raw HTTP request was answered. `fetch` forbids setting Host and Sec-Fetch-Site, which is what a hostile page or a bad name looks like. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface RawRequest {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export async function raw(url: string, { method = "GET", headers = {}, body }: RawRequest = {}): Promise<RawAnswer> {
  return await new Promise((done, failed) => {
    const asked = request(url, { method, headers, agent: false }, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("error", failed);
      answer.on("end", () => {
        done({ status: answer.statusCode ?? 0, headers: answer.headers, body: Buffer.concat(chunks).toString() });
      });
    });
    asked.on("error", failed);
    asked.end(body);
  });
}

/** A POST as mtlscope's own page sends it. */
export async function post(url: string, body: unknown): Promise<RawAnswer> {
  const headers = { origin: new URL(url).origin, "content-type": "application/json" };
  return await raw(url, { method: "POST", headers, body: JSON.stringify(body) });
}

export interface ServerSentEvent {
  readonly event: string;
  readonly data: Omit<ViewEvent, "delta"> & { readonly process: string; readonly delta: MeshDelta | null };
  readonly receivedAtMs: number;
}

/** An open event stream; `next` waits for the next event. */
export interface OpenStream {
  readonly headers: IncomingMessage["headers"];
  next(): Promise<ServerSentEvent>;
  /** resolves when the server ends the stream */
  readonly ended: Promise<void>;
  close(): void;
}

function parseFrame(frame: string): ServerSentEvent | undefined {
  const field = (name: string): string | undefined => frame.split("\n").find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
  const data = field("data");
  if (data === undefined) return undefined;
  return { event: field("event") ?? "message", data: JSON.parse(data) as ServerSentEvent["data"], receivedAtMs: Date.now() };
}

export async function openStream(url: string, headers: Readonly<Record<string, string>> = {}): Promise<OpenStream> {
  const answer = await new Promise<IncomingMessage>((done, failed) => {
    request(url, { headers, agent: false }, done).on("error", failed).end();
  });
  const events: ServerSentEvent[] = [];
  const waiting: ((event: ServerSentEvent) => void)[] = [];
  let text = "";
  answer.on("data", (chunk: Buffer) => {
    const frames = (text + chunk.toString()).split("\n\n");
    text = frames.pop() ?? "";
    for (const event of frames.map(parseFrame)) {
      if (event === undefined) continue;
      const waiter = waiting.shift();
      if (waiter === undefined) events.push(event);
      else waiter(event);
    }
  });
  answer.on("error", () => undefined);
  return {
    headers: answer.headers,
    next: async () => events.shift() ?? (await new Promise((done) => waiting.push(done))),
    ended: new Promise((done) => answer.once("close", done)),
    close: () => {
      answer.destroy();
    },
  };
}
