/** Vertices are numbers; no self loops, no repeated arcs. */
export interface Digraph {
  readonly size: number;
  readonly heads: readonly (readonly number[])[];
  readonly tails: readonly (readonly number[])[];
  /** tails and heads together; a neighbour in both directions stands there twice */
  readonly around: readonly (readonly number[])[];
}

/** @param arcs pairs of vertices below `size`; self loops and repetitions are dropped */
export function digraph(size: number, arcs: Iterable<readonly [number, number]>): Digraph {
  const heads: number[][] = Array.from({ length: size }, () => []);
  const tails: number[][] = Array.from({ length: size }, () => []);
  const seen = new Set<number>();
  for (const [tail, head] of arcs) {
    const arc = tail * size + head;
    if (tail === head || seen.has(arc)) continue;
    seen.add(arc);
    heads[tail]?.push(head);
    tails[head]?.push(tail);
  }
  const around = tails.map((own, vertex) => [...own, ...(heads[vertex] ?? [])]);
  return { size, heads, tails, around };
}

interface Removal {
  readonly graph: Digraph;
  readonly open: Set<number>;
  readonly inDegree: number[];
  readonly outDegree: number[];
  readonly sinks: number[];
  readonly sources: number[];
}

/**
 * An order in which few arcs point backwards (Eades, Lin, Smyth 1993): take sinks from the end, sources from the front,
 * and where neither is left, the vertex with the largest surplus of outgoing arcs.
 */
export function feedbackOrder(graph: Digraph): readonly number[] {
  const removal: Removal = {
    graph,
    open: new Set(graph.heads.keys()),
    inDegree: graph.tails.map((tails) => tails.length),
    outDegree: graph.heads.map((heads) => heads.length),
    sinks: [],
    sources: [],
  };
  for (const vertex of removal.open) classify(removal, vertex);
  const front: number[] = [];
  const back: number[] = [];
  while (removal.open.size > 0) {
    const sink = nextOpen(removal, removal.sinks);
    const vertex = sink ?? nextOpen(removal, removal.sources) ?? largestSurplus(removal);
    (sink === undefined ? front : back).push(vertex);
    remove(removal, vertex);
  }
  return [...front, ...back.reverse()];
}

function classify(into: Removal, vertex: number): void {
  if (into.outDegree[vertex] === 0) into.sinks.push(vertex);
  else if (into.inDegree[vertex] === 0) into.sources.push(vertex);
}

function nextOpen(removal: Removal, candidates: number[]): number | undefined {
  for (let vertex = candidates.pop(); vertex !== undefined; vertex = candidates.pop()) {
    if (removal.open.has(vertex)) return vertex;
  }
  return undefined;
}

function largestSurplus(removal: Removal): number {
  let best = -1;
  let bestSurplus = -Infinity;
  for (const vertex of removal.open) {
    const surplus = (removal.outDegree[vertex] ?? 0) - (removal.inDegree[vertex] ?? 0);
    if (surplus > bestSurplus) [best, bestSurplus] = [vertex, surplus];
  }
  return best;
}

function remove(into: Removal, vertex: number): void {
  into.open.delete(vertex);
  for (const head of into.graph.heads[vertex] ?? []) lower(into, into.inDegree, head);
  for (const tail of into.graph.tails[vertex] ?? []) lower(into, into.outDegree, tail);
}

function lower(into: Removal, indexDegree: number[], vertex: number): void {
  indexDegree[vertex] = (indexDegree[vertex] ?? 0) - 1;
  if (into.open.has(vertex)) classify(into, vertex);
}

/**
 * Longest-path layers, left to right. Arcs that point backwards in `order` count as if they were turned round.
 * Vertices that are called from nowhere stand next to what they call, not at the far left.
 */
export function layers(graph: Digraph, order: readonly number[]): readonly (readonly number[])[] {
  const rank = new Array<number>(graph.size).fill(0);
  for (const [at, vertex] of order.entries()) rank[vertex] = at;
  const layer = longestPaths(graph, order, rank);
  pullTowardsCalled(graph, order, { rank, intoLayer: layer });
  const result: number[][] = [];
  for (const vertex of order) (result[layer[vertex] ?? 0] ??= []).push(vertex);
  // layers that nobody moved into stay holes of the array, which `filter` passes over
  return result.filter((members) => members.length > 0);
}

function longestPaths(graph: Digraph, order: readonly number[], rank: readonly number[]): number[] {
  const layer = new Array<number>(graph.size).fill(0);
  for (const vertex of order) {
    const own = rank[vertex] ?? 0;
    let most = 0;
    for (const other of graph.around[vertex] ?? []) if ((rank[other] ?? 0) < own) most = Math.max(most, (layer[other] ?? 0) + 1);
    layer[vertex] = most;
  }
  return layer;
}

function pullTowardsCalled(graph: Digraph, order: readonly number[], { rank, intoLayer }: { readonly rank: readonly number[]; readonly intoLayer: number[] }): void {
  for (const vertex of [...order].reverse()) {
    const around = graph.around[vertex] ?? [];
    const later = around.filter((other) => (rank[other] ?? 0) > (rank[vertex] ?? 0));
    if (later.length * 2 <= around.length) continue;
    intoLayer[vertex] = later.reduce((least, other) => Math.min(least, (intoLayer[other] ?? 0) - 1), Infinity);
  }
}
