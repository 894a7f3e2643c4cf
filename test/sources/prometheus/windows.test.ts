// Windows of any length and age, against real servers. Expected numbers follow from the samples by hand.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Telemetry, TrafficRow } from "#mesh";
import type { TelemetrySource } from "../../../lib/sources/index.ts";
import { prometheusSource, type PrometheusTuning } from "../../../lib/sources/prometheus/index.ts";
import { METRICS_SERVERS, startMetricsServer, type MetricsServer, type Series } from "../../support/prometheus.ts";

const HOUR = 3600;
const FIRST_END_MS = Date.UTC(2026, 6, 1);
const APART_MS = 48 * HOUR * 1000;
const LABELS = {
  reporter: "destination", source_workload: "sleep", source_workload_namespace: "foo", source_principal: "unknown", destination_workload: "httpbin", destination_workload_namespace: "foo",
  destination_service: "httpbin.foo.svc.cluster.local", destination_service_name: "httpbin", response_code: "200", response_flags: "-", connection_security_policy: "none", job: "envoy-stats",
};

interface Line {
  readonly metric?: string;
  readonly labels?: Readonly<Record<string, string>>;
  /** seconds before the end, both included */
  readonly from: number;
  readonly to: number;
  readonly step?: number;
  readonly first: number;
  readonly growth: number;
}

function up(from: number, to: number, more: Partial<Line> = {}): Line {
  return { metric: "up", labels: { job: "envoy-stats" }, from, to, step: 60, first: 1, growth: 0, ...more };
}

interface Case {
  readonly name: string;
  readonly lines: readonly Line[];
  readonly windowSeconds: number;
  readonly lookBackSeconds?: number;
  readonly rows?: readonly { readonly client: string; readonly count: number; readonly seen: readonly [number, number] | null }[];
  readonly lookBack?: readonly { readonly client: string; readonly seen: readonly [number, number] }[];
  /** seconds before the end */
  readonly covered?: readonly (readonly [number, number])[] | null;
  readonly gaps?: readonly RegExp[];
  readonly refused?: RegExp;
}

const OTHER = { source_workload: "other" };
const cases: readonly Case[] = [
  {
    name: "six hours in pieces of one: as many as the counter grew, and to the hour when last",
    windowSeconds: 6 * HOUR,
    lines: [up(-8 * HOUR, 0), { from: -8 * HOUR, to: 0, step: 60, first: 1000, growth: 1 }, { labels: OTHER, from: -8 * HOUR, to: -3.5 * HOUR, step: 60, first: 0, growth: 2 }],
    rows: [{ client: "sleep", count: 360, seen: [-HOUR, 0] }, { client: "other", count: 300, seen: [-4 * HOUR, -3 * HOUR] }],
    covered: [[-6 * HOUR, 0]],
  },
  {
    name: "a CronJob's two requests five hours ago are not lost",
    windowSeconds: 6 * HOUR,
    lines: [up(-8 * HOUR, 0), { from: -5.2 * HOUR, to: -5.1 * HOUR, step: 60, first: 2, growth: 0 }],
    rows: [{ client: "sleep", count: 2, seen: [-6 * HOUR, -5 * HOUR] }],
  },
  {
    name: "retention ends inside the window: what is covered, and births before are not invented",
    windowSeconds: 6 * HOUR,
    lines: [up(-4 * HOUR, 0), { from: -4 * HOUR, to: 0, step: 60, first: 1_000_000, growth: 1 }],
    rows: [{ client: "sleep", count: 240, seen: [-HOUR, 0] }],
    covered: [[-4 * HOUR, 0]],
    gaps: [/^traffic from 2026-.* UTC to 2026-.* UTC: nothing is stored from then/],
  },
  {
    name: "a hole of two hours in the middle",
    windowSeconds: 6 * HOUR,
    lines: [up(-8 * HOUR, -4 * HOUR), up(-7140, 0), { from: -8 * HOUR, to: -4 * HOUR, step: 60, first: 1000, growth: 1 }, { from: -7140, to: 0, step: 60, first: 5000, growth: 1 }],
    rows: [{ client: "sleep", count: 240, seen: [-HOUR, 0] }],
    covered: [[-6 * HOUR, -4 * HOUR], [-2 * HOUR, 0]],
    gaps: [/nothing was scraped then/, /job `envoy-stats` counted before they were first scraped/],
  },
  {
    name: "a target that could not be scraped when the window began is not born in it",
    windowSeconds: 900,
    lines: [up(-3 * HOUR, 0), { from: -3 * HOUR, to: -1200, step: 15, first: 1_000_000, growth: 0 }, { from: -600, to: 0, step: 15, first: 1_000_000, growth: 1 }],
    rows: [{ client: "sleep", count: 40, seen: null }],
  },
  {
    name: "another job was scraped before, this one was not: its counters are not of the window",
    windowSeconds: 900,
    lines: [up(-3 * HOUR, 0, { labels: { job: "kubelet" } }), up(-600, 0, { step: 15 }), { from: -600, to: 0, step: 15, first: 1_000_000, growth: 1 }],
    rows: [{ client: "sleep", count: 40, seen: null }],
    gaps: [/job `envoy-stats` counted before they were first scraped/],
  },
  {
    name: "idle edges: when they were last seen, to within a piece",
    windowSeconds: 2 * HOUR,
    lookBackSeconds: 6 * HOUR,
    lines: [up(-9 * HOUR, 0), { from: -9 * HOUR, to: 0, step: 60, first: 1000, growth: 1 }, { labels: OTHER, from: -9 * HOUR, to: -4.5 * HOUR, step: 60, first: 0, growth: 2 }],
    rows: [{ client: "sleep", count: 120, seen: [-HOUR, 0] }],
    lookBack: [{ client: "other", seen: [-5 * HOUR, -4 * HOUR] }],
  },
  {
    name: "no `up`: what is covered is what was read, and that cannot be told from silence",
    windowSeconds: 900,
    lines: [{ from: -3 * HOUR, to: 0, step: 15, first: 5, growth: 1 }],
    rows: [{ client: "sleep", count: 60, seen: null }],
    covered: [[-900, 0]],
    gaps: [/^which part of the window was scraped: .* has no `up`/],
  },
  {
    name: "a window of two scrapes is refused",
    windowSeconds: 300,
    lines: [up(-3 * HOUR, 0), { from: -3 * HOUR, to: 0, step: 150, first: 5, growth: 1 }],
    rows: [],
    covered: null,
    refused: /^a window of 300 s is shorter than 4 scrapes: job `envoy-stats` is scraped about every 1[2-5]\d s, so counts would be guesses\. Choose (9|10) min or more$/,
  },
];

