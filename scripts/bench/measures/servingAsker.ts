import { monitorEventLoopDelay } from "node:perf_hooks";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";
import { Agent, request } from "undici";

// A thread that only asks: the program that measures downloads pictures meanwhile, and would keep its own questions waiting.

const PERIOD_MS = 20;

/** What one thread that asked found. */
export interface Asked {
  readonly delaysMs: readonly number[];
  /** how long the thread was kept waiting itself: the machine's share */
  readonly ownWorstMs: number;
}

const url = workerData as string;
const agent = new Agent({ connections: 1, pipelining: 1 });
const own = monitorEventLoopDelay({ resolution: 5 });
const delaysMs: number[] = [];
let stopped = false;

async function ask(): Promise<void> {
  while (!stopped) {
    const startedMs = performance.now();
    try {
      const reply = await request(`${url}/healthz`, { dispatcher: agent });
      await reply.body.dump();
      delaysMs.push(performance.now() - startedMs);
    } catch {
      // it does not listen yet
    }
    await sleep(Math.max(0, PERIOD_MS - (performance.now() - startedMs)));
  }
}

own.enable();
const asking = ask();
parentPort?.once("message", () => {
  stopped = true;
  void asking.then(async () => {
    own.disable();
    await agent.close();
    parentPort?.postMessage({ delaysMs, ownWorstMs: own.max / 1e6 } satisfies Asked);
  });
});
