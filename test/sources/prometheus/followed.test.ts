// The window that ends now, against real servers: samples lie before the moment of the test.
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prometheusSource } from "../../../lib/sources/prometheus/index.ts";
import { METRICS_SERVERS, startMetricsServer, type MetricsServer, type Series } from "../../support/prometheus.ts";

const CONFIG = { bearerToken: null, bearerTokenFile: null, username: null, password: null, passwordFile: null, caFile: null, certificateFile: null, keyFile: null, headers: {}, selector: null };
const REQUEST = { windowSeconds: 900, lookBackSeconds: 3600, endMs: null } as const;
const LABELS = {
  __name__: "istio_requests_total", reporter: "destination", source_workload_namespace: "foo", source_principal: "unknown", destination_workload: "httpbin", destination_workload_namespace: "foo",
  destination_service: "httpbin.foo.svc.cluster.local", destination_service_name: "httpbin", response_code: "200", response_flags: "-", connection_security_policy: "none",
};

/** One sample a minute, from and to so many minutes ago. */
function counter(workload: string, { from, to, growth, metric = "istio_requests_total" }: { readonly from: number; readonly to: number; readonly growth: number; readonly metric?: string }): Series {
  const nowMs = Date.now();
  const samples = Array.from({ length: from - to + 1 }, (_, at) => ({ atMs: nowMs - (from - at) * 60_000, value: 5 + at * growth }));
  return { labels: { ...LABELS, __name__: metric, source_workload: workload }, samples };
}

function series(): readonly Series[] {
  return [
    counter("speaks", { from: 130, to: 0, growth: 1 }),
    counter("spoke", { from: 130, to: 25, growth: 1 }),
    counter("spoke-once", { from: 40, to: 30, growth: 0 }),
    counter("never-spoke", { from: 130, to: 0, growth: 0 }),
    counter("talks", { from: 130, to: 0, growth: 1, metric: "istio_tcp_connections_opened_total" }),
    counter("talked", { from: 130, to: 25, growth: 1, metric: "istio_tcp_connections_opened_total" }),
    counter("carried", { from: 130, to: 25, growth: 900, metric: "istio_tcp_sent_bytes_total" }),
  ];
}

describe.each(METRICS_SERVERS)("the window that ends now, in a real %s", (name) => {
  let server: MetricsServer;

  beforeAll(async () => {
    server = await startMetricsServer(name);
    await server.write(series());
  });

  afterAll(async () => {
    await server.stop();
  });

  it("what the window shows stands there alone; what it does not show, and carried traffic before, is idle", async () => {
    const source = prometheusSource({ ...CONFIG, url: server.url });
    const telemetry = await source.read(REQUEST);
    await source.stop();
    const workloads = (rows: readonly unknown[]): readonly unknown[] => (rows as readonly { readonly client: { readonly workload: string } }[]).map(({ client }) => client.workload).sort();
    expect(workloads(telemetry.rows)).toEqual(["speaks", "talks"]);
    expect(workloads(telemetry.lookBackRows)).toEqual(["carried", "spoke", "spoke-once", "talked"]);
  });

  it("killed while it answers: a gap that says so, no row that is half the truth; live again when it is back", async () => {
    const source = prometheusSource({ ...CONFIG, url: server.url });
    expect((await source.read(REQUEST)).rows).toHaveLength(2);
    await server.freeze();
    const reading = source.read(REQUEST);
    await sleep(200);
    await server.kill();
    const cut = await reading;
    expect([cut.rows, cut.lookBackRows]).toEqual([[], []]);
    expect(cut.gaps.map(({ because }) => because).join()).toMatch(/cut the connection/);
    expect(source.status()).toMatchObject([{ state: "stale" }]);
    expect((await source.read(REQUEST)).gaps.map(({ because }) => because).join()).toMatch(/refuses connections/);
    await server.restart();
    // VictoriaMetrics keeps the newest seconds in memory alone; Prometheus has everything, and takes it once
    if (name === "victoria-metrics") await server.write(series());
    const telemetry = await source.read(REQUEST);
    expect(telemetry.rows).toHaveLength(2);
    expect(source.status()).toMatchObject([{ state: "live" }]);
    await source.stop();
  });
});