function seriesOf({ lines }: Case, endMs: number): readonly Series[] {
  return lines.map(({ metric = "istio_requests_total", labels = {}, from, to, step = 60, first, growth }) => ({
    labels: { __name__: metric, ...(metric === "up" ? labels : { ...LABELS, ...labels }) },
    samples: Array.from({ length: Math.floor((to - from) / step) + 1 }, (_, at) => ({ atMs: endMs + (from + at * step) * 1000, value: first + at * growth })),
  }));
}

function bySender(rows: Telemetry["rows"] | Telemetry["lookBackRows"]): ReadonlyMap<string | null, TrafficRow> {
  return new Map(rows.flatMap((row) => (row.what === "traffic" ? [[row.client.workload, row] as const] : [])));
}

function sourceOf(url: string, tuning: PrometheusTuning = {}): TelemetrySource {
  return prometheusSource({ url, bearerToken: null, bearerTokenFile: null, username: null, password: null, passwordFile: null, caFile: null, certificateFile: null, keyFile: null, headers: {}, selector: null }, tuning);
}

async function read(url: string, { windowSeconds, lookBackSeconds = HOUR }: Case, endMs: number): Promise<Telemetry> {
  const source = sourceOf(url);
  const telemetry = await source.read({ windowSeconds, lookBackSeconds, endMs });
  await source.stop();
  return telemetry;
}

function expectSeen(row: TrafficRow | undefined, seen: readonly [number, number] | null, endMs: number): void {
  if (seen === null) expect([row?.lastSeenMs, row?.lastSeenAfterMs]).toEqual([null, undefined]);
  else expect([((row?.lastSeenAfterMs ?? 0) - endMs) / 1000, ((row?.lastSeenMs ?? 0) - endMs) / 1000]).toEqual(seen);
}

function check(telemetry: Telemetry, one: Case, endMs: number): void {
  const rows = bySender(telemetry.rows);
  if (one.rows !== undefined) expect([...rows.keys()].toSorted()).toEqual(one.rows.map(({ client }) => client).toSorted());
  for (const { client, count, seen } of one.rows ?? []) {
    const found = rows.get(client)?.count ?? 0;
    expect(Math.abs(found - count)).toBeLessThanOrEqual(Math.max(2, count * 0.02));
    expectSeen(rows.get(client), seen, endMs);
  }
  const before = bySender(telemetry.lookBackRows);
  if (one.lookBack !== undefined) expect([...before.keys()]).toEqual(one.lookBack.map(({ client }) => client));
  for (const { client, seen } of one.lookBack ?? []) expectSeen(before.get(client), seen, endMs);
}

