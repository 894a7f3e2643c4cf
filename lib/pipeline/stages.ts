import { evaluateMesh, judgeMesh, type MeshVerdicts } from "#mesh";
import { namespaceOutlook, preview, proposalScope, proposeStrict, strictOutlook, type NoProposal, type Proposal } from "#proposals";
import { presentAddress, presentEdge, presentFindings, presentMesh, presentProposal, presentProposals, presentSenders, presentWorkload, type MeshContext, type MeshView, type ProposalsView } from "#view";

/** What a picture is told beside the snapshot. */
export type Circumstances = Omit<MeshContext, "outlook">;

function presentWhole(verdicts: MeshVerdicts, circumstances: Circumstances): MeshView {
  return presentMesh(verdicts, { ...circumstances, outlook: namespaceOutlook(verdicts, circumstances.before ?? null) });
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
  presentAddress,
  presentSenders,
  presentFindings,
  presentList,
  presentProposal,
} as const;

export type Stages = typeof STAGES;

export type TimedStage = "judge" | "evaluate" | "presentWhole" | "delta";

export function timing<Args extends readonly unknown[], Result>(run: (...args: Args) => Result, took: (ms: number) => void): (...args: Args) => Result {
  return (...args) => {
    const startedMs = performance.now();
    const result = run(...args);
    took(performance.now() - startedMs);
    return result;
  };
}

/** The same stages; how long those took that make a picture is told. */
export function timed(stages: Stages, took: (stage: TimedStage, ms: number) => void): Stages {
  const judge = timing(stages.judge, (ms) => { took("judge", ms); });
  const evaluate = timing(stages.evaluate, (ms) => { took("evaluate", ms); });
  const presentWhole = timing(stages.presentWhole, (ms) => { took("presentWhole", ms); });
  return { ...stages, judge, evaluate, presentWhole };
}
