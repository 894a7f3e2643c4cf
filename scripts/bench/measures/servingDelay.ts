import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { Agent, request } from "undici";

const PERIOD_MS = 20;

/** How long the thread that serves kept a cheap question waiting. */
export interface ServingDelay {
  readonly worstMs: number;
  readonly p99Ms: number;
  readonly asked: number;
  /** what the serving process says itself: the longest delay of its event loop, the machine's share included */
  readonly eventLoopWorstMs: number;
  /** how long this process, which asks, was kept waiting itself: the machine's share */
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
  const agent = new Agent({ connections: 1, pipelining: 1 });
  const own = monitorEventLoopDelay({ resolution: 5 });
  own.enable();
  const delays: number[] = [];
  let stopped = false;
  const ask = async (): Promise<void> => {
    while (!stopped) {
      const startedMs = performance.now();
      try {
        const reply = await request(`${url}/healthz`, { dispatcher: agent });
        await reply.body.dump();
        delays.push(performance.now() - startedMs);
      } catch {
        // it does not listen yet
      }
      await sleep(Math.max(0, PERIOD_MS - (performance.now() - startedMs)));
    }
  };
  const asking = ask();
  return {
    async stop() {
      stopped = true;
      await asking;
      own.disable();
      await agent.close();
      // the first answers compile the route
      const sorted = delays.slice(3).sort((one, other) => one - other);
      return { eventLoopWorstMs: await eventLoopWorstMs(url), worstMs: sorted.at(-1) ?? Number.POSITIVE_INFINITY, p99Ms: sorted[Math.floor(sorted.length * 0.99)] ?? Number.POSITIVE_INFINITY, asked: delays.length, ownWorstMs: own.max / 1e6 };
    },
  };
}
