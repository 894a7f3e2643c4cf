import type { MeshChange, MeshVerdicts, PeerAuthentication, ScopeMode, Workload } from "#mesh";
import { workloadId } from "#mesh";
import type { Proposal, ProposalScope } from "./proposal.ts";
import { selectorFor } from "./selector.ts";
import { objectKey } from "./waysAfter.ts";

/** What is looked up to write a policy. */
export interface Drawer {
  readonly verdicts: Pick<MeshVerdicts, "snapshot" | "judge">;
  readonly workloadsByNamespace: ReadonlyMap<string, readonly Workload[]>;
}

type Written = Pick<PeerAuthentication, "namespace" | "name" | "selector">;

function freeName({ verdicts }: Drawer, { namespace, name: wanted }: Written): string {
  const taken = new Set(verdicts.snapshot.configuration.objects.PeerAuthentication.filter((policy) => policy.namespace === namespace).map(({ name }) => name));
  for (let number = 1; ; number += 1) {
    const name = number === 1 ? wanted : `${wanted}-${number}`;
    if (!taken.has(name)) return name;
  }
}

function added(drawer: Drawer, policy: Written, mode: Proposal["mode"]): PeerAuthentication {
  const createdAtMs = drawer.verdicts.snapshot.capturedAtMs;
  return { kind: "PeerAuthentication", labels: {}, annotations: {}, createdAtMs, portLevelMtls: {}, mode, ...policy, name: freeName(drawer, policy) };
}

/** A policy for just this scope, where the control plane knows of none. */
function firstOf(drawer: Drawer, scope: ProposalScope, { rootNamespace }: ScopeMode): Written | undefined {
  if (scope.kind === "mesh") return rootNamespace.kind === "known" ? { namespace: rootNamespace.value, name: "default", selector: null } : undefined;
  const { namespace } = scope;
  if (scope.kind === "namespace") return { namespace, name: "default", selector: null };
  const { verdicts: { judge }, workloadsByNamespace } = drawer;
  const id = workloadId(namespace, scope.name);
  const workload = judge.workloads.get(id);
  const neighbours = (workloadsByNamespace.get(namespace) ?? []).filter((other) => other.id !== id);
  const selector = workload === undefined ? undefined : selectorFor(workload, neighbours);
  return selector === undefined ? undefined : { namespace, name: scope.name, selector };
}

/** The scope's own policy, of those that were read; `undefined`: it has none. */
export function ownOf({ own }: ScopeMode): PeerAuthentication | undefined {
  return own.kind === "known" ? (own.value ?? undefined) : undefined;
}

/**
 * Sets a mode where control planes have another: in the scope's own policies, whose `portLevelMtls` are kept, and where there is none in a first one.
 *
 * @param modes those to set, of `judge.peerModes(scope)`
 * @returns `undefined` where no labels select the workload alone
 */
export function edited(drawer: Drawer, { scope, modes, mode }: { readonly scope: ProposalScope; readonly modes: readonly ScopeMode[]; readonly mode: Proposal["mode"] }): MeshChange | undefined {
  const owns = new Set(modes.flatMap((one) => ownOf(one) ?? []));
  const firsts = modes.filter((one) => ownOf(one) === undefined).map((one) => firstOf(drawer, scope, one));
  const wanted = firsts.filter((first) => first !== undefined);
  if (wanted.length < firsts.length) return undefined;
  const add = new Map(wanted.map((first) => added(drawer, first, mode)).map((policy) => [objectKey(policy), policy]));
  return { add: [...add.values()], update: [...owns].map((own) => [own, { ...own, mode }] as const), remove: [] };
}
