import { installReader, startMeshCluster } from "../../test/support/meshCluster.ts";
import { startMetricsServer, type MetricsServer } from "../../test/support/prometheus.ts";
import type { RealCluster } from "../../test/support/realCluster.ts";
import { storedObjects, type Stored } from "./cluster/rawObjects.ts";
import { generatedObjects } from "./generatedObjects.ts";
import { generatedTelemetry } from "./generatedTelemetry.ts";
import { processorMsBelow } from "./processes.ts";
import { MOST_AHEAD_MS, writeHistory } from "./prometheus/history.ts";
import { generatedCounters, type Counter } from "./prometheus/series.ts";
import { randomFrom } from "./random.ts";
import type { MeshSize } from "./sizes.ts";

const SEED = 20_260_822;
const NAMESPACES = 100;
const SERVED_WITHIN_MS = 60_000;
const CALM_WITHIN_MS = 60_000;
const CALM_PERIOD_MS = 1_000;
/** so many periods one after the other, in each of which less than so much of one core is used */
const CALM_PERIODS = 3;
const CALM_SHARE = 0.2;

/** A real API server and a real Prometheus that hold a generated mesh, and the account to read it with. */
export interface Laboratory {
  readonly cluster: RealCluster;
  readonly prometheus: MetricsServer;
  /** of the account that deploy/rbac.yaml makes: the API server writes down what it asks for */
  readonly kubeconfigFile: string;
  readonly pods: number;
  readonly objects: number;
  readonly counters: readonly Counter[];
  readonly filledInMs: number;
  stop(): Promise<void>;
}

interface Contents {
  readonly stored: readonly Stored[];
  readonly counters: readonly Counter[];
}

/** One workload in five has two instances. */
function contentsOf({ workloads, edges }: MeshSize): Contents {
  const random = randomFrom(SEED);
  const { objects, services } = generatedObjects({ workloads, namespaces: NAMESPACES, random, instances: (dice) => (dice.chance(0.2) ? 2 : 1) });
  return { stored: storedObjects(objects), counters: generatedCounters(generatedTelemetry(services, edges, random), random) };
}

function scraped(counters: readonly Counter[]): readonly Counter[] {
  const jobs = [...new Set(counters.map(({ labels }) => labels["instance"] ?? ""))];
  return jobs.map((instance) => ({ labels: { __name__: "up", job: "kubernetes-pods", instance }, base: 1, perWindow: 0, idle: true }));
}

async function untilServed({ client }: RealCluster, pods: number): Promise<void> {
  for (const deadlineMs = Date.now() + SERVED_WITHIN_MS; Date.now() < deadlineMs; ) {
    const { items, metadata } = (await client.send("GET", "/api/v1/pods?limit=1")) as { readonly items: readonly unknown[]; readonly metadata: { readonly remainingItemCount?: number } };
    if (items.length + (metadata.remainingItemCount ?? 0) >= pods) return;
    await new Promise((wake) => setTimeout(wake, 200));
  }
  throw new Error(`the API server does not serve the ${pods} pods that were stored`);
}

/** Servers that were just filled still work on that: what is measured is mtlscope against servers that are up. */
async function untilCalm(): Promise<void> {
  let calm = 0;
  for (const deadlineMs = Date.now() + CALM_WITHIN_MS; calm < CALM_PERIODS && Date.now() < deadlineMs; ) {
    const beforeMs = processorMsBelow(process.pid);
    await new Promise((wake) => setTimeout(wake, CALM_PERIOD_MS));
    const isCalm = processorMsBelow(process.pid) - beforeMs < CALM_PERIOD_MS * CALM_SHARE;
    calm = isCalm ? calm + 1 : 0;
  }
}

/** @param aheadMs for how long traffic goes on by itself after the filling */
export async function openLaboratory(size: MeshSize, aheadMs = MOST_AHEAD_MS): Promise<Laboratory> {
  const { stored, counters } = contentsOf(size);
  const pods = stored.filter(([key]) => key.startsWith("pods/")).length;
  const [cluster, prometheus] = await Promise.all([startMeshCluster(), startMetricsServer("prometheus")]);
  const stop = async (): Promise<void> => {
    await Promise.all([cluster.stop(), prometheus.stop()]);
  };
  try {
    const kubeconfigFile = await installReader(cluster);
    const startedMs = performance.now();
    await cluster.store(stored);
    await untilServed(cluster, pods);
    await writeHistory(prometheus.url, [...counters, ...scraped(counters)], { nowMs: Date.now(), aheadMs });
    const filledInMs = performance.now() - startedMs;
    await untilCalm();
    return { cluster, prometheus, kubeconfigFile, pods, objects: stored.length, counters, filledInMs, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}
