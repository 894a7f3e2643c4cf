import { columnHeight, columnWidth, rows, sweepColumns, wrapColumns } from "./columns.ts";
import type { Columns, Spacing, Things } from "./columns.ts";
import { digraph, feedbackOrder, layers } from "./digraph.ts";
import type { Point, Size } from "./geometry.ts";

export interface Item extends Size {
  readonly id: string;
}

export interface Link {
  readonly from: string;
  readonly to: string;
}

export interface Arrangement extends Size {
  /** centres by id, relative to the upper left corner */
  readonly centres: ReadonlyMap<string, Point>;
}

/** By code unit: the same order on every machine, whatever its locale. */
export function byText(first: string, second: string): number {
  if (first === second) return 0;
  return first < second ? -1 : 1;
}

/**
 * Layered, left to right: who calls stands left of what it calls. Items without links stand in columns of their own at the
 * right. The order in which items and links are given does not matter.
 *
 * @param links those that name no item are left out
 */
export function arrange(items: readonly Item[], links: readonly Link[], gap: Spacing): Arrangement {
  const sorted = [...items].sort((a, b) => byText(a.id, b.id));
  const index = new Map(sorted.map((item, at) => [item.id, at]));
  const arcs: [number, number][] = [];
  for (const { from, to } of links) {
    const [tail, head] = [index.get(from), index.get(to)];
    if (tail !== undefined && head !== undefined) arcs.push([tail, head]);
  }
  arcs.sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const things: Things = { sizes: sorted, graph: digraph(sorted.length, arcs), gap };
  const columns = sweepColumns(things, wrapColumns(things, layersAndLoose(things)));
  return placed(things, columns, sorted);
}

function layersAndLoose(things: Things): Columns {
  const { graph } = things;
  const isLoose = (vertex: number) => graph.heads[vertex]?.length === 0 && graph.tails[vertex]?.length === 0;
  const loose = [...graph.heads.keys()].filter(isLoose);
  const order = feedbackOrder(graph).filter((vertex) => !isLoose(vertex));
  const linked = layers(graph, order);
  return loose.length === 0 ? linked : [...linked, loose];
}

function placed(things: Things, columns: Columns, items: readonly Item[]): Arrangement {
  const height = columns.reduce((most, column) => Math.max(most, columnHeight(things, column)), 0);
  const y = rows(things, columns);
  const centres = new Map<string, Point>();
  let left = 0;
  for (const column of columns) {
    const width = columnWidth(things, column);
    for (const vertex of column) {
      centres.set(items[vertex]?.id ?? "", { x: left + width / 2, y: height / 2 + (y[vertex] ?? 0) });
    }
    left += width + things.gap.x;
  }
  return { centres, width: Math.max(0, left - things.gap.x), height };
}
