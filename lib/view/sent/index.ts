import type { SenderConfidence } from "#mesh";
import type { SendersView, SenderView } from "../detailView.ts";
import type { EdgeView } from "../meshView.ts";

const NAMED: readonly SenderConfidence[] = ["proved by identity", "address, one owner"];

/** What was sent over some edges as plaintext, or refused, and when the last of it was: `null` where that was in the window, and no more is known. */
export type Sent = Pick<SenderView, "requests" | "connections" | "refusedRequests" | "refusedConnections" | "unreportedRequests" | "unreportedConnections" | "lastSeenMs" | "lastSeenAfterMs">;

function sum(edges: readonly EdgeView[], family: EdgeView["family"], of: (edge: EdgeView) => number): number {
  return edges.reduce((all, edge) => all + (edge.family === family ? of(edge) : 0), 0);
}

function plaintext({ counts }: EdgeView): number {
  return counts.plaintext;
}

function refused({ counts }: EdgeView): number {
  return counts.refused;
}

function unreported({ unreportedPlaintext }: EdgeView): number {
  return unreportedPlaintext;
}

/** Of what is counted: mTLS on the same edge may be newer than its plaintext, and plaintext of the look-back is older than what was refused in the window. */
function last(edges: readonly EdgeView[]): Pick<Sent, "lastSeenMs" | "lastSeenAfterMs"> {
  const times = edges.map((edge) =>
    edge.counts.plaintext > 0 ? { lastSeenMs: edge.lastPlaintextMs, lastSeenAfterMs: edge.lastPlaintextAfterMs } : { lastSeenMs: edge.lastSeenMs, lastSeenAfterMs: edge.lastSeenAfterMs },
  );
  const inWindow = times.find(({ lastSeenMs }) => lastSeenMs === null);
  const [newest] = times.toSorted((one, other) => (other.lastSeenMs ?? 0) - (one.lastSeenMs ?? 0));
  return inWindow ?? newest ?? { lastSeenMs: null, lastSeenAfterMs: null };
}

/** Carries what the list of senders is about: plaintext, what was refused, or what nobody reported and configuration says is plaintext. */
export function isOfSenders(edge: EdgeView): boolean {
  return plaintext(edge) > 0 || refused(edge) > 0 || unreported(edge) > 0;
}

/** @param edges of one sender, each with something to count */
export function sentOver(edges: readonly EdgeView[]): Sent {
  return {
    requests: sum(edges, "http", plaintext),
    connections: sum(edges, "tcp", plaintext),
    refusedRequests: sum(edges, "http", refused),
    refusedConnections: sum(edges, "tcp", refused),
    unreportedRequests: sum(edges, "http", unreported),
    unreportedConnections: sum(edges, "tcp", unreported),
    ...last(edges),
  };
}

/** Plaintext whose sender has a name, of all plaintext. */
export function namedShare(edges: readonly EdgeView[]): SendersView["named"] {
  const named = edges.filter(({ confidence }) => NAMED.includes(confidence));
  return { requests: sum(named, "http", plaintext), ofRequests: sum(edges, "http", plaintext), connections: sum(named, "tcp", plaintext), ofConnections: sum(edges, "tcp", plaintext) };
}

/** Who sent most first, by the larger of the two families: their sum would mean nothing. Plaintext counts before what nobody reported, and that before refusals. */
export function mostSentFirst(one: Sent, other: Sent): number {
  const most = [
    ({ requests, connections }: Sent): number => Math.max(requests, connections),
    ({ unreportedRequests, unreportedConnections }: Sent): number => Math.max(unreportedRequests, unreportedConnections),
    ({ refusedRequests, refusedConnections }: Sent): number => Math.max(refusedRequests, refusedConnections),
  ];
  return most.reduce((order, of) => order || of(other) - of(one), 0);
}
