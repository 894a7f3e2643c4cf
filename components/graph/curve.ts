import type { Point, Rectangle } from "#view";

/** A line between two things: straight, or one cubic curve. Drawing, marks and the pointer's test share it. */
export interface Curve {
  readonly start: Point;
  readonly control1: Point;
  readonly control2: Point;
  readonly end: Point;
  readonly straight: boolean;
}

/** Among the lines between the same two things, whichever way they run. */
export interface Parallel {
  readonly index: number;
  readonly count: number;
  /** runs against the direction in which the pair is sorted */
  readonly turned: boolean;
}

/** how far the control points of parallel lines stand apart, in model pixels; all of them together no farther than the bundle */
const PARALLEL_STEP = 44;
const PARALLEL_BUNDLE = 260;
const LOOP_REACH = 22;

/** @param detour how much farther it bends, to one side or the other */
export function curveBetween(from: Rectangle, to: Rectangle, parallel: Parallel, detour = 0): Curve {
  const [a, b] = [middle(from), middle(to)];
  const bend = bendOf(parallel) + detour;
  const [dx, dy] = [b.x - a.x, b.y - a.y];
  const length = Math.hypot(dx, dy) || 1;
  const control = { x: (a.x + b.x) / 2 - (dy / length) * bend, y: (a.y + b.y) / 2 + (dx / length) * bend };
  const [start, end] = [leave(from, control), leave(to, control)];
  return { start, end, control1: mix(start, control, 2 / 3), control2: mix(end, control, 2 / 3), straight: bend === 0 };
}

/** From a thing to itself: a loop at its upper right corner. */
export function loopOn({ x, y, width }: Rectangle): Curve {
  const right = x + width;
  return {
    start: { x: right - LOOP_REACH, y },
    control1: { x: right - LOOP_REACH, y: y - LOOP_REACH * 1.5 },
    control2: { x: right + LOOP_REACH * 1.7, y: y - LOOP_REACH * 0.6 },
    end: { x: right, y: y + LOOP_REACH * 0.55 },
    straight: false,
  };
}

/** One line alone is straight. */
function bendOf({ index, count, turned }: Parallel): number {
  return (index - (count - 1) / 2) * Math.min(PARALLEL_STEP, PARALLEL_BUNDLE / count) * (turned ? -1 : 1);
}

/** Where a line from the middle towards `target` leaves the rectangle. */
function leave(rectangle: Rectangle, target: Point): Point {
  const centre = middle(rectangle);
  const [dx, dy] = [target.x - centre.x, target.y - centre.y];
  const part = Math.min(rectangle.width / 2 / (Math.abs(dx) || 1e-9), rectangle.height / 2 / (Math.abs(dy) || 1e-9), 1);
  return { x: centre.x + dx * part, y: centre.y + dy * part };
}

function middle({ x, y, width, height }: Rectangle): Point {
  return { x: x + width / 2, y: y + height / 2 };
}

function mix(from: Point, to: Point, part: number): Point {
  return { x: from.x + (to.x - from.x) * part, y: from.y + (to.y - from.y) * part };
}

/** @param part 0 at the start, 1 at the end */
export function pointOn({ start, control1, control2, end, straight }: Curve, part: number): Point {
  if (straight) return mix(start, end, part);
  const rest = 1 - part;
  const [a, b, c, d] = [rest ** 3, 3 * rest * rest * part, 3 * rest * part * part, part ** 3];
  return {
    x: a * start.x + b * control1.x + c * control2.x + d * end.x,
    y: a * start.y + b * control1.y + c * control2.y + d * end.y,
  };
}

/** Groups lines by the two things they join, and numbers them in each group. */
export function parallels(lines: readonly { readonly id: string; readonly client: string; readonly server: string }[]): ReadonlyMap<string, Parallel> {
  const pairs = new Map<string, { readonly id: string; readonly turned: boolean }[]>();
  for (const { id, client, server } of lines) {
    const turned = client > server;
    const key = turned ? `${server}\n${client}` : `${client}\n${server}`;
    const pair = pairs.get(key);
    if (pair === undefined) pairs.set(key, [{ id, turned }]);
    else pair.push({ id, turned });
  }
  const places = new Map<string, Parallel>();
  for (const pair of pairs.values()) {
    for (const [index, { id, turned }] of pair.entries()) places.set(id, { index, count: pair.length, turned });
  }
  return places;
}
