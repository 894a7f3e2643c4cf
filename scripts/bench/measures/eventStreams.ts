import { Agent, request } from "undici";

export interface OpenStreams {
  /** the first event on each stream from now on: when the last one had it, in milliseconds from `fromMs` */
  nextEverywhere(fromMs: number, withinMs: number): Promise<number>;
  /** when events came, one after the other, on the first stream */
  readonly times: readonly number[];
  close(): Promise<void>;
}

class Streams implements OpenStreams {
  readonly times: number[] = [];
  readonly #agent = new Agent({ connections: null, bodyTimeout: 0 });
  readonly #last: number[] = [];
  readonly #closing = new AbortController();
  #changed: () => void = () => undefined;

  async open(url: string, count: number): Promise<void> {
    for (let at = 0; at < count; at += 1) {
      const reply = await request(`${url}/api/v1/events`, { dispatcher: this.#agent, signal: this.#closing.signal, headers: { accept: "text/event-stream" } });
      if (reply.statusCode !== 200) throw new Error(`event stream ${at + 1}: ${reply.statusCode}`);
      this.#last.push(Number.NEGATIVE_INFINITY);
      void this.#follow(at, reply.body).catch(() => undefined);
    }
  }

  async #follow(at: number, body: AsyncIterable<Buffer>): Promise<void> {
    for await (const chunk of body) {
      if (!/^data:/m.test(chunk.toString("utf8"))) continue;
      this.#last[at] = performance.now();
      if (at === 0) this.times.push(performance.now());
      this.#changed();
    }
  }

  async nextEverywhere(fromMs: number, withinMs: number): Promise<number> {
    return await new Promise((done) => {
      const finish = (ms: number): void => {
        clearTimeout(timer);
        this.#changed = () => undefined;
        done(ms);
      };
      const timer = setTimeout(() => { finish(Number.POSITIVE_INFINITY); }, withinMs);
      this.#changed = () => {
        if (this.#last.every((time) => time >= fromMs)) finish(Math.max(...this.#last) - fromMs);
      };
    });
  }

  async close(): Promise<void> {
    this.#closing.abort();
    await this.#agent.destroy();
  }
}

export async function openStreams(url: string, count: number): Promise<OpenStreams> {
  const streams = new Streams();
  await streams.open(url, count);
  return streams;
}
