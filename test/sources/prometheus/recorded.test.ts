// Windows read from recording rules, in real servers. What is recorded differs on purpose from what the counters say, so that it shows which was read.
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Telemetry } from "#mesh";
import { prometheusSource } from "../../../lib/sources/prometheus/index.ts";
import { METRICS_SERVERS, startMetricsServer, type MetricsServer, type Series } from "../../support/prometheus.ts";

const HOUR = 3600;
const FIRST_END_MS = Date.UTC(2026, 8, 1);
const APART_MS = 48 * HOUR * 1000;
const EDGE = {
  reporter: "destination", source_workload: "sleep", source_workload_namespace: "foo", source_principal: "unknown", destination_workload: "httpbin", destination_workload_namespace: "foo",
  destination_service: "httpbin.foo.svc.cluster.local", destination_service_name: "httpbin", connection_security_policy: "none",
};
const COUNTER = { __name__: "istio_requests_total", job: "envoy-stats", response_code: "200", response_flags: "-", ...EDGE };
const UP = { __name__: "up", job: "envoy-stats" };
const RECORDER = { __name__: "mtlscope:scraped_targets:count", mtlscope_rules: "1" };
const RECORD = { __name__: "mtlscope:istio_requests:increase5m", ...EDGE };
const { destination_service: dropped, ...LABEL_DROPPED } = RECORD;
const { response_code: droppedCode, ...CODE_DROPPED } = COUNTER;

/** seconds before the end, a step, and the value at each */
interface Line {
  readonly labels: Readonly<Record<string, string>>;
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly value: (at: number) => number;
}

/** The counter grows by one a minute. */
const COUNTED: readonly Line[] = [
  { labels: UP, from: -16 * HOUR, to: 0, step: 60, value: () => 1 },
  { labels: COUNTER, from: -16 * HOUR, to: 0, step: 60, value: (at) => 1000 + at },
];

function every5Minutes(labels: Line["labels"], from: number, to: number, value: number): Line {
  return { labels, from, to, step: 300, value: () => value };
}

interface Case {
  readonly name: string;
  readonly lines: readonly Line[];
  readonly windowSeconds?: number;
  readonly count: number;
  readonly recorded: boolean;
  readonly gaps?: readonly string[];
  readonly lookBack?: readonly (readonly [client: string | null, after: number, until: number])[];
}

// records end 150 s before the end of the window; the minutes since are read from the counter
const RECORDED_TO = -150;
const cases: readonly Case[] = [
  {
    name: "records, and the newest minutes from the counters: 72 records of 50, and 2 or 3",
    lines: [...COUNTED, every5Minutes(RECORDER, RECORDED_TO - 12 * HOUR, RECORDED_TO, 3), every5Minutes(RECORD, RECORDED_TO - 12 * HOUR, RECORDED_TO, 50)],
    count: 72 * 50 + 2.5,
    recorded: true,
  },
  {
    name: "the rules stopped three hours ago: the counters tell what happened since",
    lines: [...COUNTED, every5Minutes(RECORDER, -15 * HOUR, -3 * HOUR, 3), every5Minutes(RECORD, -15 * HOUR, -3 * HOUR, 50)],
    count: 36 * 50 + 180,
    recorded: true,
  },
  {
    name: "the rules are new: the counters tell what happened before",
    lines: [...COUNTED, every5Minutes(RECORDER, -2 * HOUR + 300, 0, 3), every5Minutes(RECORD, -2 * HOUR + 300, 0, 50)],
    count: 24 * 50 + 240,
    recorded: true,
  },
  { name: "records without a label that tells edges apart are not read", lines: [...COUNTED, every5Minutes(RECORDER, -15 * HOUR, 0, 3), every5Minutes(LABEL_DROPPED, -15 * HOUR, 0, 50)], count: 360, recorded: false },
  { name: "records of another version are not read", lines: [...COUNTED, every5Minutes({ ...RECORDER, mtlscope_rules: "2" }, -15 * HOUR, 0, 3), every5Minutes(RECORD, -15 * HOUR, 0, 50)], count: 360, recorded: false },
  { name: "of two that record, one stopped: it is not read where not both have records", lines: [...COUNTED, ...["a", "b"].map((cluster, at) => every5Minutes({ ...RECORDER, cluster }, -15 * HOUR, -3 * HOUR * at, 3)), every5Minutes(RECORD, -15 * HOUR, 0, 50)], count: 36 * 50 + 180, recorded: true },
  {
    name: "counters without response codes are noticed: what was denied is not recorded then",
    lines: [...COUNTED.slice(0, 1), { labels: CODE_DROPPED, from: -16 * HOUR, to: 0, step: 60, value: (at) => 1000 + at }, every5Minutes(RECORDER, -15 * HOUR, 0, 3), every5Minutes(RECORD, -15 * HOUR, 0, 50)],
    count: 72 * 50,
    recorded: true,
    gaps: ["label `response_code` of Istio's metrics"],
  },
  { name: "a window shorter than an hour is read from the counters", windowSeconds: 900, lines: [...COUNTED, every5Minutes(RECORDER, -15 * HOUR, 0, 3), every5Minutes(RECORD, -15 * HOUR, 0, 50)], count: 15, recorded: false },
  {
    name: "the look-back is read from records too",
    lines: [...COUNTED, every5Minutes(RECORDER, -15 * HOUR, 0, 3), every5Minutes(RECORD, -15 * HOUR, 0, 50), every5Minutes({ ...RECORD, source_workload: "earlier" }, -9.9 * HOUR, -9.5 * HOUR, 1)],
    count: 72 * 50,
    recorded: true,
    lookBack: [["earlier", -10 * HOUR, -9 * HOUR]],
  },
];

