import type { Configuration, MeshChange, MeshVerdicts, PeerAuthentication, PeerMode, Workload } from "#mesh";
import { workloadId, workloadIdParts } from "#mesh";
import { holdoutsAmong, isOpen, isProtected } from "./holdouts.ts";
import { areWorkloadsUnread, instanceMode, isRootUnread, mayHoldUnread, meshMode, namespaceMode, policiesOf, rootNamespaces, winnerFor, writtenMode } from "./policies.ts";
import type { Policies } from "./policies.ts";
import { proposalId } from "./proposal.ts";
import type { NoProposal, Proposal, ProposalScope } from "./proposal.ts";
import { selectorFor } from "./selector.ts";

/** What every proposal of one picture is made from; built once, however many scopes are asked for. */
export interface ProposalGround {
  readonly verdicts: Pick<MeshVerdicts, "snapshot" | "judge">;
  readonly policies: Policies;
  readonly workloadsByNamespace: ReadonlyMap<string, readonly Workload[]>;
}

type Draft = { readonly mode: Proposal["mode"]; readonly change: MeshChange } | NoProposal["because"];

export function proposalGround(verdicts: ProposalGround["verdicts"]): ProposalGround {
  return {
    verdicts,
    policies: policiesOf(verdicts.snapshot.configuration),
    workloadsByNamespace: Map.groupBy(verdicts.judge.workloads.values(), ({ id }) => workloadIdParts(id).namespace),
  };
}

/** From DISABLE the first step is PERMISSIVE. */
function nextMode(now: PeerMode): Proposal["mode"] {
  return now === "DISABLE" ? "PERMISSIVE" : "STRICT";
}

function freeName(ground: ProposalGround, namespace: string, wanted: string): string {
  const taken = new Set(ground.verdicts.snapshot.configuration.objects.PeerAuthentication.filter((policy) => policy.namespace === namespace).map(({ name }) => name));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (!taken.has(name)) return name;
  }
}

export function added(ground: ProposalGround, policy: Pick<PeerAuthentication, "namespace" | "name" | "selector" | "mode">): PeerAuthentication {
  const createdAtMs = ground.verdicts.snapshot.capturedAtMs;
  return { kind: "PeerAuthentication", labels: {}, annotations: {}, createdAtMs, portLevelMtls: {}, ...policy, name: freeName(ground, policy.namespace, policy.name) };
}

/** Sets the oldest policy without selector of a namespace, or writes the first one. */
export function wideChange(ground: ProposalGround, namespace: string, mode: Proposal["mode"]): MeshChange {
  const winner = ground.policies.wide.get(namespace)?.[0];
  if (winner !== undefined) return { add: [], update: [[winner, { ...winner, mode }]], remove: [] };
  return { add: [added(ground, { namespace, name: "default", selector: null, mode })], update: [], remove: [] };
}

/**
 * A policy for all of a namespace that may be the root would be one for the mesh; a selector there would be ignored;
 * and where istiod does not look, any would be.
 *
 * @see rule PRE-26
 */
function barrierTo({ verdicts, policies }: ProposalGround, namespace: string, workloads: readonly Workload[]): NoProposal["because"] | undefined {
  const { configuration } = verdicts.snapshot;
  if (isRootUnread(configuration)) return "root namespace is unclear";
  if (policies.roots.includes(namespace)) return "is the root namespace";
  if (mayHoldUnread(configuration, namespace)) return "policies are unread";
  if (!workloads.every(({ id }) => verdicts.judge.isReadFor(id, namespace))) return "is not discovered";
  return workloads.some(isProtected) ? undefined : unprotected(configuration, namespace);
}

/** Of what was not read nothing is said, least of all that there is nothing. */
function unprotected(configuration: Configuration, namespace: string | null): NoProposal["because"] {
  return areWorkloadsUnread(configuration, namespace) ? "workloads are unread" : "nothing to protect";
}

