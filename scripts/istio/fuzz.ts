// Asks Istio's own code and the engine about meshes that nobody wrote: `npm run fuzz:istio -- --seed N --meshes N [--wild] [--minimise N] [--write FILE]`
// One line per kind of disagreement, the smallest mesh that shows it, and exit 1 where there is any.
import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { generatedMesh } from "./generated/mesh.ts";
import type { Mesh } from "./generated/mesh.ts";
import type { Disagreement } from "./istio.ts";
import { build, compared, ISTIO } from "./istio.ts";
import { minimised } from "./minimised.ts";

const BATCH = 100;

function kindOf({ field, istio, ours }: Disagreement): string {
  return `${field}: Istio ${istio}, ours ${ours}`;
}

function told(kind: string, all: readonly Disagreement[]): string {
  return `${String(all.length).padStart(5)}  ${kind}  ${all.slice(0, 6).map(({ query }) => String(query["id"])).join(" ")}`;
}

/** Those that are still there when asked again: a control plane that has not seen every object yet answers otherwise. */
function confirmed(all: readonly Disagreement[]): readonly Disagreement[] {
  if (all.length === 0) return all;
  const again = new Set(compared([...new Set(all.map(({ mesh }) => mesh))]).disagreements.map((one) => `${String(one.query["id"])} ${kindOf(one)}`));
  return all.filter((one) => again.has(`${String(one.query["id"])} ${kindOf(one)}`));
}

const { values } = parseArgs({ options: { seed: { type: "string", default: "1" }, meshes: { type: "string", default: "100" }, minimise: { type: "string", default: "0" }, write: { type: "string" }, wild: { type: "boolean", default: false } } });
const [seed, wanted, shown] = [Number(values.seed), Number(values.meshes), Number(values.minimise)];
build();
const disagreements: Disagreement[] = [];
const answered: Mesh[] = [];
let queries = 0;
for (let at = 0; at < wanted; at += BATCH) {
  const meshes = Array.from({ length: Math.min(BATCH, wanted - at) }, (_, index) => generatedMesh(seed + at + index, values.wild));
  const found = compared(meshes);
  queries += found.queries;
  disagreements.push(...confirmed(found.disagreements));
  answered.push(...found.answered);
}
process.stdout.write(`${wanted} meshes, ${queries} queries that Istio's control plane decides, ${disagreements.length} fields disagree\n`);
const kinds = Map.groupBy(disagreements, kindOf);
for (const [kind, all] of [...kinds].sort(([, a], [, b]) => b.length - a.length)) process.stdout.write(`${told(kind, all)}\n`);
for (const [kind, [first]] of [...kinds].slice(0, shown)) {
  if (first === undefined) continue;
  process.stdout.write(`\n${kind} ${first.note}\n`);
  const { env, objects, queries: asked } = minimised(first);
  for (const one of [env ?? {}, ...objects.filter(({ kind: is }) => is !== "Namespace"), ...asked]) process.stdout.write(`  ${JSON.stringify(one)}\n`);
}
if (values.write !== undefined) writeFileSync(values.write, JSON.stringify({ schema: "mtlscope-conformance/1", istio: ISTIO, meshes: answered }));
process.exitCode = disagreements.length > 0 ? 1 : 0;
