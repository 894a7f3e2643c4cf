import type { MeshVerdicts, PeerAuthentication } from "#mesh";
import type { ProposalPreview } from "./consequence.ts";
import { edited } from "./edit.ts";
import { preview } from "./outlook.ts";
import { proposalId } from "./proposal.ts";
import type { Proposal, ProposalScope } from "./proposal.ts";
import { apiVersion, proposalGround } from "./strict.ts";

/** The way back from STRICT. */
export interface Reopening {
  /** the objects that make it STRICT: one, but for control planes that go by different ones, and workloads whose instances do */
  readonly decidedBy: readonly PeerAuthentication[];
  /** what taking the scope to PERMISSIVE would do */
  readonly preview: ProposalPreview;
}

/**
 * What makes a scope STRICT, and what would take it back to PERMISSIVE.
 *
 * @returns `undefined` where no label selects the workload alone
 */
export function reopening(verdicts: MeshVerdicts, scope: ProposalScope): Reopening | undefined {
  const modes = verdicts.judge.peerModes(scope);
  const change = edited(proposalGround(verdicts), { scope, modes, mode: "PERMISSIVE" });
  if (change === undefined) return undefined;
  const proposal: Proposal = { kind: "proposal", id: proposalId(scope), scope, mode: "PERMISSIVE", change, apiVersion: apiVersion(verdicts.snapshot.configuration) };
  return { decidedBy: [...new Set(modes.flatMap(({ decidedBy }) => decidedBy ?? []))], preview: preview(verdicts, proposal) };
}
