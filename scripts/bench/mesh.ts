import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { openLaboratory, type Laboratory } from "./laboratory.ts";
import { memoryBelow } from "./processes.ts";
import { median } from "./median.ts";
import { apiCallRows } from "./measures/apiCalls.ts";
import { changeRows } from "./measures/changes.ts";
import { openStreams, type OpenStreams } from "./measures/eventStreams.ts";
import { firstPicture } from "./measures/firstPicture.ts";
import { heapRows } from "./measures/heap.ts";
import { refreshRows } from "./measures/refresh.ts";
import { watchServing, type ServingDelay } from "./measures/servingDelay.ts";
import { withStageRows } from "./measures/stages.ts";
import { wholeViewRows } from "./measures/wholeView.ts";
import type { Picture } from "./meshApi.ts";
import { printRow, row, type Row } from "./row.ts";
import { startApp, type RunningApp } from "./runningApp.ts";
import { sizesOf, type MeshSize } from "./sizes.ts";

/**
 * `npm run bench:mesh -- --size S|M|L|XL[,…] [--json] [--keep]`: the built application against a real API server and a real Prometheus that
 * hold a generated mesh. Exits 1 over budget.
 */

const PAGES = 50;
const FIRST_PICTURE_S = 15;
const BLOCKED_MS = 100;
const STEADY_MB = 500;
const PEAK_MB = 800;
/** how much more a doubled mesh may cost than twice as much */
const LINEAR = 1.3;
const GROWING = ["first complete picture, from process start", "telemetry refresh, from the first query to the event in the browser", "memory, steady", "the whole view over HTTP: compressed"];

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function contentRows({ pods, objects, counters, filledInMs }: Laboratory, { nodes, edges, gaps }: Picture): readonly Row[] {
  const plaintext = edges.filter(({ state }) => state === "plaintext" || state === "mixed").length;
  return [
    row("pods", pods, { unit: "objects" }),
    row("objects of the cluster", objects, { unit: "objects" }),
    row("time series", counters.length, { unit: "series" }),
    row("filling the servers", filledInMs / 1000, { unit: "s" }),
    row("nodes in the picture", nodes.length, { unit: "nodes" }),
    row("edges in the picture", edges.length, { unit: "edges" }),
    row("edges with plaintext", (100 * plaintext) / edges.length, { unit: "%" }),
    row("gaps", gaps.length, { unit: "gaps" }),
  ];
}

function servingRows(when: string, { worstMs, p99Ms, eventLoopWorstMs, ownWorstMs }: ServingDelay): readonly Row[] {
  return [
    row(`the serving thread keeps /healthz waiting, ${when}: slowest`, worstMs, { unit: "ms", budget: BLOCKED_MS }),
    row(`the serving thread keeps /healthz waiting, ${when}: 99 of 100`, p99Ms, { unit: "ms" }),
    row(`the serving thread says of its event loop, ${when}: longest delay`, eventLoopWorstMs, { unit: "ms" }),
    row(`the thread that asks waits itself, ${when}: slowest`, ownWorstMs, { unit: "ms" }),
  ];
}

/** Over two refreshes at least: memory is higher while one is taken in, and a shorter watch would tell which part of it it met. */
async function steadyMemory({ id }: RunningApp): Promise<number> {
  const samples: number[] = [];
  for (let at = 0; at < 80; at += 1) {
    samples.push(memoryBelow(id));
    await sleep(500);
  }
  return median(samples);
}

/** In a small mesh what does not grow with it (gathering changes for a moment, a round trip) is most of a refresh. */
function isLarge({ workloads }: MeshSize): boolean {
  return workloads >= 5_000;
}

