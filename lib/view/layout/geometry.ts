/** Model pixels; at zoom 1 they are screen pixels. `x` grows to the right, `y` downwards. */
export interface Point {
  readonly x: number;
  readonly y: number;
}

/** `x` and `y` are the upper left corner. */
export interface Rectangle extends Point {
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export function centreOf(rectangle: Rectangle): Point {
  return { x: rectangle.x + rectangle.width / 2, y: rectangle.y + rectangle.height / 2 };
}

export function around(centre: Point, size: Size): Rectangle {
  return { x: centre.x - size.width / 2, y: centre.y - size.height / 2, width: size.width, height: size.height };
}

/** Do the two come nearer than `gap` to each other? */
export function touches(first: Rectangle, second: Rectangle, gap: number): boolean {
  return (
    first.x < second.x + second.width + gap &&
    second.x < first.x + first.width + gap &&
    first.y < second.y + second.height + gap &&
    second.y < first.y + first.height + gap
  );
}

/** The smallest rectangle around both. */
export function hull(first: Rectangle, second: Rectangle): Rectangle {
  const x = Math.min(first.x, second.x);
  const y = Math.min(first.y, second.y);
  const right = Math.max(first.x + first.width, second.x + second.width);
  const bottom = Math.max(first.y + first.height, second.y + second.height);
  return { x, y, width: right - x, height: bottom - y };
}

export function contains(outer: Rectangle, inner: Rectangle): boolean {
  return (
    inner.x >= outer.x &&
    inner.y >= outer.y &&
    inner.x + inner.width <= outer.x + outer.width &&
    inner.y + inner.height <= outer.y + outer.height
  );
}

export function distance(first: Point, second: Point): number {
  return Math.hypot(first.x - second.x, first.y - second.y);
}

/** Size of a node in the graph, in model pixels; layout and drawing share it. */
export const NODE: Size = { width: 158, height: 36 };
export const NODE_GAP = { x: 50, y: 14, sameColumnWeight: 2 } as const;
export const BOX_GAP = { x: 90, y: 52, sameColumnWeight: 0.8 } as const;
export const BOX_PADDING = 20;
/** room for the namespace's name at the top of its box */
export const BOX_HEADER = 30;
/** between a box and the parties that stand beside it */
export const BESIDE_GAP = 40;

/** The rectangle behind a namespace's nodes. A namespace has a second one where newcomers found no room beside the first. */
export interface LayoutBox extends Rectangle {
  /** empty for the box of what is outside the mesh */
  readonly namespace: string;
  readonly label: string;
}

export interface LayoutPosition extends Point {
  readonly id: string;
}

/** Plain JSON. Nodes give centres, boxes their upper left corner; in model pixels, `y` downwards. */
export interface MeshLayout {
  readonly nodes: readonly LayoutPosition[];
  readonly boxes: readonly LayoutBox[];
}
