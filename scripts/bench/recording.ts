import { readFileSync } from "node:fs";
import { openTelemetry, type PrometheusConfig } from "#sources";
import { parse } from "yaml";
import { startMetricsServer, type MetricsServer, type Series } from "../../test/support/prometheus.ts";
import { generatedObjects } from "./generatedObjects.ts";
import { generatedTelemetry } from "./generatedTelemetry.ts";
import { median } from "./median.ts";
import { writeSamples } from "./prometheus/history.ts";
import { generatedCounters, type Counter } from "./prometheus/series.ts";
import { randomFrom } from "./random.ts";
import { printRow, row, type Row } from "./row.ts";
import { sizesOf, type MeshSize } from "./sizes.ts";

/**
 * `npm run bench:recording [-- --size M] [--hours 6] [--json]`: what deploy/recording-rules.yaml costs and saves. A real Prometheus is filled with the counters
 * of a generated mesh, scraped every minute; after every five minutes of them the rules are evaluated and what they say is written. Exits 1 over budget.
 */

interface Rule {
  readonly record: string;
  readonly expr: string;
  readonly labels?: Readonly<Record<string, string>>;
}

const MINUTE_MS = 60_000;
const STEP_MS = 5 * MINUTE_MS;
const BETWEEN_MS = 2_000;
const { groups } = parse(readFileSync("deploy/recording-rules.yaml", "utf8")) as { readonly groups: readonly { readonly rules: readonly Rule[] }[] };
const rules = groups.flatMap((group) => group.rules);

function option(name: string, otherwise: string): string {
  const at = process.argv.indexOf(name);
  return at === -1 ? otherwise : (process.argv[at + 1] ?? otherwise);
}

function countersOf({ workloads, edges }: MeshSize): readonly Counter[] {
  const random = randomFrom(20_260_822);
  const { services } = generatedObjects({ workloads, namespaces: 100, random, instances: (dice) => (dice.chance(0.2) ? 2 : 1) });
  return generatedCounters(generatedTelemetry(services, edges, random), random);
}

async function evaluate(server: MetricsServer, { record, expr, labels }: Rule, atMs: number): Promise<readonly Series[]> {
  const reply = await fetch(`${server.url}/api/v1/query`, { method: "POST", body: new URLSearchParams({ query: expr, time: String(atMs / 1000) }) });
  const { data } = (await reply.json()) as { readonly data: { readonly result: readonly { readonly metric: Record<string, string>; readonly value: readonly [number, string] }[] } };
  return data.result.map(({ metric, value }) => ({ labels: { ...metric, ...labels, __name__: record }, samples: [{ atMs, value: Number(value[1]) }] }));
}

interface Filled {
  /** milliseconds per evaluation of all rules */
  readonly evaluations: readonly number[];
  readonly records: number;
}

async function fill(server: MetricsServer, counters: readonly Counter[], { startMs, endMs }: { readonly startMs: number; readonly endMs: number }): Promise<Filled> {
  const evaluations: number[] = [];
  let records = 0;
  for (let atMs = startMs + STEP_MS; atMs <= endMs; atMs += STEP_MS) {
    const times = Array.from({ length: STEP_MS / MINUTE_MS }, (_, minute) => atMs - STEP_MS + (minute + 1) * MINUTE_MS);
    await writeSamples(server.url, counters, { times, nowMs: endMs });
    await server.write([{ labels: { __name__: "up", job: "kubernetes-pods" }, samples: times.map((time) => ({ atMs: time, value: 1 })) }]);
    const startedMs = performance.now();
    const written: Series[] = [];
    for (const rule of rules) written.push(...(await evaluate(server, rule, atMs)));
    evaluations.push(performance.now() - startedMs);
    records = Math.max(records, written.length);
    await server.write(written);
  }
  return { evaluations, records };
}

interface Reading {
  readonly ms: number;
  readonly requests: number;
  readonly rows: number;
}

async function read(server: MetricsServer, selector: string | null, { endMs, windowSeconds }: { readonly endMs: number; readonly windowSeconds: number }): Promise<Reading> {
  const config: PrometheusConfig = { url: server.url, bearerToken: null, bearerTokenFile: null, username: null, password: null, passwordFile: null, caFile: null, certificateFile: null, keyFile: null, headers: {}, selector };
  const source = await openTelemetry(config);
  const startedMs = performance.now();
  const { rows } = await source.read({ windowSeconds, lookBackSeconds: 3600, endMs });
  const ms = performance.now() - startedMs;
  await source.stop();
  const requests = rows.reduce((sum, one) => sum + (one.what === "traffic" && one.family === "http" && one.reporter !== "source" ? one.count : 0), 0);
  return { ms, requests, rows: rows.length };
}

async function measure(size: MeshSize, hours: number): Promise<readonly Row[]> {
  const counters = countersOf(size);
  const server = await startMetricsServer("prometheus");
  try {
    const endMs = Math.floor(Date.now() / STEP_MS) * STEP_MS;
    const windowSeconds = hours * 3600;
    const { evaluations, records } = await fill(server, counters, { startMs: endMs - windowSeconds * 1000 - 2 * 3_600_000, endMs });
    await new Promise((wake) => setTimeout(wake, BETWEEN_MS));
    // a selector that every counter fits and no record: so the counters are read
    const counted = await read(server, 'job="kubernetes-pods"', { endMs, windowSeconds });
    const recorded = await read(server, null, { endMs, windowSeconds });
    const name = `${size.name} (${counters.length} series, ${hours} h)`;
    return [
      row(`${name}: records per evaluation`, records, { unit: "series" }),
      row(`${name}: evaluation of the rules, every 5 min`, median(evaluations), { unit: "ms", budget: 0.05 * STEP_MS }),
      row(`${name}: window read from the counters`, counted.ms, { unit: "ms" }),
      row(`${name}: window read from the records`, recorded.ms, { unit: "ms", budget: counted.ms / 2 }),
      row(`${name}: times faster`, counted.ms / recorded.ms, { unit: "" }),
      row(`${name}: requests counted differ by`, (Math.abs(counted.requests - recorded.requests) / counted.requests) * 100, { unit: "%", budget: 2 }),
      row(`${name}: rows that one has and the other has not`, Math.abs(counted.rows - recorded.rows), { unit: "rows", budget: 0 }),
    ];
  } finally {
    await server.stop();
  }
}

const rows: Row[] = [];
for (const size of sizesOf(option("--size", "M"))) rows.push(...(await measure(size, Number(option("--hours", "6")))));
if (process.argv.includes("--json")) console.log(JSON.stringify(rows, null, 2));
else for (const one of rows) printRow(one);
process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
