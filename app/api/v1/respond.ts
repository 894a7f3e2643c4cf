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

function whole(request: Asking, { encoding, bytes }: Page, headers: Record<string, string>): Response {
  if (encoding === "identity") return new Response(bytes, { headers });
  if (acceptsGzip(request)) return new Response(bytes, { headers: { ...headers, "content-encoding": "gzip", vary: "accept-encoding" } });
  const plain = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(plain, { headers: { ...headers, vary: "accept-encoding" } });
}

function page(request: Asking, answer: Page, mesh: MeshThread): Response {
  const headers = headersOf(answer, mesh);
  const known = headers["etag"] !== undefined && request.headers.get("if-none-match") === headers["etag"];
  return known ? new Response(null, { status: 304, headers }) : whole(request, answer, headers);
}

/** Asks the mesh and sends what it says. */
export async function respond<Q extends Question>(request: Asking, question: Q, ...args: Parameters<Questions[Q]>): Promise<Response> {
  const mesh = await meshThread();
  const answer = await mesh.ask(question, ...args);
  switch (answer.kind) {
    case "page":
      return page(request, answer, mesh);
    case "refused":
      return refuse(answer.status, answer.code, answer.message);
  }
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
