import type { MeshThread } from "#pipeline";
import { refuse } from "./respond.ts";

const HEARTBEAT_MS = 15_000;
/** A reader that is this many frames behind is cut: EventSource comes back by itself and is told the newest revision. */
const FRAMES_BEHIND = 64;
const STREAMS = 500;

const encoder = new TextEncoder();
let open = 0;

function frames(request: Request, mesh: Pick<MeshThread, "subscribe">): ReadableStream<Uint8Array> {
  let release = (): void => undefined;
  const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    const close = (): void => {
      release();
      controller.close();
    };
    const send = (text: string): void => {
      controller.enqueue(encoder.encode(text));
      if ((controller.desiredSize ?? 0) < -FRAMES_BEHIND) close();
    };
    open += 1;
    send("retry: 1000\n\n");
    const heartbeat = setInterval(send, HEARTBEAT_MS, ": still here\n\n");
    let unsubscribe = (): void => undefined;
    release = () => {
      release = () => undefined;
      open -= 1;
      clearInterval(heartbeat);
      unsubscribe();
    };
    unsubscribe = mesh.subscribe({ view: (event) => { send(`event: view\ndata: ${JSON.stringify(event)}\n\n`); }, end: close });
  };
  const cancel = (): void => {
    release();
  };
  request.signal.addEventListener("abort", cancel);
  return new ReadableStream({ start, cancel });
}

/** Server-sent events: the revision now, then each new one as it appears. */
export function eventStream(request: Request, mesh: Pick<MeshThread, "subscribe">): Response {
  if (open >= STREAMS) return refuse(503, "too_many_streams", `${STREAMS} pages are open already; close some`);
  // a connection kept alive after the stream would hold a server that is ending
  const headers = { connection: "close", "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache, no-transform", "x-accel-buffering": "no" };
  return new Response(frames(request, mesh), { headers });
}
