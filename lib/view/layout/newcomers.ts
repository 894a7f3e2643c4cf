import { byText } from "./arrange.ts";
import { cellOf } from "./cell.ts";
import { BOX_GAP, BOX_HEADER, BOX_PADDING, NODE, NODE_GAP, around, centreOf, contains, distance, hull, touches } from "./geometry.ts";
import type { LayoutBox, LayoutPosition, MeshLayout, Point, Rectangle, Size } from "./geometry.ts";
import type { Home, Household } from "./household.ts";

/** The picture while newcomers are placed into it. Nothing that stands in it is ever moved; boxes may grow. */
interface Picture {
  readonly home: Household;
  readonly nodes: Map<string, Point>;
  /** nodes that stand in no box */
  readonly loose: Rectangle[];
  boxes: readonly LayoutBox[];
}

const MARGIN = NODE_GAP.y;
const ROOM_AROUND = BOX_GAP.y;

/** The layout with those that came since, and without those that went; whoever stayed keeps their place. @returns `previous` itself where nobody came or went */
export function placeNewcomers(home: Household, previous: MeshLayout): MeshLayout {
  const nodes = new Map<string, Point>();
  for (const { id, x, y } of previous.nodes) if (home.homes.has(id)) nodes.set(id, { x, y });
  if (nodes.size === previous.nodes.length && nodes.size === home.homes.size) return previous;
  const places = [...nodes.values()].map((centre) => around(centre, NODE));
  const boxes = previous.boxes.filter((box) => places.some((place) => contains(box, place)));
  const loose = places.filter((place) => !boxes.some((box) => contains(box, place)));
  const picture: Picture = { home, nodes, loose, boxes };
  for (const namespace of home.inside.keys()) {
    if (!boxes.some((box) => box.namespace === namespace)) addNamespace(picture, namespace);
  }
  for (const [id, where] of home.homes) {
    if (picture.nodes.has(id)) continue;
    if (where.place === "inside") addInside(picture, id, where.namespace);
    else addBeside(picture, id, where);
  }
  return {
    nodes: [...picture.nodes].map(([id, { x, y }]): LayoutPosition => ({ id, x, y })).sort((a, b) => byText(a.id, b.id)),
    boxes: picture.boxes,
  };
}

/** A namespace that is new comes as a whole, arranged inside as it always would be. */
function addNamespace(into: Picture, namespace: string): void {
  const cell = cellOf(into.home, namespace);
  const newcomers = cell.nodes.filter((node) => !into.nodes.has(node.id));
  const near = meanOf(into, newcomers.flatMap((node) => into.home.linked.get(node.id) ?? []));
  const corner = freeSpot(into, cell, near);
  const box = { ...cell.box, x: cell.box.x + corner.x, y: cell.box.y + corner.y };
  into.boxes = [...into.boxes, box];
  for (const node of newcomers) {
    const centre = { x: node.x + corner.x, y: node.y + corner.y };
    into.nodes.set(node.id, centre);
    if (!contains(box, around(centre, NODE))) into.loose.push(around(centre, NODE));
  }
}

function addInside(into: Picture, id: string, namespace: string): void {
  const own = into.boxes.filter((box) => box.namespace === namespace);
  const slots = own.flatMap((box) => slotsIn(into, box));
  const near = meanOf(into, into.home.linked.get(id) ?? []) ?? centreOf(own[0] ?? { x: 0, y: 0, ...NODE });
  const [best] = slots.sort((a, b) => a.growth - b.growth || distance(a.centre, near) - distance(b.centre, near));
  if (best !== undefined) {
    into.nodes.set(id, best.centre);
    into.boxes = into.boxes.map((box) => (box === best.box ? { ...box, ...best.grown } : box));
    return;
  }
  addSecondBox(into, { id, namespace, near });
}

interface Slot {
  readonly box: LayoutBox;
  readonly centre: Point;
  readonly grown: Rectangle;
  /** area the box gains */
  readonly growth: number;
}

/** Free places for a node in the columns and rows of a box, and one column or row beyond them where the box can grow. */
function slotsIn(picture: Picture, box: LayoutBox): Slot[] {
  const members = [...picture.nodes.values()].filter((centre) => contains(box, around(centre, NODE)));
  const others = obstacles(picture, box);
  const slots: Slot[] = [];
  for (const centre of candidates(box, members)) {
    const place = around(centre, NODE);
    if (members.some((member) => touches(around(member, NODE), place, MARGIN - 1))) continue;
    const grown = hull(box, padded(place));
    if (others.some((other) => touches(other, grown, MARGIN))) continue;
    slots.push({ box, centre, grown, growth: grown.width * grown.height - box.width * box.height });
  }
  return slots;
}

