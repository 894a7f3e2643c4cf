import type { Edge, MeshVerdicts, SenderConfidence } from "#mesh";
import { SENDER_CONFIDENCES } from "#mesh";
import type { SenderExplanationView, SendersView, SenderView } from "./detailView.ts";
import { edgeViews } from "./edge.ts";
import type { EdgeView } from "./meshView.ts";
import { seenCounts } from "./seenCounts.ts";
import { isOfSenders, mostSentFirst, namedShare, sentOver } from "./sent/index.ts";
import { explanation } from "./sentences/cause.ts";
import { partyName } from "./sentences/party.ts";
import { sentence } from "./sentences/quantity.ts";
import { gapView } from "./sentences/reason.ts";
import { senderSentence } from "./sentences/sender.ts";

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

/** An edge and how it is drawn. */
interface Drawn {
  readonly edge: Edge;
  readonly view: EdgeView;
}

function senderView(id: string, [first, ...others]: readonly [Drawn, ...Drawn[]], verdicts: MeshVerdicts): SenderView {
  const drawn = [first, ...others];
  const edges = drawn.map(({ edge }) => edge);
  const views = drawn.map(({ view }) => view);
  const confidence = leastSure(edges);
  const typical = edges.find(({ sender }) => sender.confidence === confidence) ?? first.edge;
  const sent = sentOver(views);
  return {
    id,
    name: partyName(first.edge.client, first.edge.server),
    confidence,
    how: senderSentence(typical, verdicts.judge),
    explanations: explanations(drawn.map(({ edge, view }) => explained(edge, view.id, verdicts))),
    refused: sent.refusedRequests + sent.refusedConnections,
    ...sent,
    edges: views,
  };
}

function bySender(drawn: readonly Drawn[]): ReadonlyMap<string, readonly [Drawn, ...Drawn[]]> {
  const senders = new Map<string, [Drawn, ...Drawn[]]>();
  for (const one of drawn) {
    const known = senders.get(one.view.client);
    if (known === undefined) senders.set(one.view.client, [one]);
    else known.push(one);
  }
  return senders;
}

function mostFirst(left: SenderView, right: SenderView): number {
  return mostSentFirst(left, right) || (left.id < right.id ? -1 : 1);
}

/**
 * Who sends plaintext, is refused, or sends what nobody reported and configuration says is plaintext: each sender with its evidence, the causes and their fixes.
 * Senders that nothing names stay apart, one per server.
 */
export function presentSenders(verdicts: MeshVerdicts): SendersView {
  const { views } = edgeViews(verdicts);
  const concerned = verdicts.edges.flatMap((edge, at): readonly Drawn[] => {
    const view = views[at];
    return view !== undefined && isOfSenders(view) ? [{ edge, view }] : [];
  });
  const senders = [...bySender(concerned)].map(([id, drawn]) => senderView(id, drawn, verdicts)).sort(mostFirst);
  return { schema: "mtlscope-senders/1", senders, named: namedShare(concerned.map(({ view }) => view)), gaps: verdicts.snapshot.telemetry.gaps.map(gapView) };
}
