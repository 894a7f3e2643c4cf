// The recording rules lose no truth: each telemetry case, recorded by the rules as a real Prometheus evaluates them, has the same edges, states and counts.
import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { ask } from "../../../lib/sources/prometheus/beside.ts";
import { prometheusClient, type PrometheusClient } from "../../../lib/sources/prometheus/client.ts";
import { NO_ANSWERS } from "../../../lib/sources/prometheus/followed.ts";
import { mapWindow } from "../../../lib/sources/prometheus/map.ts";
import { WINDOW_QUERIES } from "../../../lib/sources/prometheus/queries.ts";
import { recordedQueries } from "../../../lib/sources/prometheus/recorded.ts";
import { startMetricsServer, type MetricsServer, type Series } from "../../support/prometheus.ts";
import { cases, complaints, edgesOf, endOf, seriesOf } from "../../support/telemetryCases.ts";

interface Rule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

const { groups } = parse(readFileSync("deploy/recording-rules.yaml", "utf8")) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);
const signal = new AbortController().signal;

interface Evaluated {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: readonly [seconds: number, value: string];
}

async function evaluated({ url }: MetricsServer, expr: string, atMs: number): Promise<readonly Evaluated[]> {
  const reply = await fetch(`${url}/api/v1/query`, { method: "POST", body: new URLSearchParams({ query: expr, time: String(atMs / 1000) }) });
  const { data } = (await reply.json()) as { readonly data: { readonly result: readonly Evaluated[] } };
  return data.result;
}

/** What the rules record in the window: every five minutes, as the server's own rule manager would. */
async function record(server: MetricsServer, { endMs, windowSeconds }: { readonly endMs: number; readonly windowSeconds: number }): Promise<readonly Series[]> {
  const written: Series[] = [];
  for (let atMs = endMs - windowSeconds * 1000 + 300_000; atMs <= endMs; atMs += 300_000) {
    for (const { record: name, expr, labels } of rules) {
      const sums = await evaluated(server, expr, atMs);
      written.push(...sums.map(({ metric, value }) => ({ labels: { ...metric, ...labels, __name__: name }, samples: [{ atMs, value: Number(value[1]) }] })));
    }
  }
  return written;
}

describe("the telemetry cases, recorded by the rules", () => {
  let counters: MetricsServer;
  let records: MetricsServer;

  function clientOf({ url }: MetricsServer): PrometheusClient {
    const config = { url, bearerToken: null, bearerTokenFile: null, username: null, password: null, passwordFile: null, caFile: null, certificateFile: null, keyFile: null, headers: {}, selector: null };
    return prometheusClient(config, { timeoutMs: 10_000, maxReplyBytes: 10_000_000 });
  }

  beforeAll(async () => {
    [counters, records] = await Promise.all([startMetricsServer("prometheus"), startMetricsServer("prometheus")]);
    await counters.write(cases.flatMap((one, index) => seriesOf(one, endOf(index))));
    const recorded: Series[] = [];
    for (const [index, { windowSeconds }] of cases.entries()) recorded.push(...(await record(counters, { endMs: endOf(index), windowSeconds })));
    await records.write(recorded);
  });

  afterAll(async () => {
    await Promise.all([counters.stop(), records.stop()]);
  });

  // what carried traffic before the window is another question
  const inWindow = cases.map((one, index) => ({ ...one, index, expected: { edges: one.expected.edges.filter(({ state }) => state !== "idle") } }));

  it.each(inWindow)("$id $name", async (one) => {
    const client = clientOf(records);
    const endMs = endOf(one.index);
    const queries = recordedQueries("", one.windowSeconds);
    const { answers, failures } = await ask({ client, endMs, nowMs: endMs, signal }, WINDOW_QUERIES.map((name) => [name, queries[name]]));
    await client.close();
    expect(failures).toEqual([]);
    const rows = [...mapWindow({ ...NO_ANSWERS, ...answers }).values()].flat();
    const telemetry = { windowStartMs: endMs - one.windowSeconds * 1000, windowEndMs: endMs, rows, lookBackRows: [], lookBackStartMs: endMs, gaps: [], queries: [] };
    expect(complaints(edgesOf(telemetry, one), one)).toEqual([]);
  });
});
