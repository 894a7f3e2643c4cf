import { setTimeout as sleep } from "node:timers/promises";
import { writeSamples } from "../prometheus/history.ts";
import type { Counter } from "../prometheus/series.ts";
import type { Random } from "../random.ts";

const INTERVAL_MS = 15_000;

/** Counters go on growing, some stand still for a while, some begin; until told to stop. */
export function keepSending(url: string, counters: readonly Counter[], random: Random): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const { signal } = stopping;
  const send = async (): Promise<void> => {
    while (!signal.aborted) {
      const speaking = counters.filter(() => random.chance(0.8));
      const nowMs = Date.now();
      await writeSamples(url, speaking, { times: [nowMs], nowMs }).catch(() => undefined);
      await sleep(INTERVAL_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  const sending = send();
  return {
    async stop() {
      stopping.abort();
      await sending;
    },
  };
}
