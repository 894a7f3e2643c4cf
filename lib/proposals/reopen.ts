import type { MeshChange, MeshVerdicts, PeerAuthentication, Workload } from "#mesh";
import { workloadId, workloadIdParts } from "#mesh";
import type { ProposalPreview } from "./consequence.ts";
import { preview } from "./outlook.ts";
import { winnerFor } from "./policies.ts";
import type { Policies } from "./policies.ts";
import { proposalId } from "./proposal.ts";
import type { Proposal, ProposalScope } from "./proposal.ts";
import { selectorFor } from "./selector.ts";
import { added, apiVersion, proposalGround, wideChange } from "./strict.ts";
import type { ProposalGround } from "./strict.ts";

/** The way back from STRICT. */
export interface Reopening {
  /** the objects that make it STRICT: one, but for workloads whose instances obey several */
  readonly decidedBy: readonly PeerAuthentication[];
  /** what taking the scope to PERMISSIVE would do */
  readonly preview: ProposalPreview;
}

function setsMode(policy: PeerAuthentication | undefined): policy is PeerAuthentication {
  return policy !== undefined && policy.mode !== null && policy.mode !== "" && policy.mode !== "UNSET";
}

function widest({ wide }: Policies, namespace: string | undefined): readonly PeerAuthentication[] {
  return [wide.get(namespace ?? "")?.[0]].filter(setsMode);
}

/** The mesh's policy, as the control planes of these workloads have it: revisions may go by other root namespaces. */
function meshWide({ policies, verdicts: { judge } }: ProposalGround, workloads: readonly Workload[]): readonly PeerAuthentication[] {
  const [root, ...others] = policies.roots;
  if (others.length === 0) return widest(policies, root);
  const named = new Set(workloads.flatMap(({ id }) => judge.policies(id).flatMap(({ object, scope }) => (scope === "mesh" ? [object.namespace] : []))));
  return policies.roots.filter((one) => named.has(one)).flatMap((one) => widest(policies, one));
}

function widely(ground: ProposalGround, namespace: string): readonly PeerAuthentication[] {
  const own = widest(ground.policies, namespace);
  return own.length > 0 ? own : meshWide(ground, ground.workloadsByNamespace.get(namespace) ?? []);
}

function decides(ground: ProposalGround, scope: ProposalScope): readonly PeerAuthentication[] {
  const { policies, verdicts } = ground;
  if (scope.kind === "mesh") return meshWide(ground, [...verdicts.judge.workloads.values()]);
  if (scope.kind === "namespace") return widely(ground, scope.namespace);
  const { instances } = verdicts.judge.workloads.get(workloadId(scope.namespace, scope.name)) ?? { instances: [] };
  const each = instances.flatMap((instance) => {
    const own = winnerFor(policies, instance);
    return setsMode(own) ? [own] : widely(ground, scope.namespace);
  });
  return [...new Set(each)];
}

/** Those of a workload's policies that select it are set; where an instance has none, one is added for it alone. */
function workloadChange(ground: ProposalGround, workload: Workload): MeshChange | undefined {
  const winners = new Set(workload.instances.map((instance) => winnerFor(ground.policies, instance)));
  const update = [...winners].flatMap((winner) => (winner === undefined ? [] : [[winner, { ...winner, mode: "PERMISSIVE" }] as const]));
  if (!winners.has(undefined)) return { add: [], update, remove: [] };
  const { namespace, name } = workloadIdParts(workload.id);
  const neighbours = (ground.workloadsByNamespace.get(namespace) ?? []).filter(({ id }) => id !== workload.id);
  const selector = selectorFor(workload, neighbours);
  return selector === undefined ? undefined : { add: [added(ground, { namespace, name, selector, mode: "PERMISSIVE" })], update, remove: [] };
}

function changeFor(ground: ProposalGround, scope: ProposalScope): MeshChange | undefined {
  if (scope.kind === "mesh") return wideChange(ground, ground.policies.roots[0] ?? "", "PERMISSIVE");
  if (scope.kind === "namespace") return wideChange(ground, scope.namespace, "PERMISSIVE");
  const workload = ground.verdicts.judge.workloads.get(workloadId(scope.namespace, scope.name));
  return workload === undefined ? undefined : workloadChange(ground, workload);
}

/**
 * What makes a scope STRICT, and what would take it back to PERMISSIVE.
 *
 * @returns `undefined` where no label selects the workload alone
 */
export function reopening(verdicts: MeshVerdicts, scope: ProposalScope): Reopening | undefined {
  const ground = proposalGround(verdicts);
  const change = changeFor(ground, scope);
  if (change === undefined) return undefined;
  const proposal: Proposal = { kind: "proposal", id: proposalId(scope), scope, mode: "PERMISSIVE", change, apiVersion: apiVersion(verdicts.snapshot.configuration) };
  return { decidedBy: decides(ground, scope), preview: preview(verdicts, proposal) };
}
