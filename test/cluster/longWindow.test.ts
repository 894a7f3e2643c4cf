import { afterAll, beforeAll, expect, it } from "vitest";
import { istiod, meshConfigMap, namespace, pod, service } from "../sources/kubernetes/objects.ts";
import { startApp, type RunningApp } from "../support/app.ts";
import { installReader, startMeshCluster } from "../support/meshCluster.ts";
import { startMetricsServer, type MetricsServer } from "../support/prometheus.ts";
import type { RealCluster } from "../support/realCluster.ts";

// A window of six hours of the built application, against a real API server and a real Prometheus: one request a minute for eight hours.

const HOURS = 8;
const WINDOW_SECONDS = 6 * 3600;
const COUNTER = {
  __name__: "istio_requests_total", job: "envoy-stats", reporter: "destination", source_workload: "web", source_workload_namespace: "shop", source_principal: "unknown",
  destination_workload: "cart", destination_workload_namespace: "shop", destination_service: "cart.shop.svc.cluster.local", destination_service_name: "cart",
  response_code: "200", response_flags: "-", connection_security_policy: "none",
};

let cluster: RealCluster;
let prometheus: MetricsServer;
let app: RunningApp;

interface Page {
  readonly window: { readonly seconds: number; readonly coveredSeconds: number | null };
  readonly edges: readonly { readonly state: string; readonly counts: Readonly<Record<string, number>> }[];
}

async function picture(query: string): Promise<Page> {
  return (await (await fetch(`${app.url}/api/v1/mesh${query}`)).json()) as Page;
}

beforeAll(async () => {
  [cluster, prometheus] = await Promise.all([startMeshCluster(), startMetricsServer("prometheus")]);
  const kubeconfigFile = await installReader(cluster);
  const nowMs = Date.now();
  const samples = (value: (at: number) => number): readonly { readonly atMs: number; readonly value: number }[] =>
    Array.from({ length: HOURS * 60 + 1 }, (_, at) => ({ atMs: nowMs - (HOURS * 60 - at) * 60_000, value: value(at) }));
  await prometheus.write([{ labels: COUNTER, samples: samples((at) => 1000 + at) }, { labels: { __name__: "up", job: "envoy-stats" }, samples: samples(() => 1) }]);
  await cluster.apply(namespace("shop"), istiod("istio-system", "default"), meshConfigMap("istio-system", "istio", "{}"), pod("shop", "cart"), pod("shop", "web"), service("shop", "cart"));
  app = await startApp(["--kubeconfig", kubeconfigFile], { PROMETHEUS_URL: prometheus.url });
});

afterAll(async () => {
  await app.stop();
  await Promise.all([cluster.stop(), prometheus.stop()]);
});

it("is read in pieces until it is covered, and counts as many as the counter grew; the followed window beside it stays as it is", async () => {
  await expect.poll(async () => (await picture("")).edges.length, { timeout: 30_000 }).toBe(1);
  await expect.poll(async () => (await picture("?window=6h")).window.coveredSeconds, { timeout: 30_000, interval: 200 }).toBeGreaterThan(WINDOW_SECONDS - 180);
  const { window, edges } = await picture("?window=6h");
  expect(window.seconds).toBe(WINDOW_SECONDS);
  expect(edges.map(({ state }) => state)).toEqual(["plaintext"]);
  const counted = edges[0]?.counts["plaintext"] ?? 0;
  // a piece counts to the sample, and the newest minutes are on their way
  expect(counted).toBeGreaterThanOrEqual(354);
  expect(counted).toBeLessThanOrEqual(362);
  const followed = (await picture("")).edges[0]?.counts["plaintext"] ?? 0;
  expect(followed).toBeGreaterThanOrEqual(13);
  expect(followed).toBeLessThanOrEqual(16);
});
