import type { EdgeView, NodeView, SenderExplanationView, SendersView, SenderView } from "#view";
import type { Filters } from "../address/scope.ts";
import { inScope } from "../address/scope.ts";

const NAMED: readonly EdgeView["confidence"][] = ["proved by identity", "address, one owner"];

export interface Volume {
  readonly requests: number;
  readonly connections: number;
  readonly refusedRequests: number;
  readonly refusedConnections: number;
  /** what nobody reported and configuration says is plaintext */
  readonly unreportedRequests: number;
  readonly unreportedConnections: number;
}

/** When it last sent plaintext, or was last refused; `null` where that was in the window, and no more is known. */
interface Last {
  readonly lastSeenMs: number | null;
  readonly lastSeenAfterMs: number | null;
}

/** What a sender did in the part of the mesh that is looked at. */
export interface SenderInScope extends Volume, Last {
  readonly sender: SenderView;
  readonly edges: readonly EdgeView[];
  readonly explanations: readonly SenderExplanationView[];
}

export interface SendersInScope {
  readonly plaintext: readonly SenderInScope[];
  /** connections on which nobody reported plaintext, and configuration says it of what nobody reported; their senders may have sent plaintext elsewhere */
  readonly unreported: readonly SenderInScope[];
  /** nothing they sent got through as plaintext */
  readonly onlyRefused: readonly SenderInScope[];
  /** plaintext whose sender has a name, of all plaintext */
  readonly named: SendersView["named"];
}

function sum(edges: readonly EdgeView[], family: EdgeView["family"], part: "plaintext" | "refused"): number {
  return edges.reduce((all, edge) => all + (edge.family === family ? edge.counts[part] : 0), 0);
}

function unreported(edges: readonly EdgeView[], family: EdgeView["family"]): number {
  return edges.reduce((all, edge) => all + (edge.family === family ? edge.unreportedPlaintext : 0), 0);
}

function lastOf(edges: readonly EdgeView[]): Last {
  const times = edges.map((edge) =>
    edge.counts.plaintext > 0 ? { lastSeenMs: edge.lastPlaintextMs, lastSeenAfterMs: edge.lastPlaintextAfterMs } : { lastSeenMs: edge.lastSeenMs, lastSeenAfterMs: edge.lastSeenAfterMs },
  );
  const unknown = times.find(({ lastSeenMs }) => lastSeenMs === null);
  const [newest] = times.toSorted((one, other) => (other.lastSeenMs ?? 0) - (one.lastSeenMs ?? 0));
  return unknown ?? newest ?? { lastSeenMs: null, lastSeenAfterMs: null };
}

function narrowed(sender: SenderView, edges: readonly EdgeView[]): SenderInScope {
  const ids = new Set(edges.map(({ id }) => id));
  const explanations = sender.explanations
    .map((explanation) => ({ ...explanation, edges: explanation.edges.filter(({ id }) => ids.has(id)) }))
    .filter((explanation) => explanation.edges.length > 0);
  return {
    sender,
    edges,
    explanations,
    requests: sum(edges, "http", "plaintext"),
    connections: sum(edges, "tcp", "plaintext"),
    refusedRequests: sum(edges, "http", "refused"),
    refusedConnections: sum(edges, "tcp", "refused"),
    unreportedRequests: unreported(edges, "http"),
    unreportedConnections: unreported(edges, "tcp"),
    ...lastOf(edges),
  };
}

function namedShare(edges: readonly EdgeView[]): SendersView["named"] {
  const known = edges.filter(({ confidence }) => NAMED.includes(confidence));
  return { requests: sum(known, "http", "plaintext"), ofRequests: sum(edges, "http", "plaintext"), connections: sum(known, "tcp", "plaintext"), ofConnections: sum(edges, "tcp", "plaintext") };
}

function isUnreported({ counts, unreportedPlaintext }: EdgeView): boolean {
  return unreportedPlaintext > 0 && counts.plaintext + counts.refused === 0;
}

/** Every number, cause and fix is of the connections in scope; so is who is listed, and in which order. */
export function sendersInScope(senders: readonly SenderView[], filters: Filters, nodesById: ReadonlyMap<string, NodeView>): SendersInScope {
  const lies = inScope(filters, nodesById);
  const those = (wanted: (edge: EdgeView) => boolean) => senders.map((sender) => narrowed(sender, sender.edges.filter((edge) => lies(edge) && wanted(edge)))).filter(({ edges }) => edges.length > 0);
  const shown = those((edge) => !isUnreported(edge));
  const most = (one: SenderInScope, other: SenderInScope) => Math.max(other.requests, other.connections) - Math.max(one.requests, one.connections);
  return {
    plaintext: shown.filter(({ requests, connections }) => requests + connections > 0).sort(most),
    unreported: those(isUnreported),
    onlyRefused: shown.filter(({ requests, connections }) => requests + connections === 0),
    named: namedShare(shown.flatMap(({ edges }) => edges)),
  };
}
