import type { NextApiRequest, NextApiResponse } from "next";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { askedWindow } from "../../../app/api/v1/askedWindow.ts";
import { onlyGet, replyOf, type Reply } from "../../../app/api/v1/respond.ts";

// The one address whose answer is kept compressed. Next takes `content-encoding` away from what a route under app/ answers, and compresses
// again for each who asks; here it sends what it is given.
export const config = { api: { bodyParser: false, responseLimit: false } };

let lastTurn: Promise<void> = Promise.resolve();

/** One large answer in each turn of the event loop: whoever asks for less is heard between two of them. */
async function ownTurn(): Promise<void> {
  lastTurn = lastTurn.then(() => new Promise((go) => void setImmediate(go)));
  await lastTurn;
}

async function send({ status, headers, body }: Reply | Response, response: NextApiResponse): Promise<void> {
  response.status(status);
  for (const [name, value] of headers instanceof Headers ? headers : Object.entries(headers)) response.setHeader(name, value);
  if (body === null || response.req.method === "HEAD") response.end();
  else if (body instanceof Uint8Array) {
    await ownTurn();
    response.end(body);
  }
  else await pipeline(Readable.fromWeb(body as ReadableStream), response);
}

export default async function mesh(request: NextApiRequest, response: NextApiResponse): Promise<void> {
  if (request.method !== "GET" && request.method !== "HEAD") {
    await send(onlyGet(), response);
    return;
  }
  const window = askedWindow(request.url ?? "");
  if (window instanceof Response) {
    await send(window, response);
    return;
  }
  const headers = new Headers();
  for (const [name, value] of Object.entries(request.headers)) if (value !== undefined) headers.set(name, String(value));
  await send(await replyOf({ headers }, "mesh", ...window), response);
}
