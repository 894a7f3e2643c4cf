import type { Digraph } from "./digraph.ts";
import type { Size } from "./geometry.ts";

export interface Spacing {
  readonly x: number;
  readonly y: number;
  /** how much the share of arcs inside one column weighs against a worse aspect ratio */
  readonly sameColumnWeight: number;
}

/** What is arranged: sizes by vertex, the arcs between them, and the gaps to keep. */
export interface Things {
  readonly sizes: readonly Size[];
  readonly graph: Digraph;
  readonly gap: Spacing;
}

export type Columns = readonly (readonly number[])[];

const ASPECT_RATIO = 1.6;
const HEIGHTS_TRIED = 16;
/** fewer things than this have room: who calls whom then counts more than the shape */
const FEW = 5;

/**
 * Layers as columns whose whole comes near the aspect ratio of a screen: neighbouring layers share a column while
 * they fit, and a layer that is too tall takes several. Several column heights are tried; the best one wins.
 */
export function wrapColumns(things: Things, layers: Columns): Columns {
  const tallest = things.sizes.reduce((most, size) => Math.max(most, size.height), 0);
  const total = columnHeight(things, things.sizes.map((_, vertex) => vertex));
  let best: Columns = layers;
  let bestScore = Infinity;
  for (let step = 0; step <= HEIGHTS_TRIED; step += 1) {
    const height = tallest * (total / tallest) ** (step / HEIGHTS_TRIED);
    const columns = wrapAt(things, layers, height * 1.0001);
    const score = badness(things, columns);
    if (score < bestScore - 1e-9) [best, bestScore] = [columns, score];
  }
  return best;
}

function wrapAt(things: Things, layers: Columns, height: number): Columns {
  const columns: number[][] = [];
  for (const layer of layers) {
    const last = columns.at(-1);
    if (last !== undefined && columnHeight(things, [...last, ...layer]) <= height) last.push(...layer);
    else columns.push(...slices(things, layer, height));
  }
  return columns;
}

/** Cuts a layer into as few columns as `height` allows, about equally tall. */
function slices(things: Things, layer: readonly number[], height: number): number[][] {
  const whole = columnHeight(things, layer);
  const limit = Math.min(height, (whole / Math.ceil(whole / height)) * 1.05);
  const result: number[][] = [];
  let room = -1;
  for (const vertex of layer) {
    const needed = (things.sizes[vertex]?.height ?? 0) + things.gap.y;
    const current = result.at(-1);
    if (current !== undefined && needed <= room) current.push(vertex);
    else {
      result.push([vertex]);
      room = limit + things.gap.y;
    }
    room -= needed;
  }
  return result;
}

function badness(things: Things, columns: Columns): number {
  const width = columns.reduce((sum, column) => sum + columnWidth(things, column) + things.gap.x, -things.gap.x);
  const height = columns.reduce((most, column) => Math.max(most, columnHeight(things, column)), 0);
  const weight = things.gap.sameColumnWeight * Math.max(1, FEW / things.graph.size);
  return Math.abs(Math.log(width / height / ASPECT_RATIO)) + weight * sameColumnShare(things, columns);
}

function sameColumnShare(things: Things, columns: Columns): number {
  const columnOf = new Array<number>(things.graph.size).fill(-1);
  for (const [at, column] of columns.entries()) for (const vertex of column) columnOf[vertex] = at;
  let arcs = 0;
  let same = 0;
  for (const [tail, heads] of things.graph.heads.entries()) {
    for (const head of heads) {
      arcs += 1;
      if (columnOf[tail] === columnOf[head]) same += 1;
    }
  }
  return arcs === 0 ? 0 : same / arcs;
}

export function columnHeight(things: Things, column: readonly number[]): number {
  return column.reduce((sum, vertex) => sum + (things.sizes[vertex]?.height ?? 0) + things.gap.y, -things.gap.y);
}

export function columnWidth(things: Things, column: readonly number[]): number {
  return column.reduce((most, vertex) => Math.max(most, things.sizes[vertex]?.width ?? 0), 0);
}

const SWEEPS = 8;

/** Orders within columns: each vertex goes to the mean height of its neighbours, sweeping to and fro; the best sweep is kept. */
export function sweepColumns(things: Things, columns: Columns): Columns {
  const { around } = things.graph;
  let current = columns;
  let best = columns;
  let bestLength = heightsBetween(around, rows(things, columns));
  for (let sweep = 0; sweep < SWEEPS && bestLength > 0; sweep += 1) {
    current = sweepOnce({ things, around, columns: current }, sweep % 2 === 0);
    const length = heightsBetween(around, rows(things, current));
    if (length < bestLength - 1e-9) [best, bestLength] = [current, length];
  }
  return best;
}

interface Sweep {
  readonly things: Things;
  readonly around: readonly (readonly number[])[];
  readonly columns: Columns;
}

function sweepOnce({ things, around, columns }: Sweep, leftToRight: boolean): Columns {
  const y = rows(things, columns);
  const result = [...columns];
  const places = [...columns.keys()];
  for (const at of leftToRight ? places : places.reverse()) {
    const wanted = (columns[at] ?? []).map((vertex) => ({ vertex, at: mean(around[vertex] ?? [], y) ?? y[vertex] ?? 0 }));
    const column = wanted.sort((a, b) => a.at - b.at || (y[a.vertex] ?? 0) - (y[b.vertex] ?? 0)).map(({ vertex }) => vertex);
    result[at] = column;
    stack(things, column, y);
  }
  return result;
}

function mean(vertices: readonly number[], y: readonly number[]): number | undefined {
  if (vertices.length === 0) return undefined;
  return vertices.reduce((sum, vertex) => sum + (y[vertex] ?? 0), 0) / vertices.length;
}

/** Heights of the centres, by vertex; each column is centred on 0. */
export function rows(things: Things, columns: Columns): number[] {
  const y = new Array<number>(things.sizes.length).fill(0);
  for (const column of columns) stack(things, column, y);
  return y;
}

function stack(things: Things, column: readonly number[], intoY: number[]): void {
  let top = -columnHeight(things, column) / 2;
  for (const vertex of column) {
    const height = things.sizes[vertex]?.height ?? 0;
    intoY[vertex] = top + height / 2;
    top += height + things.gap.y;
  }
}

function heightsBetween(around: readonly (readonly number[])[], y: readonly number[]): number {
  let sum = 0;
  for (const [vertex, others] of around.entries()) {
    for (const other of others) sum += Math.abs((y[vertex] ?? 0) - (y[other] ?? 0));
  }
  return sum;
}
