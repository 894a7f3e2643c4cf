import { layoutMesh, type LayoutEdge, type LayoutNode } from "#layout";

/** `npm run bench:graph [-- --json]`: how long the graph's layout takes. Exits 1 over budget. */

interface Size {
  readonly workloads: number;
  readonly edges: number;
  readonly namespaces: number;
  readonly budgetMs: number;
}

interface Row {
  readonly name: string;
  readonly value: number;
  readonly unit: "ms";
  readonly budget: number;
  readonly ok: boolean;
}

const SIZES: readonly Size[] = [
  { workloads: 60, edges: 150, namespaces: 8, budgetMs: 12 },
  { workloads: 100, edges: 300, namespaces: 10, budgetMs: 18 },
  { workloads: 1_000, edges: 4_000, namespaces: 40, budgetMs: 120 },
];
const RUNS = 20;
/** half of the calls stay in their namespace, as in the meshes that people draw */
const INSIDE = 0.5;

/** The same mesh in every run: a linear congruential generator with a fixed seed. */
function meshOf({ workloads, edges, namespaces }: Size): { readonly nodes: readonly LayoutNode[]; readonly edges: readonly LayoutEdge[] } {
  let state = 7;
  const random = (): number => {
    state = (state * 1_664_525 + 1_013_904_223) % 4_294_967_296;
    return state / 4_294_967_296;
  };
  const nodes = Array.from({ length: workloads }, (_, index): LayoutNode => {
    const namespace = `team-${Math.floor(random() * namespaces)}`;
    return { id: `${namespace}/service-${index}`, kind: "workload", namespace };
  });
  const ofNamespace = Map.groupBy(nodes, ({ namespace }) => namespace);
  const pick = (among: readonly LayoutNode[]): LayoutNode | undefined => among[Math.floor(random() * among.length)];
  const calls = Array.from({ length: edges }, (): LayoutEdge => {
    const client = pick(nodes);
    const server = pick(random() < INSIDE ? (ofNamespace.get(client?.namespace ?? "") ?? nodes) : nodes);
    return { client: client?.id ?? "", server: server?.id ?? "" };
  });
  return { nodes, edges: calls };
}

/** Mean time of this thread on the processor, so that other work on the machine does not count. The clock is coarse: all runs are timed as one. */
function timed(run: () => unknown): number {
  run();
  const start = process.threadCpuUsage();
  for (let count = 0; count < RUNS; count += 1) run();
  const { user, system } = process.threadCpuUsage(start);
  return (user + system) / 1000 / RUNS;
}

function row(name: string, valueMs: number, budgetMs: number): Row {
  return { name, value: Math.round(valueMs * 10) / 10, unit: "ms", budget: budgetMs, ok: valueMs <= budgetMs };
}

function rowsOf(size: Size): readonly Row[] {
  const { nodes, edges } = meshOf(size);
  const label = `${size.workloads} workloads, ${size.edges} edges`;
  const anew = timed(() => layoutMesh(nodes, edges));
  const previous = layoutMesh(nodes, edges);
  const newcomer: LayoutNode = { id: "team-0/newcomer", kind: "workload", namespace: "team-0" };
  const refresh = timed(() => layoutMesh([...nodes, newcomer], edges, previous));
  return [row(`layout, ${label}`, anew, size.budgetMs), row(`layout of one newcomer, ${label}`, refresh, size.budgetMs / 2)];
}

const rows = SIZES.flatMap(rowsOf);
if (process.argv.includes("--json")) console.log(JSON.stringify(rows));
else for (const { name, value, unit, budget, ok } of rows) console.log(`${ok ? "ok  " : "OVER"} ${name}: ${value} ${unit} (budget ${budget})`);
process.exitCode = rows.every(({ ok }) => ok) ? 0 : 1;
