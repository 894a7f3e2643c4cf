import type { Configuration, MeshChange, PeerAuthentication, ScopeMode, Workload } from "#mesh";
import { keptWith, workloadId, workloadIdParts } from "#mesh";
import { isStrict } from "./closing.ts";
import { edited, ownOf } from "./edit.ts";
import type { Drawer } from "./edit.ts";
import { holdoutsAmong } from "./holdouts.ts";
import { areWorkloadsUnread } from "./unread.ts";
import { proposalId } from "./proposal.ts";
import type { NoProposal, Proposal, ProposalScope } from "./proposal.ts";

/** What every proposal of one picture is made from, however many scopes are asked for. */
export type ProposalGround = Drawer;

type Because = NoProposal["because"];
type Draft = { readonly mode: Proposal["mode"]; readonly change: MeshChange } | Because;

export const proposalGround = keptWith((verdicts: ProposalGround["verdicts"]): ProposalGround => {
  return { verdicts, workloadsByNamespace: Map.groupBy(verdicts.judge.workloads.values(), ({ id }) => workloadIdParts(id).namespace) };
});

function isThere({ verdicts: { snapshot, judge }, workloadsByNamespace }: ProposalGround, scope: ProposalScope): boolean {
  switch (scope.kind) {
    case "mesh":
      return true;
    case "namespace":
      return workloadsByNamespace.has(scope.namespace) || snapshot.configuration.objects.Namespace.some(({ name }) => name === scope.namespace);
    case "workload":
      return judge.workloads.has(workloadId(scope.namespace, scope.name));
  }
}

/** Of what was not read nothing is said, least of all that there is nothing. */
function unprotected(configuration: Configuration, namespace: string | null): Because {
  return areWorkloadsUnread(configuration, namespace) ? "workloads are unread" : "nothing to protect";
}

/**
 * A policy for all of a namespace that may be the root would be one for the mesh; a selector there would be ignored;
 * and where istiod does not look, any would be.
 *
 * @see rule PRE-26
 */
function barrierTo({ verdicts: { snapshot, judge } }: ProposalGround, scope: ProposalScope, modes: readonly ScopeMode[]): Because | undefined {
  const namespace = scope.kind === "mesh" ? null : scope.namespace;
  if (modes.some(({ rootNamespace }) => rootNamespace.kind === "unknown")) return "root namespace is unclear";
  if (namespace !== null && judge.rootNamespaces.includes(namespace)) return "is the root namespace";
  if (modes.some(({ own }) => own.kind === "unknown")) return "policies are unread";
  if (!modes.every(({ isRead }) => isRead)) return "is not discovered";
  return modes.length > 0 ? undefined : unprotected(snapshot.configuration, namespace);
}

/** Where not all that decides was read, what was: from a DISABLE that may hold the way goes through PERMISSIVE. */
function said({ mode, decidedBy }: ScopeMode): string | null {
  return mode.kind === "known" ? mode.value : (decidedBy?.mode ?? null);
}

interface Step {
  readonly mode: Proposal["mode"];
  /** what is not yet where the step leads */
  readonly behind: readonly ScopeMode[];
}

/** What else obeys a policy of the scope: a selector may pick other workloads, and their control plane's mesh another mode. */
function besides({ verdicts: { judge }, workloadsByNamespace }: ProposalGround, scope: ProposalScope, modes: readonly ScopeMode[]): readonly ScopeMode[] {
  if (scope.kind !== "workload" || judge.rootNamespaces.length < 2) return [];
  const owns = new Set<PeerAuthentication | undefined>(modes.flatMap((one) => ownOf(one) ?? []));
  const all = owns.size === 0 ? [] : (workloadsByNamespace.get(scope.namespace) ?? []);
  const others = all.filter(({ id }) => id !== workloadId(scope.namespace, scope.name)).flatMap(({ id }) => judge.peerModes({ kind: "workload", ...workloadIdParts(id) }));
  return others.filter((one) => owns.has(ownOf(one)));
}

/** From DISABLE the first step is PERMISSIVE, and only there: the others keep what they have. @see rule PRE-35 */
function nextStep(modes: readonly ScopeMode[], others: readonly ScopeMode[]): Step | Because {
  const open = modes.filter((one) => !isStrict(one.mode) && ownOf(one)?.mode !== "STRICT");
  if (open.length === 0) return "is STRICT already";
  const all = [...modes, ...others];
  const disabled = all.filter((one) => said(one) === "DISABLE");
  if (disabled.length === 0) return { mode: "STRICT", behind: open };
  const owns = new Set(disabled.map(ownOf));
  return all.some((one) => said(one) === "STRICT" && owns.has(ownOf(one))) ? "control planes differ" : { mode: "PERMISSIVE", behind: disabled };
}

function draft(ground: ProposalGround, scope: ProposalScope): Draft {
  if (!isThere(ground, scope)) return "no such scope";
  const modes = ground.verdicts.judge.peerModes(scope);
  const step = barrierTo(ground, scope, modes) ?? nextStep(modes, besides(ground, scope, modes));
  if (typeof step === "string") return step;
  const change = edited(ground, { scope, modes: step.behind, mode: step.mode });
  return change === undefined ? "nothing selects it alone" : { mode: step.mode, change };
}

function workloadsOf({ verdicts: { judge }, workloadsByNamespace }: ProposalGround, scope: ProposalScope): readonly Workload[] {
  switch (scope.kind) {
    case "mesh":
      return [...judge.workloads.values()];
    case "namespace":
      return workloadsByNamespace.get(scope.namespace) ?? [];
    case "workload":
      return [judge.workloads.get(workloadId(scope.namespace, scope.name))].filter((workload) => workload !== undefined);
  }
}

/** `security.istio.io/v1` is served from Istio 1.22 on. */
export function apiVersion(configuration: Configuration): Proposal["apiVersion"] {
  const old = configuration.objects.ControlPlane.some(({ version }) => {
    const [, major, minor] = /^(\d+)\.(\d+)/.exec(version ?? "") ?? [];
    return major !== undefined && (Number(major) < 1 || (major === "1" && Number(minor) < 22));
  });
  return old ? "security.istio.io/v1beta1" : "security.istio.io/v1";
}

/**
 * The change that takes a scope to STRICT, or to PERMISSIVE where it is DISABLE now, as the engine says for every control plane of its proxies.
 *
 * It changes the PeerAuthentication of the scope, and keeps its `portLevelMtls`; only where there is none, it adds one. Of the mesh
 * there is one in each root namespace that its proxies go by.
 * A policy with selector is never proposed for the root namespace: Istio ignores it there.
 *
 * @see rules PA-1 to PA-7, PRE-34
 */
export function proposeStrict(verdicts: ProposalGround["verdicts"], scope: ProposalScope): Proposal | NoProposal {
  return proposeOn(proposalGround(verdicts), scope);
}

export function proposeOn(ground: ProposalGround, scope: ProposalScope): Proposal | NoProposal {
  const id = proposalId(scope);
  const drafted = draft(ground, scope);
  if (drafted === "is STRICT already") return { kind: "no proposal", id, scope, because: drafted, holdouts: holdoutsAmong(ground.verdicts.judge, workloadsOf(ground, scope)) };
  if (typeof drafted === "string") return { kind: "no proposal", id, scope, because: drafted };
  return { kind: "proposal", id, scope, ...drafted, apiVersion: apiVersion(ground.verdicts.snapshot.configuration) };
}
