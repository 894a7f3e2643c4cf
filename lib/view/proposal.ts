import type { Edge, MeshVerdicts, Reason } from "#mesh";
import type { Consequence, EdgeConsequence, NoProposal, Outlook, Proposal, ProposalPreview } from "#proposals";
import { EDGE_CONSEQUENCES, commandText, doubtsAbout, limitsOf, manifestNowText, manifestText, outgoingOf, reopening, undoCommandText } from "#proposals";
import { viewsOf } from "./edge.ts";
import type { GapView, SentenceView, SourceView } from "./meshView.ts";
import type { ConsequenceView, NoProposalView, NothingProposed, ProposalsView, ProposalSummaryView, ProposalView, ReopeningView } from "./proposalView.ts";
import { limitRemark, limitSentence, outgoingSentence } from "./sentences/limit.ts";
import { besideSentence, consequenceSentence, countOf, noProposalSentence, previewSentence, proposalTitle, reopeningSentence, seenOf, stepRemarks } from "./sentences/proposal.ts";
import { gapView, objectView, reasonSentence } from "./sentences/reason.ts";
import { servedBy } from "./sentences/way.ts";

function summary(preview: ProposalPreview): ProposalSummaryView {
  const { proposal } = preview;
  return {
    id: proposal.id,
    scope: proposal.scope,
    title: proposalTitle(proposal),
    sentence: previewSentence(preview),
    becomesBlocked: countOf(preview, "becomes blocked"),
    becomesMtls: countOf(preview, "becomes mTLS"),
    staysMtls: countOf(preview, "stays mTLS"),
    mtlsAfter: countOf(preview, "stays mTLS", "becomes mTLS"),
    staysPlaintext: countOf(preview, "stays plaintext"),
    staysUnknown: countOf(preview, "stays unknown"),
    uncertain: countOf(preview, "uncertain"),
    edges: preview.consequences.length,
    edgesSeen: seenOf(preview),
    mode: proposal.mode,
  };
}

const WIDTH = { mesh: 0, namespace: 1, workload: 2 } as const;

/** What was seen before silence, which proves nothing; nothing blocked before something blocked, nothing uncertain before something uncertain, nothing that goes on in plaintext or unknown before something that does, then the widest scope. @see rule PRE-23 */
function readiestFirst(left: ProposalSummaryView, right: ProposalSummaryView): number {
  return (
    Number(left.edgesSeen === 0) - Number(right.edgesSeen === 0) ||
    left.becomesBlocked - right.becomesBlocked ||
    left.uncertain - right.uncertain ||
    left.staysPlaintext - right.staysPlaintext ||
    left.staysUnknown - right.staysUnknown ||
    WIDTH[left.scope.kind] - WIDTH[right.scope.kind] ||
    (left.id < right.id ? -1 : 1)
  );
}

function groupOf({ id, scope }: ProposalSummaryView): string {
  return scope.kind === "workload" ? `namespace:${scope.namespace}` : id;
}

/** A namespace before its workloads, which are ready sooner than it: that they are is a part of its answer. Groups by what they begin with. */
function grouped(proposals: readonly ProposalSummaryView[]): readonly ProposalSummaryView[] {
  const widestFirst = (left: ProposalSummaryView, right: ProposalSummaryView): number => WIDTH[left.scope.kind] - WIDTH[right.scope.kind] || readiestFirst(left, right);
  const groups = [...Map.groupBy(proposals, groupOf).values()].map((group) => group.sort(widestFirst));
  const readiest = ([left]: readonly ProposalSummaryView[], [right]: readonly ProposalSummaryView[]): number => (left === undefined || right === undefined ? 0 : readiestFirst(left, right));
  return groups.sort(readiest).flat();
}

function otherView(other: NoProposal): NothingProposed {
  return { id: other.id, scope: other.scope, sentence: noProposalSentence(other) };
}

/** What could be made STRICT next, readiest first, workloads below their namespace, and what is not proposed. */
export function presentProposals({ previews, others, leftOut }: Outlook): ProposalsView {
  return { schema: "mtlscope-proposals/1", proposals: grouped(previews.map(summary)), others: others.map(otherView), leftOut };
}

/** The server's side of the answers after the change: what would decide. Equal ones once. */
function reasonsOf({ after, edge, judge }: Consequence): readonly SentenceView[] {
  const reasons = new Map<string, Reason>();
  for (const path of after) {
    const serverMode = servedBy(edge, path, judge);
    if (serverMode.kind === "known") for (const reason of serverMode.reasons) reasons.set(JSON.stringify(reason), reason);
  }
  return [...reasons.values()].map(reasonSentence);
}

