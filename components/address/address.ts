import type { EdgeState } from "#view";
import { FOLLOWED_WINDOW, isInstant, windowSeconds } from "#window";
import { HAVING, ONLY, STATE_MEANING, type Having } from "../words.ts";

export const SELECTION_KINDS = ["workload", "node", "namespace", "edge", "proposal"] as const;
export type SelectionKind = (typeof SELECTION_KINDS)[number];

/** What the right panel shows. */
export interface Selection {
  readonly kind: SelectionKind;
  readonly id: string;
}

export interface SortOrder {
  readonly column: string;
  readonly descending: boolean;
}

/** The state of the page, all of it from the address: what is filtered, ordered, selected. Empty means all. */
export interface Address {
  readonly namespaces: readonly string[];
  readonly states: readonly EdgeState[];
  readonly text: string;
  /** only connections on which there was this, whatever else there was */
  readonly having: Having | null;
  /** of the namespaces only what ends in them, not what begins there */
  readonly incoming: boolean;
  /** of a page's own list only the rows of one kind */
  readonly only: string | null;
  readonly sort: SortOrder | null;
  readonly selection: Selection | null;
  /** length of the window as the API takes it (`6h`), and when it ended (ISO 8601); `null` for the last 15 minutes, and for now */
  readonly window: string | null;
  readonly end: string | null;
}

/** What narrows a list beside the namespaces; nothing of it set. */
export const NO_FILTERS = { states: [], text: "", having: null, incoming: false, only: null } as const satisfies Partial<Address>;

export function isFiltered({ states, text, having, incoming, namespaces }: Pick<Address, "states" | "text" | "having" | "incoming" | "namespaces">): boolean {
  return states.length > 0 || text !== "" || having !== null || (incoming && namespaces.length > 0);
}

const LISTS_OF_CONNECTIONS: ReadonlySet<string> = new Set(["/graph", "/connections"]);
const OTHER_LISTS: ReadonlySet<string> = new Set(["/workloads", "/senders", "/findings", "/proposals"]);

/** Whether a page shows less for what was searched. */
export function heedsText(path: string): boolean {
  return LISTS_OF_CONNECTIONS.has(path) || OTHER_LISTS.has(path);
}

/** What goes with a reader to another page: a filter that does nothing there would come back unseen on the next. */
export function heeded(path: string, address: Address): Address {
  if (LISTS_OF_CONNECTIONS.has(path)) return { ...address, only: null };
  return { ...address, ...NO_FILTERS, text: heedsText(path) ? address.text : "" };
}

function isEdgeState(text: string): text is EdgeState {
  return Object.hasOwn(STATE_MEANING, text);
}

function isHaving(text: string): text is Having {
  return Object.hasOwn(HAVING, text);
}

function isSelectionKind(text: string): text is SelectionKind {
  return (SELECTION_KINDS as readonly string[]).includes(text);
}

function parseSelection(text: string | null): Selection | null {
  const colon = text?.indexOf(":") ?? -1;
  if (text === null || colon < 0) return null;
  const kind = text.slice(0, colon);
  return isSelectionKind(kind) ? { kind, id: text.slice(colon + 1) } : null;
}

function parseSort(text: string | null): SortOrder | null {
  if (text === null || text === "") return null;
  return text.startsWith("-") ? { column: text.slice(1), descending: true } : { column: text, descending: false };
}

function parseWindow(text: string | null): string | null {
  return text !== null && text !== FOLLOWED_WINDOW && windowSeconds(text) !== null ? text : null;
}

function parseEnd(text: string | null): string | null {
  return text !== null && isInstant(text) ? text : null;
}

function setWindow(query: URLSearchParams, { window, end }: Pick<Address, "window" | "end">): void {
  if (window !== null) query.set("window", window);
  if (end !== null) query.set("end", end);
}

/** The query of an address of the API for the window that is chosen. */
export function windowQuery({ window, end }: Pick<Address, "window" | "end">): string {
  const query = new URLSearchParams();
  setWindow(query, { window, end });
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}

function parseOnly(text: string | null): string | null {
  return text !== null && ONLY.has(text) ? text : null;
}

function parseHaving(text: string | null): Having | null {
  return text !== null && isHaving(text) ? text : null;
}

/** What is not understood is left out; the page does not show the rest in its place but says so (`misread`). */
export function parseAddress(query: URLSearchParams): Address {
  return {
    namespaces: query.getAll("ns").filter((name) => name !== ""),
    states: query.getAll("state").filter(isEdgeState),
    text: query.get("q") ?? "",
    having: parseHaving(query.get("with")),
    incoming: query.get("dir") === "in",
    only: parseOnly(query.get("only")),
    sort: parseSort(query.get("sort")),
    selection: parseSelection(query.get("select")),
    window: parseWindow(query.get("window")),
    end: parseEnd(query.get("end")),
  };
}

export function formatAddress(address: Address): string {
  const query = new URLSearchParams();
  for (const name of address.namespaces) query.append("ns", name);
  for (const state of address.states) query.append("state", state);
  if (address.text !== "") query.set("q", address.text);
  if (address.having !== null) query.set("with", address.having);
  if (address.incoming) query.set("dir", "in");
  if (address.only !== null) query.set("only", address.only);
  if (address.sort !== null) query.set("sort", `${address.sort.descending ? "-" : ""}${address.sort.column}`);
  if (address.selection !== null) query.set("select", `${address.selection.kind}:${address.selection.id}`);
  setWindow(query, address);
  // a colon, a slash and a comma are allowed in a query, and keep addresses readable
  const text = query.toString().replaceAll("%3A", ":").replaceAll("%2F", "/").replaceAll("%2C", ",");
  return text === "" ? "" : `?${text}`;
}
