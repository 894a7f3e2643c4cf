import { meshThread, type MeshThread, type Page, type Question, type Questions } from "#pipeline";
import type { ApiErrorView } from "#view";

/** An error as JSON, with a message that a person can act on. */
export function refuse(status: number, code: string, message: string): Response {
  return Response.json({ error: { code, message } } satisfies ApiErrorView, { status, headers: { "cache-control": "no-store" } });
}

type Asking = Pick<Request, "headers">;

function headersOf({ revision }: Page, { process }: MeshThread): Record<string, string> {
  const type = "application/json; charset=utf-8";
  if (revision === null) return { "content-type": type, "cache-control": "no-store" };
  return { "content-type": type, "cache-control": "no-cache", etag: `W/"${process}-${revision}"` };
}

function acceptsGzip({ headers }: Asking): boolean {
  const wanted = (headers.get("accept-encoding") ?? "").toLowerCase().split(",");
  return wanted.some((one) => /^\s*gzip\s*(;\s*q=(1|0[.]0*[1-9]).*)?$/.test(one));
}

/** What is to be sent. The bytes are those of the picture, shared by all who ask: a `Response` would copy them for each. */
export interface Reply {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null;
}

function whole(request: Asking, { encoding, bytes }: Page, headers: Record<string, string>): Reply {
  if (encoding === "identity") return { status: 200, headers, body: bytes };
  const varied = { ...headers, vary: "accept-encoding" };
  if (acceptsGzip(request)) return { status: 200, headers: { ...varied, "content-encoding": "gzip" }, body: bytes };
  return { status: 200, headers: varied, body: new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip")) };
}

function page(request: Asking, answer: Page, mesh: MeshThread): Reply {
  const headers = headersOf(answer, mesh);
  const known = headers["etag"] !== undefined && request.headers.get("if-none-match") === headers["etag"];
  return known ? { status: 304, headers, body: null } : whole(request, answer, headers);
}

/** Asks the mesh: what is to be sent, or the error that is. */
export async function replyOf<Q extends Question>(request: Asking, question: Q, ...args: Parameters<Questions[Q]>): Promise<Reply | Response> {
  const mesh = await meshThread();
  const answer = await mesh.ask(question, ...args);
  switch (answer.kind) {
    case "page":
      return page(request, answer, mesh);
    case "refused":
      return refuse(answer.status, answer.code, answer.message);
  }
}

/** Asks the mesh and sends what it says. */
export async function respond<Q extends Question>(request: Asking, question: Q, ...args: Parameters<Questions[Q]>): Promise<Response> {
  const reply = await replyOf(request, question, ...args);
  return reply instanceof Response ? reply : new Response(reply.body, reply);
}

function onlyMethod(method: "GET" | "POST"): () => Response {
  return () => {
    const response = refuse(405, "method_not_allowed", `this address answers ${method} only`);
    response.headers.set("allow", method);
    return response;
  };
}

/** Stand in for every other method of a route. */
export const onlyGet = onlyMethod("GET");
export const onlyPost = onlyMethod("POST");