/** By class as they are shown, then by how much traffic it is about. */
function gravestFirst(left: Consequence, right: Consequence): number {
  const order = (consequence: EdgeConsequence): number => EDGE_CONSEQUENCES.indexOf(consequence);
  return order(left.consequence) - order(right.consequence) || right.affected - left.affected || (left.edge.key < right.edge.key ? -1 : 1);
}

function consequenceViews(preview: ProposalPreview, verdicts: MeshVerdicts): readonly ConsequenceView[] {
  const consequences = [...preview.consequences].sort(gravestFirst);
  const views = viewsOf(consequences.map(({ edge }) => edge), verdicts);
  return consequences.flatMap((consequence, position) => {
    const edge = views[position];
    if (edge === undefined) return [];
    const sentence = `${consequenceSentence(consequence, preview.proposal.mode)}${besideSentence(consequence)}`;
    const others = consequence.others.map((share) => ({ consequence: share.consequence, affected: share.affected }));
    return [{ consequence: consequence.consequence, edge, sentence, reasons: reasonsOf(consequence), affected: consequence.affected, others }];
  });
}

/** An edge counts in each class of which some of its traffic is. */
function totals({ consequences }: ProposalPreview): ProposalView["totals"] {
  const shares = consequences.flatMap(({ edge: { family }, consequence, affected, others }) => [{ family, consequence, affected }, ...others.map((share) => ({ family, ...share }))]);
  return EDGE_CONSEQUENCES.map((consequence) => {
    const ours = shares.filter((share) => share.consequence === consequence);
    const affected = (family: Edge["family"]): number => ours.reduce((sum, share) => sum + (share.family === family ? share.affected : 0), 0);
    return { consequence, edges: ours.length, requests: affected("http"), connections: affected("tcp") };
  });
}

function reopeningView(verdicts: MeshVerdicts, { scope }: NoProposal): ReopeningView | null {
  const found = reopening(verdicts, scope);
  if (found === undefined) return null;
  const { preview, decidedBy } = found;
  const { proposal } = preview;
  return {
    decidedBy: decidedBy.map(objectView),
    sentence: reopeningSentence(found, verdicts),
    consequences: consequenceViews(preview, verdicts),
    totals: totals(preview),
    command: commandText(proposal),
    undoCommand: undoCommandText(proposal),
  };
}

/** Why nothing is proposed for a scope; where it is STRICT, what decides that and the way back. */
export function presentNoProposal(verdicts: MeshVerdicts, other: NoProposal): NoProposalView {
  return { schema: "mtlscope-no-proposal/1", ...otherView(other), reopening: other.because === "is STRICT already" ? reopeningView(verdicts, other) : null };
}

function touches({ change }: Proposal): ProposalView["touches"] {
  return [
    ...change.add.map((object) => ({ object: objectView(object), action: "create" as const })),
    ...change.update.map(([, to]) => ({ object: objectView(to), action: "update" as const })),
    ...change.remove.map((object) => ({ object: objectView(object), action: "delete" as const })),
  ];
}

function staleSources(sources: readonly SourceView[]): readonly GapView[] {
  return sources.filter(({ state }) => state !== "live").map(({ name, state, message }) => ({ wanted: `the newest state of ${name}`, because: message === "" ? `it is ${state}` : message }));
}

/** What a proposal's page needs beside the preview. */
export interface ProposalContext {
  readonly sources: readonly SourceView[];
  /** the process may write: the playground */
  readonly applicable: boolean;
}

const READ_ONLY = "mtlscope only reads clusters: copy the manifest or the command and apply it yourself.";

/** The change as text and as commands, what it does to every edge it can reach, what it leaves open, and what could prove that wrong. */
export function presentProposal(verdicts: MeshVerdicts, preview: ProposalPreview, { sources, applicable }: ProposalContext): ProposalView {
  const { proposal } = preview;
  const limits = limitsOf(verdicts, proposal);
  return {
    schema: "mtlscope-proposal/1",
    id: proposal.id,
    scope: proposal.scope,
    title: proposalTitle(proposal),
    mode: proposal.mode,
    sentence: previewSentence(preview),
    remarks: [...stepRemarks(proposal), ...limits.flatMap((limit) => limitRemark(limit) ?? [])],
    manifest: manifestText(proposal),
    manifestNow: manifestNowText(proposal),
    command: commandText(proposal),
    undoCommand: undoCommandText(proposal),
    touches: touches(proposal),
    consequences: consequenceViews(preview, verdicts),
    totals: totals(preview),
    notCovered: [...limits.flatMap((limit) => limitSentence(limit, proposal.mode) ?? []), ...outgoingSentence(outgoingOf(verdicts, proposal.scope))],
    doubts: [...staleSources(sources), ...doubtsAbout(verdicts, preview).map(gapView)],
    applicable,
    notApplicableBecause: applicable ? "" : READ_ONLY,
  };
}
