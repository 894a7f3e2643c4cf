import type { AttentionView, ConcernKind, EdgeView, MeshView, NodeView } from "#view";
import type { Address } from "../address/address.ts";
import { indexNodes, nodeName } from "../address/scope.ts";
import { isolated } from "../isolated.ts";
import { worstFirst } from "../state/worstFirst.ts";
import { causesOf } from "./causes.ts";

/** Rows that are read; they are shared among the kinds there are. */
const ROWS = 12;
const OF_A_KIND_AT_LEAST = 3;

export interface Item extends Pick<AttentionView, "kind" | "sentence" | "atMs" | "edge" | "namespace"> {
  /** of an item that stands for several connections: the filter that finds them */
  readonly filter: Partial<Address> | null;
}

/** One kind of thing that needs a person: a few of them, how many more, and the filter that finds them all. */
export interface Concern {
  readonly kind: AttentionView["kind"];
  readonly items: readonly Item[];
  readonly hidden: number;
  /** of the list of connections; `null` where these are namespaces */
  readonly filter: Partial<Address> | null;
}

const FILTERS: Readonly<Record<ConcernKind, Partial<Address>>> = {
  "past STRICT": { having: "disagreement" },
  plaintext: { having: "plaintext" },
  "unreported plaintext": { having: "unreported" },
  refused: { having: "refused" },
  "expected blocked": { states: ["expected blocked"] },
  disagreement: { having: "disagreement" },
};

interface Found {
  readonly kind: ConcernKind;
  readonly edges: readonly EdgeView[];
}

/** The kinds that the whole mesh has, in the order in which the picture tells of them. */
function kindsOf({ attention }: MeshView): readonly ConcernKind[] {
  return [...new Set(attention.flatMap(({ kind }) => (kind === "ready" ? [] : [kind])))];
}

/** An edge of which the picture of the whole mesh had no room to tell. */
function untold(edge: EdgeView, kind: AttentionView["kind"], nodesById: ReadonlyMap<string, NodeView>): Item {
  const [client, server] = [edge.client, edge.server].map((id) => isolated(nodeName(nodesById.get(id), id)));
  const what = kind === "past STRICT" || kind === "disagreement" ? `${edge.disagreement?.text ?? ""}.` : edge.sentence;
  const atMs = kind === "plaintext" ? (edge.lastPlaintextMs ?? edge.lastSeenMs) : edge.lastSeenMs;
  return { kind, sentence: `${client ?? ""} → ${server ?? ""}: ${what}`, atMs, edge: edge.id, namespace: null, filter: null };
}

/** Those that the picture tells of first and in its order, so that nothing moves when more come; the rest in one that a newer sighting does not change. */
function found(kind: ConcernKind, { attention }: MeshView, edges: readonly EdgeView[]): Found {
  const places = new Map(attention.flatMap((item, at) => (item.kind === kind && item.edge !== null ? [[item.edge, at] as const] : [])));
  const place = ({ id }: EdgeView) => places.get(id) ?? attention.length;
  return { kind, edges: edges.filter(({ concerns }) => concerns.includes(kind)).sort((one, other) => place(one) - place(other) || worstFirst(one, other)) };
}

/** Each by itself where there is room for all; else those that share a cause as one. */
function itemsOf({ kind, edges }: Found, { attention }: MeshView, nodesById: ReadonlyMap<string, NodeView>, room: number): Pick<Concern, "items" | "hidden"> {
  const told = new Map(attention.flatMap((item) => (item.kind === kind && item.edge !== null ? [[item.edge, item] as const] : [])));
  const alone = (edge: EdgeView): Item => {
    const item = told.get(edge.id);
    return item === undefined ? untold(edge, kind, nodesById) : { ...item, filter: null };
  };
  if (edges.length <= room) return { items: edges.map(alone), hidden: 0 };
  const causes = causesOf(kind, edges, nodesById).slice(0, room);
  const items = causes.map(({ edges: shared, sentence, filter: of }): Item => {
    const [first, ...others] = shared;
    return first !== undefined && others.length === 0 ? alone(first) : { kind, sentence, atMs: null, edge: null, namespace: null, filter: { ...FILTERS[kind], ...of } };
  });
  return { items, hidden: edges.length - causes.reduce((sum, cause) => sum + cause.edges.length, 0) };
}

function readyOnes({ attention }: MeshView, namespaces: readonly string[]): readonly Item[] {
  const ready = attention.filter(({ kind, namespace }) => kind === "ready" && (namespaces.length === 0 || namespaces.includes(namespace ?? "")));
  return ready.map((item) => ({ ...item, filter: null }));
}

/** @param edges those in scope; every number is of them */
export function concernsOf(view: MeshView, edges: readonly EdgeView[], namespaces: readonly string[]): readonly Concern[] {
  const present = kindsOf(view).map((kind) => found(kind, view, edges)).filter((one) => one.edges.length > 0);
  const ready = readyOnes(view, namespaces);
  const kinds = present.length + (ready.length > 0 ? 1 : 0);
  const room = Math.max(OF_A_KIND_AT_LEAST, Math.floor(ROWS / Math.max(1, kinds)));
  const nodesById = indexNodes(view);
  const concerns = present.map((one): Concern => ({ kind: one.kind, filter: FILTERS[one.kind], ...itemsOf(one, view, nodesById, room) }));
  if (ready.length === 0) return concerns;
  return [...concerns, { kind: "ready", items: ready.slice(0, room), hidden: Math.max(0, ready.length - room), filter: null }];
}
