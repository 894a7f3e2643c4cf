import type { Configuration, DestinationRule, MeshChange, MeshSnapshot, MeshVerdicts, PeerAuthentication, Pod } from "#mesh";
import { applyChange, evaluateMesh, judgeMesh } from "#mesh";
import { namespaceOutlook, strictOutlook } from "#proposals";
import { presentMesh } from "#view";
import { generatedMesh, sizeText, type Size } from "./bench/generatedMesh.ts";
import { measured, measuredWith, type Measured } from "./bench/measured.ts";

/**
 * `npm run bench:engine [-- --json]`: how long an evaluation takes, from nothing and after one changed object. Exits 1 over budget.
 *
 * Budgets are of processor time of the main thread, so that other work on the machine does not count; the wall clock is told beside it.
 * Cold means that nothing of the mesh was evaluated before; the program itself is warm, as it is in a server.
 */

interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: "ms" | "MB" | "ratio";
  /** `null`: told, and not held to anything */
  readonly budget: number | null;
  readonly ok: boolean;
  readonly wallMs?: number;
}

const SIZES: readonly Size[] = [{ workloads: 1_000, edges: 4_000 }, { workloads: 5_000, edges: 20_000 }, { workloads: 10_000, edges: 50_000 }];
const LARGEST = 10_000;
const COLD_MS = 250;
const CHANGED_MS = 10;
/** what the verdicts of a mesh may hold, telemetry and objects aside */
const HEAP_MB = 200;
/** a guard: a picture is drawn beside the engine, and once */
const PRESENT_MS = 400;
/** caches of the processor hold less of a larger mesh */
const LINEAR = 1.5;

const CONTEXT = { revision: 1, mesh: { name: "generated", simulated: true, playground: null, savedAtMs: null }, sources: [] };

function row(name: string, value: number, budget: number | null, rest: Pick<Row, "unit"> & Partial<Row> = { unit: "ms" }): Row {
  return { name, value: Math.round(value * 10) / 10, budget, ok: budget === null || value <= budget, ...rest };
}

function timeRow(name: string, { cpuMs, wallMs }: Measured, budget: number | null): Row {
  return row(name, cpuMs, budget, { unit: "ms", wallMs: Math.round(wallMs * 10) / 10 });
}

interface Changed {
  readonly what: string;
  readonly change: MeshChange;
  readonly budgetMs: number;
}

function updated<T extends PeerAuthentication | DestinationRule | Pod>(from: T | undefined, to: (one: T) => T): MeshChange {
  if (from === undefined) throw new Error("the generated mesh lacks an object to change");
  return { add: [], update: [[from, to(from)]], remove: [] };
}

function turned(policy: PeerAuthentication): PeerAuthentication {
  return { ...policy, mode: policy.mode === "STRICT" ? "PERMISSIVE" : "STRICT" };
}

function changes({ objects }: Configuration): readonly Changed[] {
  const [rule] = objects.DestinationRule;
  const [pod] = objects.Pod;
  const policy = (test: (one: PeerAuthentication) => boolean): PeerAuthentication | undefined => objects.PeerAuthentication.find(test);
  const isWide = ({ namespace, selector }: PeerAuthentication): boolean => selector === null && namespace !== "istio-system";
  return [
    { what: "PeerAuthentication of a workload", budgetMs: CHANGED_MS, change: updated(policy(({ selector }) => selector !== null), turned) },
    { what: "PeerAuthentication of a namespace", budgetMs: CHANGED_MS, change: updated(policy(isWide), turned) },
    { what: "PeerAuthentication of the mesh", budgetMs: COLD_MS, change: updated(policy(({ namespace }) => namespace === "istio-system"), turned) },
    { what: "DestinationRule", budgetMs: CHANGED_MS, change: updated(rule, (one) => ({ ...one, trafficPolicy: null })) },
    { what: "Pod", budgetMs: CHANGED_MS, change: updated(pod, (one) => ({ ...one, ips: ["10.255.0.1"], ready: !one.ready })) },
  ];
}

