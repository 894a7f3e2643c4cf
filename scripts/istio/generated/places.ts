import type { Draw } from "./draw.ts";

/** Where a generated mesh happens, and how strange it is. */
export interface Places {
  readonly namespaces: readonly string[];
  readonly root: string;
  readonly trustDomain: string;
  readonly ambient: boolean;
  /** half of the meshes hold what nobody should write */
  readonly nasty: boolean;
  /** whether it holds what the other conformance files leave out: endpoints that are not ready or name no pod, ports of Sidecars, flags of istiod */
  readonly wild: boolean;
}

export const APPS = ["api", "mail", "cart", "front", "report", "db", "user", "batch", "queue", "stock", "auth", "cache"] as const;

const NAMESPACES = ["data", "core", "pay", "ops", "edge", "shop", "web"] as const;

export function placesOf(draw: Draw, wild: boolean): Places {
  const nasty = draw.chance(0.6);
  const wanted = 2 + draw.below(3);
  const inhabited = [...NAMESPACES].sort(() => draw.below(3) - 1).slice(0, wanted);
  const root = draw.chance(0.06) ? "istio-config" : "istio-system";
  return { namespaces: [...new Set([...inhabited, root, "istio-system"])], root, trustDomain: draw.chance(0.08) ? "example.org" : "cluster.local", ambient: draw.chance(0.3), nasty, wild };
}

/** A namespace, the root more seldom than others. */
export function somewhere(draw: Draw, { namespaces }: Places): string {
  return draw.chance(0.75) ? draw.pick(namespaces.filter((name) => !name.startsWith("istio"))) : draw.pick(namespaces);
}

/** A list as `exportTo` has it, in its many spellings. */
export function exportTo(draw: Draw, places: Places, strange: readonly string[] = []): readonly string[] {
  return draw.weighted<() => readonly string[]>([
    [3, () => ["*"]],
    [3, () => ["."]],
    [3, () => [draw.pick(places.namespaces)]],
    [2, () => [".", draw.pick(places.namespaces)]],
    [1, () => [draw.pick(places.namespaces), draw.pick(places.namespaces)].filter((name, at, all) => all.indexOf(name) === at)],
    [strange.length === 0 ? 0 : 2, () => [draw.pick(strange)]],
  ])();
}