function seriesOf({ lines }: Case, endMs: number): readonly Series[] {
  return lines.map(({ labels, from, to, step, value }) => ({
    labels,
    samples: Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, at) => ({ atMs: endMs + (from + at * step) * 1000, value: value(at) })),
  }));
}

async function read(url: string, windowSeconds: number, endMs: number): Promise<Telemetry> {
  const source = prometheusSource({ url, bearerToken: null, bearerTokenFile: null, username: null, password: null, passwordFile: null, caFile: null, certificateFile: null, keyFile: null, headers: {}, selector: null });
  const telemetry = await source.read({ windowSeconds, lookBackSeconds: windowSeconds, endMs });
  await source.stop();
  return telemetry;
}

describe.each(METRICS_SERVERS)("recorded windows, in a real %s", (name) => {
  let server: MetricsServer;

  beforeAll(async () => {
    expect([dropped, droppedCode]).toEqual(["httpbin.foo.svc.cluster.local", "200"]);
    server = await startMetricsServer(name);
    await server.write(cases.flatMap((one, index) => seriesOf(one, FIRST_END_MS + index * APART_MS)));
  });

  afterAll(async () => {
    await server.stop();
  });

  it.each(cases.map((one, index) => ({ ...one, endMs: FIRST_END_MS + index * APART_MS })))("$name", async ({ endMs, windowSeconds = 6 * HOUR, count, recorded, lookBack = [], gaps = [] }) => {
    const telemetry = await read(server.url, windowSeconds, endMs);
    expect(telemetry.rows).toHaveLength(1);
    const [row] = telemetry.rows;
    expect(Math.abs((row?.count ?? 0) - count)).toBeLessThanOrEqual(Math.max(2, recorded ? 3 : count * 0.02));
    expect(telemetry.covered).toEqual([{ startMs: endMs - windowSeconds * 1000, endMs }]);
    expect(new Set(telemetry.gaps.map(({ wanted }) => wanted))).toEqual(new Set(gaps));
    expect(telemetry.queries.some(({ text }) => text.includes("mtlscope:"))).toBe(recorded);
    expect(telemetry.lookBackRows.map((one) => [one.client.workload, ((one.lastSeenAfterMs ?? 0) - endMs) / 1000, ((one.lastSeenMs ?? 0) - endMs) / 1000])).toEqual(lookBack);
  });
});
