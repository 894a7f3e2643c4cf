import type { AttentionView, EdgeView, MeshView, NodeView } from "#view";
import type { Address } from "../address/address.ts";
import { has, indexNodes, nodeName } from "../address/scope.ts";
import { isolated } from "../isolated.ts";
import { worstFirst } from "../state/worstFirst.ts";

/** Rows that are read; they are shared among the kinds there are. */
const ROWS = 12;
const OF_A_KIND_AT_LEAST = 3;

export type Item = Pick<AttentionView, "kind" | "sentence" | "atMs" | "edge" | "namespace">;

/** One kind of thing that needs a person: a few of them, how many more, and the filter that finds them all. */
export interface Concern {
  readonly kind: AttentionView["kind"];
  readonly items: readonly Item[];
  readonly hidden: number;
  /** of the list of connections; `null` where these are namespaces */
  readonly filter: Partial<Address> | null;
}

interface OfEdges {
  readonly kind: AttentionView["kind"];
  readonly test: (edge: EdgeView) => boolean;
  readonly filter: Partial<Address>;
}

/** Most urgent first. */
const OF_EDGES: readonly OfEdges[] = [
  { kind: "disagreement", test: (edge) => has(edge, "disagreement"), filter: { having: "disagreement" } },
  { kind: "plaintext", test: (edge) => has(edge, "plaintext"), filter: { having: "plaintext" } },
  { kind: "refused", test: (edge) => has(edge, "refused"), filter: { having: "refused" } },
  { kind: "expected blocked", test: ({ state }) => state === "expected blocked", filter: { states: ["expected blocked"] } },
];

interface Found {
  readonly kind: AttentionView["kind"];
  /** as many as there can be room for */
  readonly first: readonly Item[];
  readonly number: number;
  readonly filter: Partial<Address> | null;
}

/** An edge of which the picture of the whole mesh had no room to tell. */
function untold(edge: EdgeView, kind: AttentionView["kind"], nodesById: ReadonlyMap<string, NodeView>): Item {
  const [client, server] = [edge.client, edge.server].map((id) => isolated(nodeName(nodesById.get(id), id)));
  const what = kind === "disagreement" ? `${edge.disagreement ?? ""}.` : edge.sentence;
  const atMs = kind === "plaintext" ? (edge.lastPlaintextMs ?? edge.lastSeenMs) : edge.lastSeenMs;
  return { kind, sentence: `${client ?? ""} → ${server ?? ""}: ${what}`, atMs, edge: edge.id, namespace: null };
}

/** Those that the picture tells of first, so that nothing moves when more come; within each part, an order that a newer sighting does not change. */
function ofEdges({ kind, test, filter }: OfEdges, view: MeshView, edges: readonly EdgeView[]): Found {
  const told = new Map(view.attention.flatMap((item) => (item.kind === kind && item.edge !== null ? [[item.edge, item] as const] : [])));
  const concerned = edges.filter(test).sort((left, right) => Number(told.has(right.id)) - Number(told.has(left.id)) || worstFirst(left, right));
  const shown = concerned.slice(0, ROWS);
  const nodesById = shown.every(({ id }) => told.has(id)) ? new Map<string, NodeView>() : indexNodes(view);
  return { kind, first: shown.map((edge) => told.get(edge.id) ?? untold(edge, kind, nodesById)), number: concerned.length, filter };
}

/** @param edges those in scope; every number is of them */
export function concernsOf(view: MeshView, edges: readonly EdgeView[], namespaces: readonly string[]): readonly Concern[] {
  const ready = view.attention.filter(({ kind, namespace }) => kind === "ready" && (namespaces.length === 0 || namespaces.includes(namespace ?? "")));
  const found: readonly Found[] = [...OF_EDGES.map((one) => ofEdges(one, view, edges)), { kind: "ready", first: ready, number: ready.length, filter: null }];
  const present = found.filter(({ number }) => number > 0);
  const room = Math.max(OF_A_KIND_AT_LEAST, Math.floor(ROWS / Math.max(1, present.length)));
  return present.map(({ kind, first, number, filter }) => ({ kind, items: first.slice(0, room), hidden: Math.max(0, number - room), filter }));
}
