import { expect, it } from "vitest";
import { presentMesh } from "#view";
import { judge, edge, verdicts } from "./picture.ts";
import type { EdgeSpec, WorkloadSpec } from "./picture.ts";

const WORKLOADS = 10_000;
const EDGES = 50_000;

function server(number: number): string {
  return `ns-${number % 100}/workload-${number}`;
}

/** Every twelfth edge is plaintext; sources and targets are spread by two strides. */
function spec(number: number): EdgeSpec {
  const [from, to] = [server((number * 7) % WORKLOADS), server((number * 13 + Math.floor(number / WORKLOADS)) % WORKLOADS)];
  return number % 12 === 0 ? { from, to, counts: { plaintext: 30 }, state: "plaintext", rest: { key: `edge ${number}` } } : { from, to, counts: { mtls: 3_000 }, state: "mTLS", rest: { key: `edge ${number}` } };
}

// Generous, for a busy machine: what grows with the square would need minutes.
it("presents 10,000 workloads and 50,000 edges without growing faster than they do", () => {
  const workloads = Array.from({ length: WORKLOADS }, (_, number): WorkloadSpec => ({ id: server(number) }));
  const by = judge(workloads);
  const picture = { ...verdicts({ workloads, edges: [] }), judge: by, edges: Array.from({ length: EDGES }, (_, number) => edge(spec(number), by)) };
  const startedMs = performance.now();
  const view = presentMesh(picture, { revision: 1, mesh: { name: "large", simulated: true, playground: null, savedAtMs: null }, sources: [] });
  const elapsedMs = performance.now() - startedMs;
  expect([view.nodes.length, view.edges.length, view.namespaces.length]).toEqual([WORKLOADS, EDGES, 100]);
  expect(new Set(view.edges.map(({ id }) => id)).size).toBe(EDGES);
  expect(elapsedMs).toBeLessThan(10_000);
}, 60_000);
