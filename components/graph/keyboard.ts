import type { DrawnNode, GraphModel } from "./graphModel.ts";
import type { GraphSelection } from "./graphProps.ts";

export type Direction = "left" | "right" | "up" | "down";

const DIRECTIONS: Readonly<Record<string, Direction | undefined>> = { ArrowLeft: "left", ArrowRight: "right", ArrowUp: "up", ArrowDown: "down" };

/** @returns `null` where the key moves nothing */
export function directionOf(key: string): Direction | null {
  return Object.hasOwn(DIRECTIONS, key) ? (DIRECTIONS[key] ?? null) : null;
}

/** The nearest shown node in a direction; what lies straight ahead is nearer than what lies aside. */
export function nodeTowards(model: GraphModel, fromId: string | null, direction: Direction): GraphSelection | null {
  const shown = model.nodes.filter((node) => !node.hidden);
  const from = shown.find((node) => node.id === fromId);
  if (from === undefined) return shown[0] === undefined ? null : { kind: "node", id: shown[0].id };
  let best: DrawnNode | null = null;
  let bestReach = Infinity;
  for (const node of shown) {
    const reach = reachOf(node.centre.x - from.centre.x, node.centre.y - from.centre.y, direction);
    if (node.id !== from.id && reach < bestReach) [best, bestReach] = [node, reach];
  }
  return best === null ? null : { kind: "node", id: best.id };
}

function reachOf(dx: number, dy: number, direction: Direction): number {
  const sideways = direction === "left" || direction === "right";
  const [along, across] = sideways ? [dx, Math.abs(dy)] : [dy, Math.abs(dx)];
  const ahead = direction === "left" || direction === "up" ? -along : along;
  return ahead <= 4 ? Infinity : ahead + across * 2.5;
}

/** The next or previous edge of what has the focus: of the node, or of the client of the edge. */
export function edgeBeside(model: GraphModel, focus: GraphSelection | null, step: 1 | -1): GraphSelection | null {
  if (focus === null || focus.kind === "namespace") return null;
  const current = focus.kind === "edge" ? model.edges.findIndex((edge) => edge.id === focus.id) : -1;
  const node = focus.kind === "node" ? focus.id : model.edges[current]?.client;
  const edges = model.edges.filter((edge) => !edge.hidden && (edge.client === node || (focus.kind === "node" && edge.server === node)));
  if (edges.length === 0) return null;
  const at = edges.findIndex((edge) => edge.id === focus.id);
  const next = at === -1 ? (step === 1 ? 0 : edges.length - 1) : (at + step + edges.length) % edges.length;
  const id = edges[next]?.id;
  return id === undefined ? null : { kind: "edge", id };
}

/** What the keys act on. */
export interface KeyTarget {
  readonly model: GraphModel;
  readonly focus: GraphSelection | null;
  readonly moveTo: (thing: GraphSelection | null) => void;
  readonly select: (thing: GraphSelection | null) => void;
  readonly zoomBy: (factor: number) => void;
  readonly fit: () => void;
}

const ZOOM_STEP = 1.25;

/** @returns whether the key meant something here */
export function pressKey(pressed: { readonly key: string; readonly shiftKey: boolean }, target: KeyTarget): boolean {
  const direction = directionOf(pressed.key);
  if (direction !== null) {
    target.moveTo(pressed.shiftKey ? edgeBeside(target.model, target.focus, direction === "left" || direction === "up" ? -1 : 1) : towards(target, direction));
    return true;
  }
  switch (pressed.key) {
    case "Enter":
    case " ":
      target.select(target.focus);
      return true;
    case "Escape":
      target.select(null);
      return true;
    case "+":
      target.zoomBy(ZOOM_STEP);
      return true;
    case "-":
      target.zoomBy(1 / ZOOM_STEP);
      return true;
    case "0":
      target.fit();
      return true;
  }
  return false;
}

/** From an edge, left leads to its client and right to its server. */
function towards({ model, focus }: KeyTarget, direction: Direction): GraphSelection | null {
  const edge = focus?.kind === "edge" ? model.edges.find((candidate) => candidate.id === focus.id) : undefined;
  if (edge === undefined) return nodeTowards(model, focus?.kind === "node" ? focus.id : null, direction);
  return { kind: "node", id: direction === "left" || direction === "up" ? edge.client : edge.server };
}