describe.each(METRICS_SERVERS)("windows, in a real %s", (name) => {
  let server: MetricsServer;

  beforeAll(async () => {
    server = await startMetricsServer(name);
    await server.write(cases.flatMap((one, index) => seriesOf(one, FIRST_END_MS + index * APART_MS)));
  });

  afterAll(async () => {
    await server.stop();
  });

  it.each(cases.map((one, index) => ({ ...one, endMs: FIRST_END_MS + index * APART_MS })))("$name", async (one) => {
    const { endMs } = one;
    const telemetry = await read(server.url, one, endMs);
    check(telemetry, one, endMs);
    if (one.covered === null) expect(telemetry.covered).toBeUndefined();
    else if (one.covered !== undefined) {
      const spans = (telemetry.covered ?? []).map(({ startMs, endMs: untilMs }) => [(startMs - endMs) / 1000, (untilMs - endMs) / 1000] as const);
      expect(spans).toHaveLength(one.covered.length);
      // to within the five minutes for which the last sample is taken for the present one
      one.covered.forEach(([start, end], at) => {
        expect(Math.abs((spans[at]?.[0] ?? 0) - start)).toBeLessThanOrEqual(400);
        expect(Math.abs((spans[at]?.[1] ?? 0) - end)).toBeLessThanOrEqual(400);
      });
    }
    const gaps = telemetry.gaps.map((gap) => `${gap.wanted}: ${gap.because}`);
    for (const gap of one.gaps ?? []) expect(gaps).toEqual(expect.arrayContaining([expect.stringMatching(gap)]));
    if (one.refused === undefined) expect(telemetry.refused).toBeUndefined();
    else expect(telemetry.refused).toMatch(one.refused);
  });
});

const SCRAPED: Case = { name: "", windowSeconds: 0, lines: [up(-170 * HOUR, 0), { from: -170 * HOUR, to: 0, step: 60, first: 1000, growth: 1 }] };

describe.each(METRICS_SERVERS)("windows that are no multiple of a step of what was scraped, in a real %s", (name) => {
  let server: MetricsServer;

  beforeAll(async () => {
    server = await startMetricsServer(name);
    await server.write(seriesOf(SCRAPED, FIRST_END_MS));
  });

  afterAll(async () => {
    await server.stop();
  });

  it.each([59, 241, 1439, 1441, 10_079])("%i min are covered to their end", async (minutes) => {
    const { covered, gaps } = await read(server.url, { ...SCRAPED, windowSeconds: minutes * 60 }, FIRST_END_MS);
    expect(covered).toEqual([{ startMs: FIRST_END_MS - minutes * 60_000, endMs: FIRST_END_MS }]);
    expect(gaps).toEqual([]);
  });
});

describe.each(METRICS_SERVERS)("how often is scraped, in a real %s that did so every 5 min three days ago and every 15 s now", (name) => {
  let server: MetricsServer;
  let source: TelemetrySource;
  const nowMs = Date.now();
  const thenMs = nowMs - 72 * HOUR * 1000;

  beforeAll(async () => {
    server = await startMetricsServer(name);
    const scraped = (endMs: number, step: number): readonly Series[] => seriesOf({ name: "", windowSeconds: 0, lines: [up(-3 * HOUR, 0, { step }), { from: -3 * HOUR, to: 0, step, first: 1000, growth: 1 }] }, endMs);
    await server.write([...scraped(thenMs, 300), ...scraped(nowMs, 15)]);
    source = sourceOf(server.url);
  });

  afterAll(async () => {
    await source.stop();
    await server.stop();
  });

  it.each([["before", 0], ["after", 1]])("each is judged by its own time: %s the followed window was read", async () => {
    const then = await source.read({ windowSeconds: 600, lookBackSeconds: HOUR, endMs: thenMs });
    expect(then.refused).toMatch(/^a window of 600 s is shorter than 4 scrapes: job `envoy-stats` is scraped about every (225|300) s/);
    const followed = await source.read({ windowSeconds: 900, lookBackSeconds: HOUR, endMs: null });
    expect([followed.refused, followed.rows.length]).toEqual([undefined, 1]);
    const recent = await source.read({ windowSeconds: 300, lookBackSeconds: HOUR, endMs: nowMs });
    expect([recent.refused, recent.rows.length]).toEqual([undefined, 1]);
  });
});

interface Front {
  readonly url: string;
  close(): void;
}

