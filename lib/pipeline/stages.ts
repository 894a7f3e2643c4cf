import type { Configuration, MeshSnapshot, MeshVerdicts, MeshJudge, WorkloadId } from "#mesh";
import type { EdgeDetailView, MeshIdentityView, MeshView, ProposalsView, ProposalView, SendersView, SourceView, WorkloadView } from "#view";
import type { Proposal, NoProposal } from "#proposals";

/** What a view needs to know beside the verdicts. */
export interface Circumstances {
  readonly revision: number;
  readonly mesh: Omit<MeshIdentityView, "istioVersions">;
  readonly sources: readonly SourceView[];
}

/** The pure rooms, as the pipeline calls them. */
export interface Stages {
  judge(configuration: Configuration): MeshJudge;
  evaluate(snapshot: MeshSnapshot, judge: MeshJudge): MeshVerdicts;
  mesh(verdicts: MeshVerdicts, circumstances: Circumstances): MeshView;
  workload(verdicts: MeshVerdicts, id: WorkloadId): WorkloadView | undefined;
  edge(verdicts: MeshVerdicts, id: string): EdgeDetailView | undefined;
  senders(verdicts: MeshVerdicts): SendersView;
  proposals(verdicts: MeshVerdicts): ProposalsView;
  propose(verdicts: MeshVerdicts, id: string): Proposal | NoProposal | undefined;
  proposal(verdicts: MeshVerdicts, proposal: Proposal, applicable: boolean): ProposalView;
}
