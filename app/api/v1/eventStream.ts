import type { MeshThread, ViewEvent } from "#pipeline";
import { refuse } from "./respond.ts";

type Mesh = Pick<MeshThread, "subscribe" | "process">;

const HEARTBEAT_MS = 15_000;
/** A reader that is this far behind is cut: EventSource comes back by itself, and is told what it missed. */
const BEHIND_BYTES = 1_000_000;
const STREAMS = 500;

const encoder = new TextEncoder();
const encoded = new WeakMap<ViewEvent, Uint8Array>();
let open = 0;

/** Encoded once, however many browsers are told. */
function viewFrame(event: ViewEvent, process: string): Uint8Array {
  const kept = encoded.get(event);
  if (kept !== undefined) return kept;
  const { delta, ...rest } = event;
  const data = JSON.stringify({ ...rest, process });
  const frame = encoder.encode(`event: view\nid: ${process}-${event.revision}\ndata: ${data.slice(0, -1)},"delta":${delta ?? "null"}}\n\n`);
  encoded.set(event, frame);
  return frame;
}

/** The revision that a browser that comes back has, where it is one of this process. */
function revisionOf(request: Request, process: string): number | null {
  const [, of, revision] = /^(\w+)-(\d{1,15})$/.exec(request.headers.get("last-event-id") ?? "") ?? [];
  return of === process ? Number(revision) : null;
}

/** One browser's stream, from the first byte until either side leaves. */
class Stream {
  readonly #controller: ReadableStreamDefaultController<Uint8Array>;
  readonly #heartbeat: NodeJS.Timeout;
  #unsubscribe = (): void => undefined;
  #isOpen = true;

  constructor(controller: ReadableStreamDefaultController<Uint8Array>, mesh: Mesh, revision: number | null) {
    open += 1;
    this.#controller = controller;
    this.#send("retry: 1000\n\n");
    this.#heartbeat = setInterval(() => { this.#send(": still here\n\n"); }, HEARTBEAT_MS);
    this.#unsubscribe = mesh.subscribe({
      view: (event) => { this.#send(viewFrame(event, mesh.process)); },
      halted: (halt) => { this.#send(`event: halted\ndata: ${JSON.stringify(halt)}\n\n`); },
      end: () => { this.#close(); },
    }, revision);
    // it may have been closed before there was anything to unsubscribe
    if (!this.#isOpen) this.#release();
  }

  /** The browser went away. */
  leave(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    open -= 1;
    this.#release();
  }

  #close(): void {
    if (!this.#isOpen) return;
    this.leave();
    this.#controller.close();
  }

  #release(): void {
    clearInterval(this.#heartbeat);
    this.#unsubscribe();
  }

  #send(frame: Uint8Array | string): void {
    if (!this.#isOpen) return;
    this.#controller.enqueue(typeof frame === "string" ? encoder.encode(frame) : frame);
    if ((this.#controller.desiredSize ?? 0) < -BEHIND_BYTES) this.#close();
  }
}

function frames(request: Request, mesh: Mesh): ReadableStream<Uint8Array> {
  let stream: Stream | null = null;
  const leave = (): void => {
    stream?.leave();
  };
  const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    stream = new Stream(controller, mesh, revisionOf(request, mesh.process));
  };
  request.signal.addEventListener("abort", leave);
  return new ReadableStream({ start, cancel: leave }, new ByteLengthQueuingStrategy({ highWaterMark: 0 }));
}

/** Server-sent events: the revision now, then what changes with each new one. */
export function eventStream(request: Request, mesh: Mesh): Response {
  if (open >= STREAMS) return refuse(503, "too_many_streams", `${STREAMS} pages are open already; close some`);
  // a connection kept alive after the stream would hold a server that is ending
  const headers = { connection: "close", "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache, no-transform", "x-accel-buffering": "no" };
  return new Response(frames(request, mesh), { headers });
}
