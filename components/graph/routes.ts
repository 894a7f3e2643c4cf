import type { MeshLayout, Rectangle } from "#view";
import { curveBetween, loopOn, pointOn } from "./curve.ts";
import type { Curve, Parallel } from "./curve.ts";
import { PlaneIndex } from "./planeIndex.ts";

/** In the order in which they are preferred. */
const DETOURS_PX = [0, 60, -60, 110, -110, 160, -160] as const;
const SAMPLES = 24;
/** where so many lines cross anyway, a way round costs time and helps nobody */
const MANY_EDGES = 1500;

/** Draws lines round the nodes between their ends where a small detour is enough. */
export class Routes {
  readonly #nodes: PlaneIndex<Rectangle> | null;
  readonly #curves = new Map<string, Curve>();

  constructor(nodes: readonly Rectangle[], edges: number) {
    this.#nodes = edges > MANY_EDGES ? null : new PlaneIndex<Rectangle>();
    for (const node of nodes) this.#nodes?.add(node, node);
  }

  between(from: Rectangle, to: Rectangle, parallel: Parallel): Curve {
    const key = [from.x, from.y, to.x, to.y, parallel.index, parallel.count, parallel.turned].join(" ");
    const curve = this.#curves.get(key) ?? this.#clear(from, to, parallel);
    this.#curves.set(key, curve);
    return curve;
  }

  #clear(from: Rectangle, to: Rectangle, parallel: Parallel): Curve {
    if (from === to) return loopOn(from);
    let best = curveBetween(from, to, parallel);
    if (this.#nodes === null) return best;
    let fewest = this.#crossed(best, from, to);
    for (const detour of DETOURS_PX) {
      if (fewest === 0) break;
      const curve = curveBetween(from, to, parallel, detour);
      const crossed = this.#crossed(curve, from, to);
      if (crossed < fewest) [best, fewest] = [curve, crossed];
    }
    return best;
  }

  /** How many nodes it runs behind, other than its ends. */
  #crossed(curve: Curve, from: Rectangle, to: Rectangle): number {
    const found = new Set<Rectangle>();
    for (let sample = 1; sample < SAMPLES; sample += 1) {
      const { x, y } = pointOn(curve, sample / SAMPLES);
      for (const node of this.#nodes?.near({ x, y }, 0) ?? []) {
        if (x > node.x && x < node.x + node.width && y > node.y && y < node.y + node.height && !isSame(node, from) && !isSame(node, to)) found.add(node);
      }
    }
    return found.size;
  }
}

function isSame(first: Rectangle, second: Rectangle): boolean {
  return first.x === second.x && first.y === second.y;
}

const known = new WeakMap<MeshLayout, Routes>();

/** The routes of one layout: they are the same at every refresh that moves nobody. */
export function routesOf(layout: MeshLayout, nodes: readonly Rectangle[], edges: number): Routes {
  const routes = known.get(layout) ?? new Routes(nodes, edges);
  known.set(layout, routes);
  return routes;
}
