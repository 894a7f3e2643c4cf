// What a plain `increase` gets wrong, against real servers. Expected numbers follow from the samples by hand.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Telemetry, TrafficRow } from "#mesh";
import { prometheusSource } from "../../../lib/sources/prometheus/index.ts";
import { METRICS_SERVERS, startMetricsServer, type MetricsServer, type Series } from "../../support/prometheus.ts";

const FIRST_END_MS = Date.UTC(2026, 6, 1);
const APART_MS = 6 * 3_600_000;
const LABELS = {
  reporter: "destination", source_workload: "job", source_workload_namespace: "legacy", source_principal: "unknown", destination_workload: "httpbin", destination_workload_namespace: "foo",
  destination_service: "httpbin.foo.svc.cluster.local", destination_service_name: "httpbin", response_code: "200", response_flags: "-", connection_security_policy: "none",
};
const DENIED = { ...LABELS, app: "ztunnel", connection_security_policy: "unknown", response_code: "" };

const BY_CLIENT = { reporter: "source", connection_security_policy: "unknown" };

type Points = readonly (readonly [secondsBeforeEnd: number, value: number])[];

/** One sample every 15 s between two times, growing by `step`. */
function growing(from: number, to: number, first: number, step: number): Points {
  return Array.from({ length: (to - from) / 15 + 1 }, (_, at) => [from + at * 15, first + at * step] as const);
}

interface Birth {
  readonly name: string;
  readonly series: readonly { readonly metric?: string; readonly labels?: Readonly<Record<string, string>>; readonly points: Points }[];
  readonly counts: readonly (readonly [flags: string | null, count: number])[];
  /** less is known of it: any count between this and the true one */
  readonly atLeast?: number;
  readonly lookBack?: number;
}

const births: readonly Birth[] = [
  { name: "constant since its first sample", series: [{ points: growing(-300, 0, 40, 0) }], counts: [[null, 40]] },
  { name: "growing since its first sample", series: [{ points: growing(-300, 0, 10, 10) }], counts: [[null, 210]] },
  { name: "born and gone again", series: [{ points: growing(-600, -450, 40, 0) }], counts: [[null, 40]] },
  { name: "one sample only", series: [{ points: [[-105, 7]] }], counts: [[null, 7]] },
  { name: "born beside an old one of the same edge", series: [{ labels: { pod: "old" }, points: growing(-1200, 0, 1000, 15) }, { labels: { pod: "new" }, points: growing(-150, 0, 5, 0) }], counts: [[null, 905]] },
  { name: "another response code of an old edge", series: [{ points: growing(-1200, 0, 1000, 15) }, { labels: { response_code: "404" }, points: growing(-150, 0, 3, 0) }], counts: [[null, 903]] },
  // Prometheus 2 cannot ask for a series' first value: the 30 before the first sample are lost with the reset. VictoriaMetrics counts them.
  { name: "reset after its birth: what increase saw stands", series: [{ points: [...growing(-300, -150, 30, 3), ...growing(-135, 0, 5, 1)] }], counts: [[null, 74]], atLeast: 44 },
  { name: "a target that was scraped before can give birth", series: [{ metric: "up", labels: { instance: "a" }, points: growing(-1200, 0, 1, 0) }, { points: growing(-300, 0, 40, 0) }], counts: [[null, 40]] },
  { name: "scraping began inside the window: a million requests before it are not of the window", series: [{ metric: "up", labels: { instance: "a" }, points: growing(-600, 0, 1, 0) }, { points: growing(-600, 0, 1_000_000, 15) }], counts: [[null, 600]] },
  {
    name: "refused connections born inside the window got nowhere",
    series: ["istio_tcp_connections_opened_total", "istio_tcp_connections_closed_total", "istio_tcp_connections_failed_total"].map((metric, at) => ({ metric, labels: { ...DENIED, response_flags: at === 0 ? "-" : "DENY" }, points: growing(-150, 0, 12, 0) })),
    counts: [[null, 12], ["DENY", 12]],
  },
  { name: "requests that no endpoint was there for are told by their flag", series: [{ labels: { ...BY_CLIENT, response_code: "503", response_flags: "UH" }, points: growing(-1200, 0, 1000, 15) }], counts: [["UH", 900]] },
  { name: "requests that a full proxy held back, born in the window", series: [{ labels: { ...BY_CLIENT, response_code: "503", response_flags: "UO" }, points: growing(-300, 0, 40, 0) }], counts: [["UO", 40]] },
  { name: "requests that nothing routed, and a server's own 404 beside them", series: [{ labels: { ...BY_CLIENT, response_code: "404", response_flags: "NR" }, points: growing(-1200, 0, 0, 1) }, { labels: { ...BY_CLIENT, response_code: "404" }, points: growing(-1200, 0, 0, 2) }], counts: [[null, 120], ["NR", 60]] },
  { name: "a flag beside another", series: [{ labels: { ...BY_CLIENT, response_code: "503", response_flags: "UF,URX" }, points: growing(-1200, 0, 0, 1) }], counts: [["UF,URX", 60]] },
  { name: "connections that found no endpoint", series: [{ metric: "istio_tcp_connections_opened_total", labels: { ...BY_CLIENT, response_code: "0", response_flags: "UH" }, points: growing(-1200, 0, 0, 1) }], counts: [["UH", 60]] },
  { name: "a CronJob of the look-back is remembered", series: [{ points: growing(-2400, 0, 40, 0) }], counts: [], lookBack: 1 },
  { name: "what came before the look-back is not", series: [{ points: growing(-7200, 0, 40, 0) }], counts: [], lookBack: 0 },
];

function seriesOf({ series }: Birth, endMs: number): readonly Series[] {
  return series.map(({ metric = "istio_requests_total", labels = {}, points }) => ({
    labels: { __name__: metric, ...(metric === "up" ? labels : { ...LABELS, ...labels }) },
    samples: points.map(([seconds, value]) => ({ atMs: endMs + seconds * 1000, value })),
  }));
}

function trafficOf({ rows }: Telemetry): readonly TrafficRow[] {
  return rows.filter((row) => row.what === "traffic");
}

describe.each(METRICS_SERVERS)("series born inside the window, in a real %s", (name) => {
  let server: MetricsServer;

  beforeAll(async () => {
    server = await startMetricsServer(name);
    await server.write(births.flatMap((birth, index) => seriesOf(birth, FIRST_END_MS + index * APART_MS)));
  });

  afterAll(async () => {
    await server.stop();
  });

  it.each(births.map((birth, index) => ({ ...birth, endMs: FIRST_END_MS + index * APART_MS })))("$name", async ({ endMs, counts, atLeast, lookBack }) => {
    const source = prometheusSource({ url: server.url, bearerToken: null, bearerTokenFile: null, username: null, password: null, passwordFile: null, caFile: null, certificateFile: null, keyFile: null, headers: {}, selector: null });
    const telemetry = await source.read({ windowSeconds: 900, lookBackSeconds: 3600, endMs });
    await source.stop();
    const found = trafficOf(telemetry).map((row) => [row.responseFlags, row.count] as const);
    expect(found.map(([flags]) => flags)).toEqual(counts.map(([flags]) => flags));
    counts.forEach(([, wanted], at) => {
      const count = found[at]?.[1] ?? 0;
      const tolerance = wanted < 100 ? 1 : wanted * 0.02;
      expect(count).toBeLessThanOrEqual(wanted + tolerance);
      expect(count).toBeGreaterThanOrEqual((atLeast ?? wanted) - tolerance);
    });
    if (lookBack !== undefined) expect(telemetry.lookBackRows).toHaveLength(lookBack);
  });
});