function candidates(box: LayoutBox, members: readonly Point[]): Point[] {
  const [across, down] = [NODE.width + NODE_GAP.x, NODE.height + NODE_GAP.y];
  const first = { x: box.x + BOX_PADDING + NODE.width / 2, y: box.y + BOX_HEADER + BOX_PADDING + NODE.height / 2 };
  const beside = members.flatMap(({ x, y }) => [
    { x, y: y + down },
    { x, y: y - down },
    { x: x + across, y },
    { x: x - across, y },
  ]);
  return [first, ...beside];
}

/** A node's place with what a box keeps around it. */
function padded(place: Rectangle): Rectangle {
  return {
    x: place.x - BOX_PADDING,
    y: place.y - BOX_PADDING - BOX_HEADER,
    width: place.width + 2 * BOX_PADDING,
    height: place.height + 2 * BOX_PADDING + BOX_HEADER,
  };
}

/** Everything that a growing box may not touch. */
function obstacles(picture: Picture, except: LayoutBox | null): Rectangle[] {
  return [...picture.boxes.filter((box) => box !== except), ...picture.loose];
}

function addSecondBox(into: Picture, newcomer: { readonly id: string; readonly namespace: string; readonly near: Point }): void {
  const box = padded({ x: 0, y: 0, ...NODE });
  const corner = freeSpot(into, box, newcomer.near);
  const label = into.boxes.find((other) => other.namespace === newcomer.namespace)?.label ?? newcomer.namespace;
  into.boxes = [...into.boxes, { namespace: newcomer.namespace, label, ...corner, width: box.width, height: box.height }];
  into.nodes.set(newcomer.id, { x: corner.x - box.x + NODE.width / 2, y: corner.y - box.y + NODE.height / 2 });
}

function addBeside(into: Picture, id: string, where: Home): void {
  const box = into.boxes.find((other) => other.namespace === where.namespace);
  const server = meanOf(into, into.home.linked.get(id) ?? []);
  const wanted = box === undefined ? server : { x: where.place === "left" ? box.x - NODE.width : box.x + box.width + NODE.width, y: (server ?? box).y };
  const corner = freeSpot(into, NODE, wanted);
  into.loose.push({ ...corner, ...NODE });
  into.nodes.set(id, centreOf({ ...corner, ...NODE }));
}

/** The upper left corner of the free place nearest to `near`: at a side of something that stands there, or below it all. */
function freeSpot(picture: Picture, size: Size, near: Point | null): Point {
  const taken = obstacles(picture, null);
  const whole = taken.reduce<Rectangle | null>((sum, place) => (sum === null ? place : hull(sum, place)), null);
  if (whole === null) return { x: 0, y: 0 };
  const target = near ?? { x: whole.x, y: whole.y + whole.height };
  const gap = size === NODE ? MARGIN * 2 : ROOM_AROUND;
  const below = { x: whole.x, y: whole.y + whole.height + gap };
  const free = taken
    .flatMap((place) => sides(place, size, gap))
    .filter((corner) => !taken.some((other) => touches(other, { ...corner, ...size }, gap - 1)));
  const reach = (corner: Point) => distance(centreOf({ ...corner, ...size }), target);
  return free.reduce((best, corner) => (reach(corner) < reach(best) ? corner : best), below);
}

function sides(place: Rectangle, size: Size, gap: number): Point[] {
  const [right, bottom] = [place.x + place.width + gap, place.y + place.height + gap];
  const [left, top] = [place.x - size.width - gap, place.y - size.height - gap];
  const middle = Math.round(place.y + (place.height - size.height) / 2);
  return [
    { x: right, y: place.y },
    { x: left, y: place.y },
    { x: right, y: middle },
    { x: left, y: middle },
    { x: place.x, y: bottom },
    { x: place.x, y: top },
  ];
}

function meanOf(picture: Picture, ids: readonly string[]): Point | null {
  const known = ids.map((id) => picture.nodes.get(id)).filter((point) => point !== undefined);
  if (known.length === 0) return null;
  return { x: known.reduce((sum, { x }) => sum + x, 0) / known.length, y: known.reduce((sum, { y }) => sum + y, 0) / known.length };
}
