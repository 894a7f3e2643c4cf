import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { openLaboratory, type Laboratory } from "../laboratory.ts";
import { median } from "../median.ts";
import { memoryBelow } from "../processes.ts";
import { download, pictureOf, type Picture } from "../meshApi.ts";
import { randomFrom } from "../random.ts";
import { printRow, row, type Row } from "../row.ts";
import { startApp, until, type RunningApp } from "../runningApp.ts";
import type { MeshSize } from "../sizes.ts";
import { keepChanging } from "./changes.ts";
import { differences } from "./differences.ts";
import { keepFailing, type Surroundings } from "./faults.ts";
import { FaultyServer } from "./faultyServer.ts";
import { keepSending } from "./traffic.ts";

/**
 * `npm run soak -- --minutes 10 [--json]`: objects and traffic change all the time and the ways to both servers fail in every way, one after
 * the other. At the end nothing has crashed, memory is flat, and the picture is that of a process that was started just now.
 */

const SIZE: MeshSize = { name: "S", workloads: 300, edges: 1_000 };
const SEED = 7;
const RECOVERS_WITHIN_MS = 60_000;
const GROWTH_PERCENT = 10;

function say(text: string): void {
  process.stderr.write(`${text}\n`);
}

function isHealthy({ sources, edges }: Picture): boolean {
  return edges.length > 0 && sources.every(({ state }) => state === "live" || state === "absent");
}

async function healthyPicture(app: RunningApp, what: string): Promise<Picture> {
  let last: Picture | undefined;
  try {
    return await until(what, RECOVERS_WITHIN_MS, async () => {
      last = await pictureOf(await download(app.url));
      return isHealthy(last) ? last : undefined;
    });
  } catch (error) {
    throw new Error(`${(error as Error).message}; last seen: ${last?.edges.length ?? 0} edges, sources ${JSON.stringify(last?.sources)}\n${app.output().slice(-4_000)}`, { cause: error });
  }
}

/** Reads memory until the time is over; says every minute how it goes. */
async function watch(app: RunningApp, endMs: number): Promise<readonly number[]> {
  const samples: number[] = [];
  while (Date.now() < endMs) {
    if (!app.isRunning()) throw new Error(`mtlscope ended:\n${app.output()}`);
    samples.push(memoryBelow(app.id));
    if (samples.length % 60 === 0) say(`${samples.length} s: ${Math.round(samples.at(-1) ?? 0)} MB`);
    await sleep(1_000);
  }
  return samples;
}

/** How much more the last third takes than the third before it, in percent: the first third fills caches. */
function growth(samples: readonly number[]): number {
  const third = Math.floor(samples.length / 3);
  return 100 * (median(samples.slice(-third)) / median(samples.slice(third, 2 * third)) - 1);
}

interface Soaked {
  readonly samples: readonly number[];
  readonly changes: number;
  readonly troubles: ReadonlyMap<string, number>;
}

async function soak(laboratory: Laboratory, surroundings: Surroundings, { app, minutes }: { readonly app: RunningApp; readonly minutes: number }): Promise<Soaked> {
  const random = randomFrom(SEED);
  const changing = keepChanging(laboratory.cluster, random);
  const sending = keepSending(laboratory.prometheus.url, laboratory.counters, random);
  const failing = keepFailing(surroundings, random);
  try {
    const samples = await watch(app, Date.now() + minutes * 60_000);
    return { samples, changes: changing.made(), troubles: failing.had };
  } finally {
    await failing.stop();
    await Promise.all([changing.stop(), sending.stop()]);
  }
}

/** Against the servers themselves, with no fault between. */
async function freshPicture({ kubeconfigFile, prometheus }: Laboratory): Promise<Picture> {
  const fresh = await startApp(["--kubeconfig", kubeconfigFile, "--prometheus", prometheus.url]);
  try {
    return await healthyPicture(fresh, "the picture of a fresh process");
  } finally {
    await fresh.stop();
  }
}

async function rowsOf(laboratory: Laboratory, surroundings: Surroundings, minutes: number): Promise<readonly Row[]> {
  const app = await startApp(["--kubeconfig", laboratory.cluster.writeKubeconfig("soak", {}, surroundings.api.url), "--prometheus", surroundings.prometheus.url]);
  try {
    await healthyPicture(app, "the first picture");
    say(`soaking for ${minutes} minutes`);
    const { samples, changes, troubles } = await soak(laboratory, surroundings, { app, minutes });
    const calmMs = Date.now();
    await healthyPicture(app, "recovery");
    const recoveredMs = Date.now() - calmMs;
    const fresh = await freshPicture(laboratory);
    const different = differences(await healthyPicture(app, "the last picture"), fresh);
    for (const difference of different.slice(0, 20)) say(`different: ${difference}`);
    return [
      row("changes made", changes, { unit: "changes" }),
      ...[...troubles].map(([name, times]) => row(name, times, { unit: "times" })),
      row("recovery after the last fault", recoveredMs / 1000, { unit: "s", budget: RECOVERS_WITHIN_MS / 1000 }),
      row("memory, median of the last third", median(samples.slice(-Math.floor(samples.length / 3))), { unit: "MB" }),
      row("memory, growth from the second third to the last", growth(samples), { unit: "%", budget: GROWTH_PERCENT }),
      row("differences from a fresh process's picture", different.length, { unit: "differences", budget: 0 }),
    ];
  } finally {
    await app.stop();
  }
}

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { minutes: { type: "string", default: "10" }, json: { type: "boolean", default: false } } });
  say("filling the servers");
  const laboratory = await openLaboratory(SIZE, 0);
  const { cluster, prometheus, kubeconfigFile } = laboratory;
  const { users: [{ user: { token } }] } = JSON.parse(readFileSync(kubeconfigFile, "utf8")) as { readonly users: readonly [{ readonly user: { readonly token: string } }] };
  const api = await FaultyServer.before({ url: cluster.url, certificateAuthority: readFileSync(join(cluster.folder, "tls/apiserver.crt"), "utf8"), token });
  const surroundings = { cluster, api, prometheus: await FaultyServer.before({ url: prometheus.url }) };
  try {
    const rows = await rowsOf(laboratory, surroundings, Number(values.minutes));
    if (values.json) console.log(JSON.stringify(rows));
    else rows.forEach(printRow);
    process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
  } finally {
    await Promise.all([surroundings.api.stop(), surroundings.prometheus.stop()]);
    await laboratory.stop();
  }
}

await main();
