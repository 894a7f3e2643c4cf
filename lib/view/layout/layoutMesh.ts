import { arrange, byText } from "./arrange.ts";
import { cellOf } from "./cell.ts";
import type { Cell } from "./cell.ts";
import { BOX_GAP } from "./geometry.ts";
import type { MeshLayout, Point } from "./geometry.ts";
import { household } from "./household.ts";
import type { Household, LayoutEdge, LayoutNode } from "./household.ts";
import { placeNewcomers } from "./newcomers.ts";

/**
 * Where everything in the graph stands: layered left to right inside each namespace, and the namespaces as boxes in the
 * same way. A party from outside that deals with one namespace stands beside its box; the others share one box.
 * The order of the input does not matter, and how a namespace looks inside depends on its own nodes and edges alone.
 *
 * @param previous keeps every node and box where it was; newcomers are placed around them. Where most nodes are new there is
 *   nothing to keep, and all is arranged anew, as without it
 * @returns `previous` itself where nobody came or went
 */
export function layoutMesh(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[], previous?: MeshLayout): MeshLayout {
  const home = household(nodes, edges);
  if (previous === undefined) return arrangeCells(home);
  const staying = previous.nodes.filter(({ id }) => home.homes.has(id)).length;
  return staying * 2 < home.homes.size ? arrangeCells(home) : placeNewcomers(home, previous);
}

function arrangeCells(home: Household): MeshLayout {
  const cells = [...home.inside.keys()].map((namespace) => cellOf(home, namespace));
  const items = cells.map((cell) => ({ id: cell.box.namespace, width: cell.width, height: cell.height }));
  const { centres } = arrange(items, home.linksBetween, BOX_GAP);
  const placed = cells.map((cell) => moveCell(cell, centres.get(cell.box.namespace) ?? { x: 0, y: 0 }));
  return {
    nodes: placed.flatMap((cell) => cell.nodes).sort((a, b) => byText(a.id, b.id)),
    boxes: placed.map((cell) => cell.box),
  };
}

function moveCell(cell: Cell, centre: Point): Cell {
  const [x, y] = [Math.round(centre.x - cell.width / 2), Math.round(centre.y - cell.height / 2)];
  return {
    ...cell,
    nodes: cell.nodes.map((node) => ({ id: node.id, x: node.x + x, y: node.y + y })),
    box: { ...cell.box, x: cell.box.x + x, y: cell.box.y + y },
  };
}
