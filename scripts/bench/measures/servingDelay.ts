import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { request } from "undici";
import type { Asked } from "./servingAsker.ts";

/** How long the thread that serves kept a cheap question waiting. */
export interface ServingDelay {
  readonly worstMs: number;
  readonly p99Ms: number;
  readonly asked: number;
  /** what the serving process says itself: the longest delay of its event loop, the machine's share included */
  readonly eventLoopWorstMs: number;
  /** how long the thread that asks was kept waiting itself: the machine's share */
  readonly ownWorstMs: number;
}

/** Since it was last asked. */
async function eventLoopWorstMs(url: string): Promise<number> {
  const reply = await request(`${url}/metrics`);
  const seconds = /^nodejs_eventloop_lag_max_seconds (\S+)$/m.exec(await reply.body.text())?.[1];
  return seconds === undefined ? Number.POSITIVE_INFINITY : Number(seconds) * 1000;
}

/** Asks for `/healthz` every 20 ms over one open connection until told to stop. */
export function watchServing(url: string): { stop(): Promise<ServingDelay> } {
  const asker = new Worker(new URL("./servingAsker.ts", import.meta.url), { workerData: url });
  return {
    async stop() {
      asker.postMessage("stop");
      const [{ delaysMs, ownWorstMs }] = (await once(asker, "message")) as [Asked];
      await asker.terminate();
      // the first answers compile the route
      const sorted = delaysMs.slice(3).sort((one, other) => one - other);
      return { eventLoopWorstMs: await eventLoopWorstMs(url), worstMs: sorted.at(-1) ?? Number.POSITIVE_INFINITY, p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.POSITIVE_INFINITY, asked: delaysMs.length, ownWorstMs };
    },
  };
}
