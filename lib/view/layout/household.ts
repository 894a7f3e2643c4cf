import type { EdgeView, NodeView } from "../meshView.ts";
import { byText } from "./arrange.ts";
import type { Link } from "./arrange.ts";

export type LayoutNode = Pick<NodeView, "id" | "kind" | "namespace">;
export type LayoutEdge = Pick<EdgeView, "client" | "server">;

/** In a namespace's box, beside it (`left` for callers, `right` for what is called), or in the box outside. */
export interface Home {
  /** empty for the box outside */
  readonly namespace: string;
  readonly place: "inside" | "left" | "right";
}

/** Who lives where, and who is linked with whom. */
export interface Household {
  /** by node id, in the order of the ids */
  readonly homes: ReadonlyMap<string, Home>;
  /** ids by namespace; the key "" is the box outside */
  readonly inside: ReadonlyMap<string, readonly string[]>;
  readonly left: ReadonlyMap<string, readonly string[]>;
  readonly right: ReadonlyMap<string, readonly string[]>;
  readonly linksInside: ReadonlyMap<string, readonly Link[]>;
  readonly linksBetween: readonly Link[];
  readonly linked: ReadonlyMap<string, readonly string[]>;
}

export const OUTSIDE = "";

/** Nodes that are named twice count once, edges whose ends are no nodes not at all. */
export function household(nodes: readonly LayoutNode[], edges: readonly LayoutEdge[]): Household {
  const sorted = [...new Map(nodes.map((node) => [node.id, node])).values()].sort((a, b) => byText(a.id, b.id));
  const namespaceOf = new Map(sorted.map((node) => [node.id, standsInBox(node) ? node.namespace : null]));
  const known = edges.filter((edge) => namespaceOf.has(edge.client) && namespaceOf.has(edge.server));
  const linked = new Map<string, string[]>(sorted.map((node) => [node.id, []]));
  const callers = new Set<string>();
  for (const { client, server } of known) {
    callers.add(client);
    linked.get(client)?.push(server);
    linked.get(server)?.push(client);
  }
  const homes = new Map<string, Home>();
  for (const node of sorted) {
    const around = (linked.get(node.id) ?? []).map((other) => namespaceOf.get(other) ?? null);
    homes.set(node.id, standsInBox(node) ? { namespace: node.namespace, place: "inside" } : partyHome(around, callers.has(node.id)));
  }
  return { homes, linked, ...groupHomes(homes), ...groupLinks(homes, known) };
}

/** A sender without a name is never drawn as if it lived in its server's namespace. */
function standsInBox(node: LayoutNode): boolean {
  return node.kind === "workload" || (node.namespace !== "" && node.kind !== "unidentified");
}

function partyHome(around: readonly (string | null)[], calls: boolean): Home {
  const [first, ...others] = new Set(around);
  if (first === undefined || first === null || others.length > 0) return { namespace: OUTSIDE, place: "inside" };
  return { namespace: first, place: calls ? "left" : "right" };
}

function groupHomes(homes: ReadonlyMap<string, Home>): Pick<Household, Home["place"]> {
  const groups = { inside: new Map<string, string[]>(), left: new Map<string, string[]>(), right: new Map<string, string[]>() };
  for (const [id, { namespace, place }] of homes) append(groups[place], namespace, id);
  return { ...groups, inside: new Map([...groups.inside].sort(([a], [b]) => byText(a, b))) };
}

function groupLinks(homes: ReadonlyMap<string, Home>, edges: readonly LayoutEdge[]): Pick<Household, "linksInside" | "linksBetween"> {
  const linksInside = new Map<string, Link[]>();
  const linksBetween: Link[] = [];
  for (const { client, server } of edges) {
    const [from, to] = [homes.get(client), homes.get(server)];
    if (from === undefined || to === undefined) continue;
    if (from.namespace !== to.namespace) linksBetween.push({ from: from.namespace, to: to.namespace });
    else if (from.place === "inside" && to.place === "inside") append(linksInside, from.namespace, { from: client, to: server });
  }
  return { linksInside, linksBetween };
}

function append<T>(into: Map<string, T[]>, key: string, value: T): void {
  const list = into.get(key);
  if (list === undefined) into.set(key, [value]);
  else list.push(value);
}