/** Every run finds the mesh in the same state. */
function changedRow({ what, change, budgetMs }: Changed, evaluated: MeshVerdicts): Row {
  const next: MeshSnapshot = { ...evaluated.snapshot, configuration: applyChange(evaluated.snapshot.configuration, change) };
  return timeRow(`one changed ${what}`, measured(() => evaluateMesh(next, judgeMesh(next.configuration, evaluated.judge), evaluated)), evaluated.judge.workloads.size === LARGEST ? budgetMs : null);
}

/** A refresh of telemetry, in which every count may differ. */
function refreshed(evaluated: MeshVerdicts): Measured {
  const { snapshot, judge } = evaluated;
  return measuredWith(() => ({ ...snapshot, telemetry: { ...snapshot.telemetry } }), (next) => evaluateMesh(next, judge, evaluated));
}

/** The picture of a mesh of which nothing was drawn before. */
function drawnWhole(snapshot: MeshSnapshot): Measured {
  return measuredWith(() => evaluateMesh(snapshot), (verdicts) => presentMesh(verdicts, CONTEXT));
}

/** The picture after one changed object, of a mesh that was drawn before it. */
function redrawn(evaluated: MeshVerdicts): Measured {
  presentMesh(evaluated, CONTEXT);
  const [changed] = changes(evaluated.snapshot.configuration);
  if (changed === undefined) throw new Error("nothing to change");
  const next: MeshSnapshot = { ...evaluated.snapshot, configuration: applyChange(evaluated.snapshot.configuration, changed.change) };
  return measuredWith(() => evaluateMesh(next, judgeMesh(next.configuration, evaluated.judge), evaluated), (verdicts) => presentMesh(verdicts, { ...CONTEXT, before: evaluated }));
}

function heapMb(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1_048_576;
}

function rowsOf(size: Size): readonly Row[] {
  const held = (budget: number): number | null => (size.workloads === LARGEST ? budget : null);
  const snapshot = generatedMesh(size);
  const before = heapMb();
  const cold = measured(() => evaluateMesh(snapshot));
  const evaluated = evaluateMesh(snapshot);
  const heap = heapMb() - before;
  const rows = [
    timeRow("cold evaluation", cold, held(COLD_MS)),
    ...changes(snapshot.configuration).map((changed) => changedRow(changed, evaluated)),
    timeRow("new telemetry", refreshed(evaluated), null),
    row("heap of an evaluation", heap, held(HEAP_MB), { unit: "MB" }),
    timeRow("namespaceOutlook", measured(() => namespaceOutlook({ ...evaluated })), null),
    timeRow("strictOutlook", measured(() => strictOutlook({ ...evaluated })), null),
    timeRow("presentMesh", drawnWhole(snapshot), held(PRESENT_MS)),
    timeRow("presentMesh after one changed PeerAuthentication of a workload", redrawn(evaluated), null),
  ];
  return rows.map((one) => ({ ...one, name: `${size.workloads} workloads, ${size.edges} edges (${sizeText(snapshot)}): ${one.name}` }));
}

/** How many times longer a size takes than the one before it, over how many times larger it is: 1 is linear. */
function growth(rows: readonly (readonly Row[])[]): readonly Row[] {
  return SIZES.slice(1).map((size, at) => {
    const before = SIZES[at] ?? size;
    const [smaller, larger] = [rows[at]?.[0]?.value ?? 1, rows[at + 1]?.[0]?.value ?? 1];
    const times = (size.workloads + size.edges) / (before.workloads + before.edges);
    return row(`growth of a cold evaluation from ${before.workloads} to ${size.workloads} workloads, per doubling of workloads and edges`, larger / smaller / times, LINEAR, { unit: "ratio" });
  });
}

function print({ name, value, unit, budget, ok, wallMs }: Row): void {
  const wall = wallMs === undefined ? "" : `, wall ${wallMs} ms`;
  console.log(`${ok ? "ok  " : "OVER"} ${name}: ${value} ${unit}${wall}${budget === null ? "" : ` (budget ${budget})`}`);
}

const bySize = SIZES.map(rowsOf);
const rows = [...bySize.flat(), ...growth(bySize)];
if (process.argv.includes("--json")) console.log(JSON.stringify(rows));
else rows.forEach(print);
process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
