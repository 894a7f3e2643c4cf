import type { DisagreementView, EdgeState, EdgeView, MeshView, NodeView } from "#view";
import { isPartlyUnclear } from "../state/stateTone.ts";
import type { Having } from "../words.ts";
import type { Address } from "./address.ts";

/** What the address leaves of the picture. Graph, tables and lists show the same. */
export interface Scope {
  readonly nodes: readonly NodeView[];
  readonly edges: readonly EdgeView[];
  /** edges of each state before the states themselves are filtered */
  readonly counts: readonly { readonly state: EdgeState; readonly edges: number }[];
  /** of those that are mTLS, how many have a part whose security nobody reported */
  readonly partlyUnclear: number;
  readonly nodesById: ReadonlyMap<string, NodeView>;
}

/** How a person calls a node: a workload by namespace and name, anything else by what it is. */
export function nodeName(node: NodeView | undefined, id: string): string {
  if (node === undefined) return id;
  return node.kind === "workload" ? `${node.namespace}/${node.name}` : node.name;
}

export function indexNodes(view: MeshView): ReadonlyMap<string, NodeView> {
  return new Map(view.nodes.map((node) => [node.id, node]));
}

/** Those of which neither a workload nor traffic is known. */
export function unknownNamespaces(view: Pick<MeshView, "namespaces">, chosen: readonly string[]): readonly string[] {
  const known = new Set(view.namespaces.map(({ name }) => name));
  return chosen.filter((name) => !known.has(name));
}

export type Filters = Pick<Address, "namespaces" | "states" | "text" | "having" | "incoming">;

/** Whether there was this on a connection. */
export function has(edge: EdgeView, having: Having): boolean {
  if (having === "disagreement") return edge.disagreement !== null;
  return having === "unreported" ? edge.unreportedPlaintext > 0 : edge.counts[having] > 0;
}

/** What configuration says the client sends, as the search finds it. */
export function sendsText({ sends }: EdgeView): string {
  return sends.length === 0 ? "nothing known" : sends.join(" or ");
}

/** What configuration says where something else was observed, as the search finds it. */
export function configuredText({ transports, isDenied }: DisagreementView): string {
  return `configured ${transports.length === 0 ? "STRICT" : transports.join(" or ")}${isDenied ? ", denied" : ""};`;
}

/** All that the search finds an edge by, beside the names of its ends. */
function findable(edge: EdgeView): string {
  const { host, state, accepts, disagreement } = edge;
  const words = [host ?? "", state, isPartlyUnclear(edge) ? "unclear" : "", `sends ${sendsText(edge)}, accepts ${accepts.join(" or ")}`];
  return [...words, ...(disagreement === null ? [] : [disagreement.text, configuredText(disagreement)])].join(" ");
}

function edgeMatches(edge: EdgeView, text: string, nodesById: ReadonlyMap<string, NodeView>): boolean {
  const client = nodeName(nodesById.get(edge.client), edge.client);
  const server = nodeName(nodesById.get(edge.server), edge.server);
  return `${client} ${server} ${findable(edge)}`.toLowerCase().includes(text);
}

function countStates(edges: readonly EdgeView[]): Scope["counts"] {
  const counts = new Map<EdgeState, number>();
  for (const edge of edges) counts.set(edge.state, (counts.get(edge.state) ?? 0) + 1);
  return [...counts].map(([state, number]) => ({ state, edges: number }));
}

/** Whether an edge is one of those asked for, whatever its state. */
export function inScope(filters: Filters, nodesById: ReadonlyMap<string, NodeView>): (edge: EdgeView) => boolean {
  const namespaces = new Set(filters.namespaces);
  const text = filters.text.trim().toLowerCase();
  const inNamespace = (id: string) => namespaces.has(nodesById.get(id)?.namespace ?? "");
  return (edge) => {
    if (namespaces.size > 0 && !inNamespace(edge.server) && (filters.incoming || !inNamespace(edge.client))) return false;
    if (filters.having !== null && !has(edge, filters.having)) return false;
    return text === "" || edgeMatches(edge, text, nodesById);
  };
}

/** Whoever asks for what is unclear is shown mTLS with an unclear part, too. */
function inStates(states: ReadonlySet<EdgeState>): (edge: EdgeView) => boolean {
  return (edge) => states.has(edge.state) || (states.has("unclear") && isPartlyUnclear(edge));
}

/** @param address an edge is in scope when either of its ends lies in one of the namespaces; its server, where only what comes in is asked for */
export function scopeOf(view: MeshView, address: Filters): Scope {
  const nodesById = indexNodes(view);
  const namespaces = new Set(address.namespaces);
  const states = new Set(address.states);
  const text = address.text.trim().toLowerCase();

  const beforeStates = view.edges.filter(inScope(address, nodesById));
  const edges = states.size === 0 ? beforeStates : beforeStates.filter(inStates(states));

  const ends = new Set(edges.flatMap((edge) => [edge.client, edge.server]));
  const nodes = view.nodes.filter((node) => {
    if (ends.has(node.id)) return true;
    if (states.size > 0 || address.having !== null || (namespaces.size > 0 && !namespaces.has(node.namespace))) return false;
    return nodeName(node, node.id).toLowerCase().includes(text);
  });
  return { nodes, edges, counts: countStates(beforeStates), partlyUnclear: beforeStates.filter(isPartlyUnclear).length, nodesById };
}
