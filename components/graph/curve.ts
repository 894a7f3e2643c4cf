import type { Point, Rectangle } from "#view";
import { NODE_SIZE } from "#view";

/** A line between two nodes: straight, or one quadratic curve. Whoever draws edges draws these. */
export interface Curve {
  readonly start: Point;
  readonly control: Point;
  readonly end: Point;
}

/** how far parallel edges' control points stand apart, in model pixels */
const PARALLEL_STEP = 44;
const COLUMN_BOW = 110;

/** @param bend how far the control point stands off the straight line between the centres, to the right of the direction */
export function curveBetween(from: Point, to: Point, bend: number): Curve {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const length = Math.hypot(dx, dy) || 1;
  const control = { x: (from.x + to.x) / 2 - (dy / length) * bend, y: (from.y + to.y) / 2 + (dx / length) * bend };
  return { start: leave(from, control), control, end: leave(to, control) };
}

/** Where a line from the centre towards `target` leaves the node. */
function leave(centre: Point, target: Point): Point {
  const [dx, dy] = [target.x - centre.x, target.y - centre.y];
  const part = Math.min(NODE_SIZE.width / 2 / (Math.abs(dx) || 1e-9), NODE_SIZE.height / 2 / (Math.abs(dy) || 1e-9), 1);
  return { x: centre.x + dx * part, y: centre.y + dy * part };
}

export function pointOn({ start, control, end }: Curve, part: number): Point {
  const rest = 1 - part;
  return {
    x: rest * rest * start.x + 2 * rest * part * control.x + part * part * end.x,
    y: rest * rest * start.y + 2 * rest * part * control.y + part * part * end.y,
  };
}

/** The bend of one of several edges between the same two nodes; one alone is straight, but for the way round a column's nodes. */
export function bendOf(from: Point, to: Point, among: { readonly index: number; readonly count: number; readonly turned: boolean }): number {
  const side = among.turned ? -1 : 1;
  const apart = (among.index - (among.count - 1) / 2) * PARALLEL_STEP * side;
  const sameColumn = Math.abs(to.x - from.x) < NODE_SIZE.width / 2 && Math.abs(to.y - from.y) > NODE_SIZE.height * 2;
  return sameColumn ? apart + COLUMN_BOW * Math.sign(from.y - to.y || 1) : apart;
}

export interface MarkWanted {
  readonly id: string;
  readonly curve: Curve;
}

const PARTS = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82] as const;
const CELL_PX = 128;
const MARK_PX = 18;

/**
 * Where each edge's mark stands: at its middle, or as near to it as the nodes and the marks before it allow.
 *
 * @param wanted in the order of who chooses first
 */
export function markPlaces(wanted: readonly MarkWanted[], nodes: readonly Rectangle[]): ReadonlyMap<string, Point> {
  const nodesNear = new Map<string, Rectangle[]>();
  const marksNear = new Map<string, Point[]>();
  for (const node of nodes) for (const cell of cellsOf(node)) append(nodesNear, cell, node);
  const places = new Map<string, Point>();
  for (const { id, curve } of wanted) {
    const candidates = PARTS.map((part) => pointOn(curve, part));
    const bare = candidates.filter((point) => !(nodesNear.get(cellAt(point)) ?? []).some((node) => covers(node, point)));
    const free = bare.find((point) => !(marksNear.get(cellAt(point)) ?? []).some((mark) => Math.hypot(mark.x - point.x, mark.y - point.y) < MARK_PX));
    const place = free ?? bare[0] ?? pointOn(curve, 0.5);
    places.set(id, place);
    for (const cell of cellsOf({ ...place, width: 0, height: 0 })) append(marksNear, cell, place);
  }
  return places;
}

function covers(node: Rectangle, { x, y }: Point): boolean {
  const margin = MARK_PX / 2;
  return x > node.x - margin && x < node.x + node.width + margin && y > node.y - margin && y < node.y + node.height + margin;
}

function cellAt({ x, y }: Point): string {
  return `${Math.floor(x / CELL_PX)},${Math.floor(y / CELL_PX)}`;
}

function cellsOf(place: Rectangle): string[] {
  const cells: string[] = [];
  for (let x = Math.floor((place.x - MARK_PX) / CELL_PX); x * CELL_PX <= place.x + place.width + MARK_PX; x += 1) {
    for (let y = Math.floor((place.y - MARK_PX) / CELL_PX); y * CELL_PX <= place.y + place.height + MARK_PX; y += 1) cells.push(`${x},${y}`);
  }
  return cells;
}

function append<T>(into: Map<string, T[]>, key: string, value: T): void {
  const list = into.get(key);
  if (list === undefined) into.set(key, [value]);
  else list.push(value);
}
