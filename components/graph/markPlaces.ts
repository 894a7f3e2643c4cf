import type { Point, Rectangle } from "#view";
import { pointOn } from "./curve.ts";
import type { Curve } from "./curve.ts";
import { PlaneIndex } from "./planeIndex.ts";

export interface MarkWanted {
  readonly id: string;
  readonly curve: Curve;
}

const PARTS = [0.5, 0.42, 0.58, 0.34, 0.66, 0.26, 0.74, 0.18, 0.82] as const;
const MARK_PX = 18;

/**
 * Where each edge's mark stands: at its middle, or as near to it as the nodes and the marks before it allow.
 *
 * @param wanted in the order of who chooses first
 */
export function markPlaces(wanted: readonly MarkWanted[], nodes: readonly Rectangle[]): ReadonlyMap<string, Point> {
  const taken = new PlaneIndex<Rectangle>();
  for (const node of nodes) taken.add(node, node);
  const marks = new PlaneIndex<Point>();
  const places = new Map<string, Point>();
  for (const { id, curve } of wanted) {
    const place = placeOn(curve, taken, marks);
    places.set(id, place);
    marks.add({ ...place, width: 0, height: 0 }, place);
  }
  return places;
}

/** Most lines are free in their middle: the next place is only looked at where the one before does not do. */
function placeOn(curve: Curve, taken: PlaneIndex<Rectangle>, marks: PlaneIndex<Point>): Point {
  let bare: Point | undefined;
  for (const part of PARTS) {
    const point = pointOn(curve, part);
    if (taken.near(point, MARK_PX / 2).some((node) => covers(node, point))) continue;
    if (!marks.near(point, MARK_PX).some((mark) => Math.hypot(mark.x - point.x, mark.y - point.y) < MARK_PX)) return point;
    bare ??= point;
  }
  return bare ?? pointOn(curve, 0.5);
}

function covers(node: Rectangle, { x, y }: Point): boolean {
  const margin = MARK_PX / 2;
  return x > node.x - margin && x < node.x + node.width + margin && y > node.y - margin && y < node.y + node.height + margin;
}
