import { evaluateMesh, judgeMesh, type MeshVerdicts } from "#mesh";
import { namespaceOutlook, preview, proposalScope, proposeStrict, strictOutlook, type NoProposal, type Proposal } from "#proposals";
import { presentEdge, presentFindings, presentMesh, presentProposal, presentProposals, presentSenders, presentWorkload, type MeshContext, type MeshView, type ProposalsView } from "#view";

/** What a picture is told beside the snapshot. */
export type Circumstances = Omit<MeshContext, "outlook">;

function presentWhole(verdicts: MeshVerdicts, circumstances: Circumstances): MeshView {
  return presentMesh(verdicts, { ...circumstances, outlook: namespaceOutlook(verdicts) });
}

/** @returns `undefined` where the text is no proposal's id */
function propose(verdicts: MeshVerdicts, id: string): Proposal | NoProposal | undefined {
  const scope = proposalScope(id);
  return scope === undefined ? undefined : proposeStrict(verdicts, scope);
}

function presentList(verdicts: MeshVerdicts): ProposalsView {
  return presentProposals(strictOutlook(verdicts));
}

/** The pure rooms in the order in which a snapshot goes through them. */
export const STAGES = {
  judge: judgeMesh,
  evaluate: evaluateMesh,
  propose,
  preview,
  presentWhole,
  presentWorkload,
  presentEdge,
  presentSenders,
  presentFindings,
  presentList,
  presentProposal,
} as const;

export type Stages = typeof STAGES;