function draftMesh(ground: ProposalGround): Draft {
  const { snapshot: { configuration }, judge } = ground.verdicts;
  const [root, ...others] = rootNamespaces(configuration);
  if (root === undefined || others.length > 0 || isRootUnread(configuration)) return "root namespace is unclear";
  if (mayHoldUnread(configuration, root)) return "policies are unread";
  const workloads = [...judge.workloads.values()];
  if (!workloads.some(isProtected)) return unprotected(configuration, null);
  if (!workloads.every(({ id }) => judge.isReadFor(id, root))) return "is not discovered";
  const now = meshMode(ground.policies);
  if (now === "STRICT") return "is STRICT already";
  return { mode: nextMode(now), change: wideChange(ground, root, nextMode(now)) };
}

/** A port is open though no policy nearer than the mesh's says so: its control plane goes by another root namespace. */
function inheritsLess({ verdicts: { judge }, policies }: ProposalGround, namespace: string, workloads: readonly Workload[]): boolean {
  if (writtenMode(policies, namespace) !== null) return false;
  return workloads.some((workload) => isProtected(workload) && isOpen(judge, workload) && workload.instances.every((instance) => winnerFor(policies, instance) === undefined));
}

function draftNamespace(ground: ProposalGround, namespace: string): Draft {
  const { configuration } = ground.verdicts.snapshot;
  const workloads = ground.workloadsByNamespace.get(namespace) ?? [];
  if (workloads.length === 0 && !configuration.objects.Namespace.some(({ name }) => name === namespace)) return "no such scope";
  const barrier = barrierTo(ground, namespace, workloads);
  if (barrier !== undefined) return barrier;
  const now = namespaceMode(ground.policies, namespace);
  if (now === "STRICT" && !inheritsLess(ground, namespace, workloads)) return "is STRICT already";
  return { mode: nextMode(now), change: wideChange(ground, namespace, nextMode(now)) };
}

/** The instances that are not yet where the step leads; from DISABLE first, so that the others keep what they have. */
function workloadChange(ground: ProposalGround, workload: Workload, mode: Proposal["mode"]): MeshChange | undefined {
  const behind = workload.instances.filter((instance) => {
    const now = instanceMode(ground.policies, instance);
    return mode === "PERMISSIVE" ? now === "DISABLE" : now !== "STRICT";
  });
  const winners = new Set(behind.map((instance) => winnerFor(ground.policies, instance)));
  const update = [...winners].flatMap((winner) => (winner === undefined ? [] : [[winner, { ...winner, mode }] as const]));
  if (!winners.has(undefined)) return { add: [], update, remove: [] };
  const { namespace, name } = workloadIdParts(workload.id);
  const neighbours = (ground.workloadsByNamespace.get(namespace) ?? []).filter(({ id }) => id !== workload.id);
  const selector = selectorFor(workload, neighbours);
  return selector === undefined ? undefined : { add: [added(ground, { namespace, name, selector, mode })], update, remove: [] };
}

function draftWorkload(ground: ProposalGround, namespace: string, name: string): Draft {
  const workload = ground.verdicts.judge.workloads.get(workloadId(namespace, name));
  if (workload === undefined) return "no such scope";
  const barrier = barrierTo(ground, namespace, [workload]);
  if (barrier !== undefined) return barrier;
  const now = new Set(workload.instances.map((instance) => instanceMode(ground.policies, instance)));
  if (now.size === 1 && now.has("STRICT")) return "is STRICT already";
  const mode = now.has("DISABLE") ? "PERMISSIVE" : "STRICT";
  const change = workloadChange(ground, workload, mode);
  return change === undefined ? "nothing selects it alone" : { mode, change };
}

function draft(ground: ProposalGround, scope: ProposalScope): Draft {
  switch (scope.kind) {
    case "mesh":
      return draftMesh(ground);
    case "namespace":
      return draftNamespace(ground, scope.namespace);
    case "workload":
      return draftWorkload(ground, scope.namespace, scope.name);
  }
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
 * The change that takes a scope to STRICT, or to PERMISSIVE where it is DISABLE now.
 *
 * It changes the PeerAuthentication that decides the scope today, and keeps its `portLevelMtls`; only where none does, it adds one.
 * A policy with selector is never proposed for the root namespace: Istio ignores it there.
 *
 * @see rules PA-1 to PA-7
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
