import { setTimeout as sleep } from "node:timers/promises";
import type { RealCluster } from "../../../test/support/realCluster.ts";
import type { Random } from "../random.ts";
import type { Fault, FaultyServer } from "./faultyServer.ts";

const CALM_MS = 6_000;
const LASTING_MS = 4_000;
const API_FAULTS: readonly Fault[] = ["refuse", "429", "500", "slow", "half-open", "garbage", "cut in the middle"];
const PROMETHEUS_FAULTS: readonly Fault[] = ["refuse", "500", "slow", "half-open", "garbage", "cut in the middle"];

export interface Surroundings {
  readonly cluster: RealCluster;
  readonly api: FaultyServer;
  readonly prometheus: FaultyServer;
}

type Trouble = readonly [name: string, make: () => Promise<void>];

async function lasting(server: FaultyServer, fault: Fault): Promise<void> {
  server.fault = fault;
  server.cut();
  await sleep(LASTING_MS);
  server.fault = "none";
  if (fault === "half-open") server.cut();
}

function troubles({ cluster, api, prometheus }: Surroundings): readonly Trouble[] {
  return [
    ...API_FAULTS.map((fault): Trouble => [`API server: ${fault}`, () => lasting(api, fault)]),
    ...PROMETHEUS_FAULTS.map((fault): Trouble => [`Prometheus: ${fault}`, () => lasting(prometheus, fault)]),
    ["API server: connections cut", () => {
      api.cut();
      return Promise.resolve();
    }],
    ["API server: restarted", async () => {
      await cluster.killApiServer();
      await cluster.startApiServer();
    }],
    ["API server: everything forgotten (410)", async () => {
      await cluster.compact();
      api.cut();
    }],
  ];
}

/** One trouble after the other, each with a calm after it, all of them in each round; until told to stop. */
export function keepFailing(surroundings: Surroundings, random: Random): { readonly had: ReadonlyMap<string, number>; stop(): Promise<void> } {
  const had = new Map<string, number>();
  const stopping = new AbortController();
  const { signal } = stopping;
  const fail = async (): Promise<void> => {
    let round: Trouble[] = [];
    while (!signal.aborted) {
      if (round.length === 0) round = [...troubles(surroundings)].sort(() => random.next() - 0.5);
      const [name, make] = round.pop() ?? ["", () => Promise.resolve()];
      await make();
      had.set(name, (had.get(name) ?? 0) + 1);
      await sleep(CALM_MS, undefined, { signal }).catch(() => undefined);
    }
  };
  const failing = fail();
  return {
    had,
    async stop() {
      stopping.abort();
      await failing;
    },
  };
}