/** A server before a real one: it passes questions on, or answers with a status of its own, and 503 as Prometheus does. */
async function inFrontOf({ url }: MetricsServer, statusFor: (question: URLSearchParams) => number | null): Promise<Front> {
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await text(request);
    const status = statusFor(new URLSearchParams(body));
    if (status !== null) return void response.writeHead(status).end(status === 503 ? '{"status":"error","errorType":"timeout","error":"query timed out in expression evaluation"}' : "<html>not now</html>");
    const reply = await fetch(`${url}${request.url ?? ""}`, { method: "POST", headers, body });
    response.writeHead(reply.status, { "content-type": "application/json" }).end(await reply.text());
  };
  const front = createServer((request, response) => void answer(request, response));
  await new Promise<void>((listening) => front.listen(0, "127.0.0.1", listening));
  const close = (): void => {
    front.closeAllConnections();
    front.close();
  };
  return { url: `http://127.0.0.1:${(front.address() as AddressInfo).port}`, close };
}

const LONG: Case = { name: "", windowSeconds: 72 * HOUR, lines: [up(-75 * HOUR, 0), { from: -75 * HOUR, to: 0, step: 15, first: 1000, growth: 1 }] };

describe("a Prometheus that may load few samples at once", () => {
  let server: MetricsServer;

  // three days are read in pieces of two and a half hours, 618 samples of the one series; what came in the hour before is 240
  beforeAll(async () => {
    server = await startMetricsServer("prometheus", ["--query.max-samples=500"]);
    await server.write(seriesOf(LONG, FIRST_END_MS));
  });

  afterAll(async () => {
    await server.stop();
  });

  it("is asked in smaller pieces, and nothing is missing", async () => {
    const telemetry = await read(server.url, LONG, FIRST_END_MS);
    const row = bySender(telemetry.rows).get("sleep");
    expect(Math.abs((row?.count ?? 0) - 72 * 240)).toBeLessThanOrEqual(72 * 4.8);
    expect((row?.lastSeenMs ?? 0) - (row?.lastSeenAfterMs ?? 0)).toBe(4650_000);
    expect(telemetry.covered).toEqual([{ startMs: FIRST_END_MS - 72 * HOUR * 1000, endMs: FIRST_END_MS }]);
    expect(telemetry.gaps).toEqual([]);
  });

  it("fails after a while, as a server before it does: what is missing is read later, and the sum is that of the samples", async () => {
    const state = { answers: 60 };
    const before = await inFrontOf(server, () => {
      state.answers -= 1;
      return state.answers < 0 ? 502 : null;
    });
    const source = sourceOf(before.url);
    const reasons: string[] = [];
    const waiting = { told: () => undefined, gaveUp: (because: string) => reasons.push(because), signal: new AbortController().signal };
    const request = { windowSeconds: LONG.windowSeconds, lookBackSeconds: HOUR, endMs: FIRST_END_MS };
    const first = await source.read(request, waiting);
    const hours = (first.covered ?? []).reduce((sum, { startMs, endMs }) => sum + (endMs - startMs) / 3_600_000, 0);
    expect([hours > 5, hours < 60]).toEqual([true, true]);
    expect(Math.abs((bySender(first.rows).get("sleep")?.count ?? 0) - hours * 240)).toBeLessThanOrEqual(hours * 4.8);
    state.answers = Infinity;
    const second = await source.read(request, waiting);
    await source.stop();
    before.close();
    expect(reasons).toEqual([expect.stringMatching(/failed \(HTTP 502\)/)]);
    expect(Math.abs((bySender(second.rows).get("sleep")?.count ?? 0) - 72 * 240)).toBeLessThanOrEqual(72 * 4.8);
    expect([second.covered, second.gaps]).toEqual([[{ startMs: FIRST_END_MS - 72 * HOUR * 1000, endMs: FIRST_END_MS }], []]);
  });

  it("says which part it cannot tell where even the smallest piece is too much", async () => {
    const small = await startMetricsServer("prometheus", ["--query.max-samples=15"]);
    await small.write(seriesOf({ ...LONG, lines: [{ from: -2 * HOUR, to: 0, step: 15, first: 1, growth: 1 }] }, FIRST_END_MS));
    const telemetry = await read(small.url, { ...LONG, windowSeconds: 900 }, FIRST_END_MS);
    await small.stop();
    expect([telemetry.rows, telemetry.covered]).toEqual([[], []]);
    const gaps = telemetry.gaps.map((gap) => `${gap.wanted}: ${gap.because}`);
    expect(gaps).toEqual(expect.arrayContaining([expect.stringMatching(/^requests in the window.*too many samples.*\(asked for 2026-06-30 23:5\d UTC to 2026-07-01 00:00 UTC\)$/)]));
  });
});

