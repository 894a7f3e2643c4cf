import { arrange } from "./arrange.ts";
import { BESIDE_GAP, BOX_HEADER, BOX_PADDING, NODE, NODE_GAP } from "./geometry.ts";
import type { LayoutBox, LayoutPosition, Size } from "./geometry.ts";
import { OUTSIDE } from "./household.ts";
import type { Household } from "./household.ts";

/** A namespace's box with what stands beside it; all relative to the cell's upper left corner. */
export interface Cell extends Size {
  readonly nodes: readonly LayoutPosition[];
  readonly box: LayoutBox;
}

const NO_LINKS = [] as const;
const PITCH = NODE.height + NODE_GAP.y;

/** The box of one namespace, with its members arranged in it. @param namespace a key of `home.inside` */
export function cellOf(home: Household, namespace: string): Cell {
  const members = (home.inside.get(namespace) ?? []).map((id) => ({ id, ...NODE }));
  const inner = arrange(members, home.linksInside.get(namespace) ?? NO_LINKS, NODE_GAP);
  const box = { width: inner.width + 2 * BOX_PADDING, height: inner.height + 2 * BOX_PADDING + BOX_HEADER };
  const left = columnsOf(home.left.get(namespace) ?? []);
  const right = columnsOf(home.right.get(namespace) ?? []);
  const height = Math.max(box.height, columnHeight(left), columnHeight(right));
  const corner = { x: sideWidth(left), y: Math.round((height - box.height) / 2) };
  const width = corner.x + box.width + sideWidth(right);
  const nodes = [...inner.centres].map(([id, centre]) => ({
    id,
    x: Math.round(corner.x + BOX_PADDING + centre.x),
    y: Math.round(corner.y + BOX_HEADER + BOX_PADDING + centre.y),
  }));
  return {
    nodes: [...nodes, ...besideNodes(left, 0, height), ...besideNodes(right, corner.x + box.width + BESIDE_GAP, height)],
    box: { namespace, label: namespace === OUTSIDE ? "outside" : namespace, ...corner, ...box },
    width,
    height,
  };
}

/** Columns of parties. Few stand in one column; many make a block that is not much taller than wide. */
function columnsOf(ids: readonly string[]): readonly (readonly string[])[] {
  const rows = Math.max(4, Math.ceil(Math.sqrt(ids.length * 4)));
  const columns: string[][] = [];
  for (let at = 0; at < ids.length; at += rows) columns.push(ids.slice(at, at + rows));
  return columns;
}

function columnHeight(columns: readonly (readonly string[])[]): number {
  const rows = columns[0]?.length ?? 0;
  return rows === 0 ? 0 : rows * PITCH - NODE_GAP.y;
}

function sideWidth(columns: readonly (readonly string[])[]): number {
  if (columns.length === 0) return 0;
  return columns.length * (NODE.width + NODE_GAP.y) - NODE_GAP.y + BESIDE_GAP;
}

function besideNodes(columns: readonly (readonly string[])[], left: number, cellHeight: number): LayoutPosition[] {
  const top = (cellHeight - columnHeight(columns)) / 2 + NODE.height / 2;
  return columns.flatMap((column, at) =>
    column.map((id, row) => ({
      id,
      x: Math.round(left + NODE.width / 2 + at * (NODE.width + NODE_GAP.y)),
      y: Math.round(top + row * PITCH),
    })),
  );
}
