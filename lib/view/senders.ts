import type { Edge, MeshVerdicts, SenderConfidence } from "#mesh";
import { SENDER_CONFIDENCES } from "#mesh";
import type { SenderExplanationView, SendersView, SenderView } from "./detailView.ts";
import { viewsOf } from "./edge.ts";
import { nodeId } from "./identify.ts";
import { seenCounts } from "./seenCounts.ts";
import { explanation } from "./sentences/cause.ts";
import { partyName } from "./sentences/party.ts";
import { sentence } from "./sentences/quantity.ts";
import { gapView } from "./sentences/reason.ts";
import { senderSentence } from "./sentences/sender.ts";
import { unreportedPlaintext } from "./unreportedPlaintext.ts";

const NAMED: ReadonlySet<SenderConfidence> = new Set(["proved by identity", "address, one owner"]);

function total(edges: readonly Edge[], of: (edge: Edge) => number): number {
  return edges.reduce((sum, edge) => sum + of(edge), 0);
}

/** When it last sent plaintext; `null` where that was in the window, and no more is known. */
function newest(edges: readonly Edge[]): Pick<SenderView, "lastSeenMs" | "lastSeenAfterMs"> {
  const times = edges.map((edge) => {
    const { lastPlaintextMs, lastPlaintextAfterMs, lastSeenMs, lastSeenAfterMs } = edge;
    const counts = seenCounts(edge);
    const isPlaintext = counts.plaintext > 0 || lastPlaintextMs !== null;
    const time = isPlaintext ? { atMs: lastPlaintextMs, afterMs: lastPlaintextAfterMs } : { atMs: lastSeenMs, afterMs: lastSeenAfterMs };
    return { ...time, inWindow: time.atMs === null && counts.plaintext + counts.refused + counts.unclear > 0 };
  });
  const isNow = times.some(({ inWindow }) => inWindow);
  const [last] = times.filter(({ atMs }) => atMs !== null).toSorted((one, other) => (other.atMs ?? 0) - (one.atMs ?? 0));
  return isNow || last === undefined ? { lastSeenMs: null, lastSeenAfterMs: null } : { lastSeenMs: last.atMs, lastSeenAfterMs: last.afterMs ?? null };
}

/** A sender is named no more surely than the least sure of its edges. */
function leastSure(edges: readonly Edge[]): SenderConfidence {
  const at = Math.max(...edges.map(({ sender }) => SENDER_CONFIDENCES.indexOf(sender.confidence)));
  return SENDER_CONFIDENCES[at] ?? "unidentified";
}

interface Explained {
  readonly cause: string;
  readonly fix: string;
  readonly plaintext: boolean;
  readonly edge: SenderExplanationView["edges"][number];
}

/** @param id the name of the edge as it is drawn */
function explained(edge: Edge, id: string, verdicts: MeshVerdicts): Explained | null {
  const found = explanation(edge, verdicts.judge);
  if (found === null) return null;
  const { cause, admission, fix } = found;
  return { cause: sentence(cause), fix: sentence(fix(verdicts)), plaintext: seenCounts(edge).plaintext > 0, edge: { id, admission: admission === null ? null : sentence(admission) } };
}

/** Edges that share cause and fix are explained once, those with plaintext before what was refused. */
function explanations(each: readonly (Explained | null)[]): readonly SenderExplanationView[] {
  const groups = Map.groupBy(each.filter((one) => one !== null).sort((left, right) => Number(right.plaintext) - Number(left.plaintext)), ({ cause, fix }) => `${cause} ${fix}`);
  return [...groups.values()].flatMap((group) => (group[0] === undefined ? [] : [{ cause: group[0].cause, fix: group[0].fix, edges: group.map(({ edge }) => edge) }]));
}

function senderView(id: string, edges: readonly [Edge, ...Edge[]], verdicts: MeshVerdicts): Omit<SenderView, "edges" | "explanations"> {
  const [first] = edges;
  const confidence = leastSure(edges);
  const typical = edges.find(({ sender }) => sender.confidence === confidence) ?? first;
  const sum = (family: Edge["family"], part: "plaintext" | "refused"): number => total(edges, (edge) => (edge.family === family ? seenCounts(edge)[part] : 0));
  const unreported = (family: Edge["family"]): number => total(edges, (edge) => (edge.family === family ? unreportedPlaintext(edge) : 0));
  const [refusedRequests, refusedConnections] = [sum("http", "refused"), sum("tcp", "refused")];
  return {
    id,
    name: partyName(first.client, first.server),
    confidence,
    how: senderSentence(typical, verdicts.judge),
    requests: sum("http", "plaintext"),
    connections: sum("tcp", "plaintext"),
    refused: refusedRequests + refusedConnections,
    refusedRequests,
    refusedConnections,
    unreportedRequests: unreported("http"),
    unreportedConnections: unreported("tcp"),
    ...newest(edges),
  };
}

function bySender(edges: readonly Edge[]): ReadonlyMap<string, readonly [Edge, ...Edge[]]> {
  const senders = new Map<string, [Edge, ...Edge[]]>();
  for (const edge of edges) {
    const id = nodeId(edge.client, edge.server);
    const known = senders.get(id);
    if (known === undefined) senders.set(id, [edge]);
    else known.push(edge);
  }
  return senders;
}

function namedShare(edges: readonly Edge[]): SendersView["named"] {
  const plaintext = (family: Edge["family"], isNamed: boolean): number =>
    total(edges, (edge) => (edge.family === family && (!isNamed || NAMED.has(edge.sender.confidence)) ? seenCounts(edge).plaintext : 0));
  return { requests: plaintext("http", true), ofRequests: plaintext("http", false), connections: plaintext("tcp", true), ofConnections: plaintext("tcp", false) };
}

/** By the larger of the two numbers: their sum would mean nothing. */
function mostFirst(left: SenderView, right: SenderView): number {
  const plaintext = ({ requests, connections }: SenderView): number => Math.max(requests, connections);
  const unreported = ({ unreportedRequests, unreportedConnections }: SenderView): number => Math.max(unreportedRequests, unreportedConnections);
  const refused = ({ refusedRequests, refusedConnections }: SenderView): number => Math.max(refusedRequests, refusedConnections);
  return plaintext(right) - plaintext(left) || unreported(right) - unreported(left) || refused(right) - refused(left) || (left.id < right.id ? -1 : 1);
}

/**
 * Who sends plaintext, is refused, or sends what nobody reported and configuration says is plaintext: each sender with its evidence, the causes and their fixes.
 * Senders that nothing names stay apart, one per server.
 */
export function presentSenders(verdicts: MeshVerdicts): SendersView {
  const concerned = verdicts.edges.filter((edge) => seenCounts(edge).plaintext > 0 || edge.counts.refused > 0 || unreportedPlaintext(edge) > 0);
  const views = Map.groupBy(viewsOf(concerned, verdicts), ({ client }) => client);
  const senders = [...bySender(concerned)]
    .map(([id, edges]) => {
      const drawn = views.get(id) ?? [];
      const each = edges.map((edge, at) => explained(edge, drawn[at]?.id ?? "", verdicts));
      return { ...senderView(id, edges, verdicts), explanations: explanations(each), edges: drawn };
    })
    .sort(mostFirst);
  return { schema: "mtlscope-senders/1", senders, named: namedShare(concerned), gaps: verdicts.snapshot.telemetry.gaps.map(gapView) };
}