async function steadyRows(laboratory: Laboratory, { app, size }: { readonly app: RunningApp; readonly size: MeshSize }, streams: OpenStreams): Promise<readonly Row[]> {
  const serving = watchServing(app.url);
  const changes = await withStageRows(app.url, () => changeRows(laboratory.cluster, streams, PAGES));
  say("watching refreshes");
  const refresh = await refreshRows(laboratory.prometheus, streams, isLarge(size));
  const view = await wholeViewRows(app.url);
  return [...changes, ...refresh, ...view, ...servingRows("in use", await serving.stop())];
}

async function measureApp(laboratory: Laboratory, app: RunningApp, size: MeshSize): Promise<readonly Row[]> {
  const serving = watchServing(app.url);
  const { picture, ms } = await firstPicture(app, size);
  const first = [row("first complete picture, from process start", ms / 1000, { unit: "s", budget: FIRST_PICTURE_S }), ...servingRows("while the first picture is made", await serving.stop())];
  const calls = apiCallRows(laboratory.cluster);
  say(`first picture after ${(ms / 1000).toFixed(1)} s; ${PAGES} pages open`);
  const streams = await openStreams(app.url, PAGES);
  try {
    const steady = await steadyRows(laboratory, { app, size }, streams);
    const memory = [row("memory, steady", await steadyMemory(app), { unit: "MB", budget: STEADY_MB }), row("memory, peak", app.memory.peakMb, { unit: "MB", budget: PEAK_MB })];
    return [...contentRows(laboratory, picture), ...first, ...calls, ...steady, ...memory, ...(await heapRows(app.url))];
  } finally {
    await streams.close();
  }
}

/** Until Ctrl C. */
async function keep({ cluster, prometheus, kubeconfigFile }: Laboratory, app: RunningApp): Promise<void> {
  say(`\nmtlscope is at ${app.url}, until Ctrl C.\nIts servers: --kubeconfig ${kubeconfigFile} --prometheus ${prometheus.url} (an administrator's kubeconfig: ${cluster.kubeconfigFile})`);
  await new Promise((done) => process.once("SIGINT", done).once("SIGTERM", done));
}

async function measure(size: MeshSize, kept: boolean): Promise<readonly Row[]> {
  say(`${size.name}: ${size.workloads} workloads, ${size.edges} edges; filling the servers`);
  const laboratory = await openLaboratory(size);
  try {
    say(`filled in ${(laboratory.filledInMs / 1000).toFixed(1)} s: ${laboratory.objects} objects, ${laboratory.counters.length} series; starting mtlscope`);
    const app = await startApp(["--kubeconfig", laboratory.kubeconfigFile, "--prometheus", laboratory.prometheus.url]);
    try {
      const rows = await measureApp(laboratory, app, size);
      if (kept) await keep(laboratory, app);
      return rows.map((one) => ({ ...one, name: `${size.name}: ${one.name}` }));
    } finally {
      await app.stop();
    }
  } finally {
    await laboratory.stop();
  }
}

/** How many times as much a size costs as the one before, over how many times as large it is: 1 is linear, less is better. */
function growthRows(sizes: readonly MeshSize[], rows: readonly Row[]): readonly Row[] {
  const valueOf = (size: MeshSize, name: string): number => rows.find((one) => one.name === `${size.name}: ${name}`)?.value ?? Number.NaN;
  return sizes.slice(1).flatMap((size, at) => {
    const before = sizes[at] ?? size;
    const larger = (size.workloads + size.edges) / (before.workloads + before.edges);
    return GROWING.map((name) => row(`${before.name} to ${size.name}, per size: ${name}`, valueOf(size, name) / valueOf(before, name) / larger, { unit: "ratio", budget: LINEAR }));
  });
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { size: { type: "string", default: "S" }, json: { type: "boolean", default: false }, keep: { type: "boolean", default: false } } });
  const sizes = sizesOf(values.size);
  const rows: Row[] = [];
  for (const size of sizes) rows.push(...(await measure(size, values.keep)));
  rows.push(...growthRows(sizes, rows));
  if (values.json) console.log(JSON.stringify(rows));
  else rows.forEach(printRow);
  process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
}

await main();