const QUIET: Case = {
  name: "", windowSeconds: 900, lookBackSeconds: HOUR,
  lines: [up(-3 * HOUR, 0), { from: -3 * HOUR, to: 0, step: 15, first: 1000, growth: 1 }, { labels: OTHER, from: -3 * HOUR, to: -0.5 * HOUR, step: 15, first: 0, growth: 1 }, { labels: { source_workload: "newest" }, from: -3 * HOUR, to: 0, step: 15, first: 0, growth: 1 }],
};

describe("a Prometheus behind a server that has too much to do", () => {
  let server: MetricsServer;
  // 15 min are halved to 7 min 30 s, and no further
  const smallest = (question: URLSearchParams): boolean => Number(question.get("time")) === FIRST_END_MS / 1000 && (question.get("query") ?? "").includes("[450s]");

  beforeAll(async () => {
    server = await startMetricsServer("prometheus");
    await server.write(seriesOf(QUIET, FIRST_END_MS));
  });

  afterAll(async () => {
    await server.stop();
  });

  async function reading(statusFor: (question: URLSearchParams) => number | null) {
    const front = await inFrontOf(server, statusFor);
    const source = sourceOf(front.url, { waitsMs: [5, 10] });
    const reasons: string[] = [];
    const waiting = { told: () => undefined, gaveUp: (because: string) => reasons.push(because), signal: new AbortController().signal };
    const once = async (): Promise<Telemetry> => await source.read({ windowSeconds: QUIET.windowSeconds, lookBackSeconds: HOUR, endMs: FIRST_END_MS }, waiting);
    const end = async (): Promise<void> => {
      await source.stop();
      front.close();
    };
    return { once, reasons, end };
  }

  const WHOLE = [{ startMs: FIRST_END_MS - 900_000, endMs: FIRST_END_MS }];
  const isLong = (question: URLSearchParams): boolean => (question.get("query") ?? "").includes("[900s]");
  const sleepIn = ({ rows }: Telemetry): TrafficRow | undefined => bySender(rows).get("sleep");

  it.each([503, 504])("says %i of a question about the smallest piece, and once more: it is asked again, and nothing is missing", async (status) => {
    const state = { failures: 2 };
    const { once, reasons, end } = await reading((question) => {
      if (isLong(question)) return 504;
      if (!smallest(question)) return null;
      if (!(question.get("query") ?? "").startsWith("sum by") || state.failures === 0) return null;
      state.failures -= 1;
      return status;
    });
    const telemetry = await once();
    await end();
    expect([reasons, telemetry.gaps, telemetry.covered]).toEqual([[], [], WHOLE]);
    expect(Math.abs((sleepIn(telemetry)?.count ?? 0) - 60)).toBeLessThanOrEqual(2);
  });

  it("goes on saying so of one piece: the rest and the look-back are read, the gap says what was tried, and it is tried again by whoever asks later", async () => {
    const state = { strained: true, asked: 0 };
    const { once, reasons, end } = await reading((question) => {
      if (isLong(question)) return 504;
      if (!smallest(question)) return null;
      state.asked += 1;
      return state.strained ? 504 : null;
    });
    const first = await once();
    expect(reasons).toEqual([expect.stringMatching(/^it was asked for 3 times: .* failed \(HTTP 504\)$/)]);
    expect(first.covered).toEqual([{ startMs: FIRST_END_MS - 900_000, endMs: FIRST_END_MS - 450_000 }]);
    expect(first.gaps).toContainEqual({ wanted: "traffic from 2026-06-30 23:52 UTC to 2026-07-01 00:00 UTC", because: reasons[0] });
    expect(Math.abs((sleepIn(first)?.count ?? 0) - 30)).toBeLessThanOrEqual(2);
    expect([...bySender(first.lookBackRows).keys()]).toEqual(["other"]);
    state.strained = false;
    const second = await once();
    await end();
    expect([reasons.length, second.gaps, second.covered]).toEqual([1, [], WHOLE]);
    const row = sleepIn(second);
    expect(Math.abs((row?.count ?? 0) - 60)).toBeLessThanOrEqual(2);
    expect([row?.lastSeenAfterMs, row?.lastSeenMs]).toEqual([FIRST_END_MS - 450_000, FIRST_END_MS]);
    expect([...bySender(second.lookBackRows).keys()]).toEqual(["other"]);
  });
});
