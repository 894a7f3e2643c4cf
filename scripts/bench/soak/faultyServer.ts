import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request, type Dispatcher } from "undici";

/** What goes wrong between mtlscope and a server, until it is set to something else. */
export type Fault = "none" | "refuse" | "429" | "500" | "slow" | "half-open" | "garbage" | "cut in the middle";

const SLOW_MS = 3_000;
const CUT_AFTER_BYTES = 2_000;
const HOP_HEADERS = ["connection", "keep-alive", "transfer-encoding", "host", "authorization"];

interface Behind {
  readonly url: string;
  readonly certificateAuthority?: string;
  readonly token?: string;
}

function status(reply: ServerResponse, code: number): void {
  const body = JSON.stringify({ kind: "Status", apiVersion: "v1", status: "Failure", code, reason: code === 429 ? "TooManyRequests" : "InternalError", message: "injected" });
  reply.writeHead(code, { "content-type": "application/json", "retry-after": "1" }).end(body);
}

/** A way to a real server that fails as it is told: plain HTTP on loopback, as `kubectl proxy` is. */
export class FaultyServer {
  fault: Fault = "none";
  readonly #behind: Behind;
  readonly #agent: Agent;
  readonly #sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(behind: Behind) {
    this.#behind = behind;
    this.#agent = new Agent({ bodyTimeout: 0, headersTimeout: 0, ...(behind.certificateAuthority !== undefined && { connect: { ca: behind.certificateAuthority } }) });
    this.#server = createServer((asked, reply) => {
      void this.#answer(asked, reply).catch(() => reply.destroy());
    });
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.once("close", () => this.#sockets.delete(socket));
    });
  }

  static async before(behind: Behind): Promise<FaultyServer> {
    const faulty = new FaultyServer(behind);
    await new Promise<void>((done) => faulty.#server.listen(0, "127.0.0.1", done));
    return faulty;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Every connection ends now, in the middle of whatever it carries. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async stop(): Promise<void> {
    this.cut();
    await new Promise((done) => this.#server.close(done));
    await this.#agent.destroy();
  }

  async #answer(asked: IncomingMessage, reply: ServerResponse): Promise<void> {
    switch (this.fault) {
      case "refuse":
        reply.destroy();
        return;
      case "429":
      case "500":
        status(reply, Number(this.fault));
        return;
      case "garbage":
        reply.writeHead(200, { "content-type": "application/json" }).end('{"items":[{"meta');
        return;
      case "half-open":
        return;
      case "slow":
        await sleep(SLOW_MS);
        break;
      case "none":
      case "cut in the middle":
    }
    await this.#forward(asked, reply);
  }

  async #forward(asked: IncomingMessage, reply: ServerResponse): Promise<void> {
    const { url, token } = this.#behind;
    const headers = Object.fromEntries(Object.entries(asked.headers).filter(([name]) => !HOP_HEADERS.includes(name)));
    const gone = new AbortController();
    reply.once("close", () => {
      gone.abort();
    });
    const answered = await request(url + (asked.url ?? "/"), {
      method: asked.method as Dispatcher.HttpMethod, dispatcher: this.#agent, signal: gone.signal, body: asked.method === "POST" ? asked : null,
      headers: { ...headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) } as Record<string, string>,
    });
    const kept = Object.entries(answered.headers).filter(([name, value]) => value !== undefined && !HOP_HEADERS.includes(name) && name !== "content-length");
    reply.writeHead(answered.statusCode, Object.fromEntries(kept) as Record<string, string>);
    // a watch in which nothing happens is open all the same
    reply.flushHeaders();
    await this.#pour(answered.body, reply);
  }

  async #pour(body: AsyncIterable<Buffer>, reply: ServerResponse): Promise<void> {
    let bytes = 0;
    for await (const chunk of body) {
      // silent, and still open
      while (this.fault === "half-open" && !reply.destroyed) await sleep(100);
      bytes += chunk.length;
      reply.write(chunk);
      if (this.fault === "cut in the middle" && bytes > CUT_AFTER_BYTES) {
        reply.destroy();
        return;
      }
    }
    reply.end();
  }
}
