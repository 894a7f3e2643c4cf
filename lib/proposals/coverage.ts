import type { Labels, MeshJudge, ObjectRef, PeerAuthentication, PortVerdict, Workload, WorkloadId, WorkloadInstance, WrittenMode } from "#mesh";
import { selects, workloadId, workloadIdParts } from "#mesh";
import { obeysPolicies } from "./holdouts.ts";
import { winnerFor } from "./policies.ts";
import type { Policies } from "./policies.ts";
import type { Proposal, ProposalScope } from "./proposal.ts";
import { proposalGround } from "./strict.ts";
import type { ProposalGround } from "./strict.ts";

/** Something inside the scope that the change does not protect, though one might think so. */
export type Limit =
  | { readonly kind: "policy keeps"; readonly object: ObjectRef; readonly field: string; readonly value: string; readonly workloads: readonly WorkloadId[] }
  | { readonly kind: "policy ignored"; readonly object: ObjectRef; readonly because: "an older one decides" | "selector in the root namespace" }
  | { readonly kind: "also selects"; readonly object: ObjectRef; readonly workloads: readonly WorkloadId[] }
  | { readonly kind: "ports of the proxy"; readonly ports: readonly number[] }
  | { readonly kind: "ports not captured"; readonly workload: WorkloadId; readonly ports: readonly number[] }
  | { readonly kind: "ports not TCP"; readonly workload: WorkloadId; readonly ports: readonly number[] }
  | { readonly kind: "no proxy"; readonly workloads: readonly WorkloadId[] }
  | { readonly kind: "gateway"; readonly workloads: readonly WorkloadId[] };

function refOf({ kind, namespace, name }: PeerAuthentication): ObjectRef {
  return { kind, namespace, name };
}

export function inScope(scope: ProposalScope, { id }: Workload): boolean {
  switch (scope.kind) {
    case "mesh":
      return true;
    case "namespace":
      return workloadIdParts(id).namespace === scope.namespace;
    case "workload":
      return id === workloadId(scope.namespace, scope.name);
  }
}

function isOpen(mode: WrittenMode | null): mode is WrittenMode {
  return mode === "PERMISSIVE" || mode === "DISABLE";
}

/** The modes of one policy that stay open when what it inherits becomes STRICT; its own mode counts only where the change does not set it. */
function openFields(policy: PeerAuthentication, changed: boolean): readonly (readonly [field: string, value: string])[] {
  const ports = Object.entries(policy.portLevelMtls).flatMap(([port, mode]) => (isOpen(mode) ? [[`spec.portLevelMtls.${port}.mode`, mode] as const] : []));
  return !changed && isOpen(policy.mode) ? [["spec.mtls.mode", policy.mode], ...ports] : ports;
}

function keeps(policy: PeerAuthentication, changed: boolean, workloads: readonly WorkloadId[]): readonly Limit[] {
  return openFields(policy, changed).map(([field, value]) => ({ kind: "policy keeps", object: refOf(policy), field, value, workloads }));
}

function isChanged(proposal: Proposal, policy: PeerAuthentication): boolean {
  return proposal.change.update.some(([from]) => from.kind === "PeerAuthentication" && from.namespace === policy.namespace && from.name === policy.name);
}

function workloadPolicies(proposal: Proposal, policies: Policies, workloads: readonly Workload[]): readonly Limit[] {
  const obeying = workloads.flatMap(({ id, instances }) => instances.filter(({ dataPlaneMode }) => obeysPolicies(dataPlaneMode)).map((instance) => ({ id, winner: winnerFor(policies, instance) })));
  return [...Map.groupBy(obeying, ({ winner }) => winner)].flatMap(([winner, obeyed]) =>
    winner === undefined ? [] : keeps(winner, isChanged(proposal, winner), [...new Set(obeyed.map(({ id }) => id))]),
  );
}

/** A mesh-wide change stops at every namespace that has a policy of its own. */
function namespacePolicies(proposal: Proposal, policies: Policies, workloads: readonly Workload[]): readonly Limit[] {
  if (proposal.scope.kind !== "mesh") return [];
  const byNamespace = Map.groupBy(workloads, ({ id }) => workloadIdParts(id).namespace);
  return [...policies.wide].flatMap(([namespace, [winner]]) =>
    winner === undefined || policies.roots.includes(namespace) ? [] : keeps({ ...winner, portLevelMtls: {} }, false, (byNamespace.get(namespace) ?? []).map(({ id }) => id)),
  );
}

function selectsSome(selector: Labels | null, workloads: readonly Workload[]): boolean {
  return workloads.some(({ instances }) => instances.some(({ labels }) => selects(selector ?? {}, labels)));
}

function ignoredPolicies(proposal: Proposal, policies: Policies, workloads: readonly Workload[]): readonly Limit[] {
  const { scope } = proposal;
  const namespaces = scope.kind === "mesh" ? policies.roots : [scope.namespace];
  const newer = scope.kind === "workload" ? [] : namespaces.flatMap((namespace) => (policies.wide.get(namespace) ?? []).slice(1));
  const rooted = policies.roots.flatMap((root) => policies.selecting.get(root) ?? []).filter((policy) => selectsSome(policy.selector, workloads));
  return [
    ...newer.map((policy): Limit => ({ kind: "policy ignored", object: refOf(policy), because: "an older one decides" })),
    ...rooted.map((policy): Limit => ({ kind: "policy ignored", object: refOf(policy), because: "selector in the root namespace" })),
  ];
}

function alsoSelected({ scope, change }: Proposal, ground: ProposalGround): readonly Limit[] {
  if (scope.kind !== "workload") return [];
  const own = workloadId(scope.namespace, scope.name);
  const neighbours = (ground.workloadsByNamespace.get(scope.namespace) ?? []).filter(({ id }) => id !== own);
  const policies = change.update.flatMap(([, to]) => (to.kind === "PeerAuthentication" ? [to] : []));
  return policies.flatMap((policy): readonly Limit[] => {
    const workloads = neighbours.filter((workload) => selectsSome(policy.selector, [workload])).map(({ id }) => id);
    return workloads.length === 0 ? [] : [{ kind: "also selects", object: refOf(policy), workloads }];
  });
}

function portsWhere(judge: MeshJudge, instances: readonly WorkloadInstance[], test: (port: PortVerdict) => boolean): readonly number[] {
  const ports = instances.flatMap(({ ref }) => judge.ports(ref).filter(test).map(({ targetPort }) => targetPort));
  return [...new Set(ports)].sort((left, right) => left - right);
}

function ports(judge: MeshJudge, workloads: readonly Workload[]): readonly Limit[] {
  return workloads.flatMap(({ id, instances }): readonly Limit[] => {
    const uncaptured = portsWhere(judge, instances, ({ serverMode }) => serverMode.kind === "known" && serverMode.value === "UNCAPTURED");
    const datagrams = portsWhere(judge, instances, ({ protocol }) => protocol === "UDP");
    return [
      ...(uncaptured.length === 0 ? [] : [{ kind: "ports not captured" as const, workload: id, ports: uncaptured }]),
      ...(datagrams.length === 0 ? [] : [{ kind: "ports not TCP" as const, workload: id, ports: datagrams }]),
    ];
  });
}

function outside(workloads: readonly Workload[]): readonly Limit[] {
  const having = (...modes: readonly string[]): readonly WorkloadId[] => workloads.filter(({ instances }) => instances.some(({ dataPlaneMode }) => modes.includes(dataPlaneMode))).map(({ id }) => id);
  const [bare, gateways] = [having("none"), having("gateway", "waypoint")];
  return [
    ...(bare.length === 0 ? [] : [{ kind: "no proxy" as const, workloads: bare }]),
    ...(gateways.length === 0 ? [] : [{ kind: "gateway" as const, workloads: gateways }]),
  ];
}

/** Never captured: the proxy's own ports, and HBONE's, which is mTLS whatever the policy says. */
function proxyPorts({ verdicts }: ProposalGround): Limit {
  const status = verdicts.snapshot.configuration.objects.MeshConfig.map(({ statusPort }) => statusPort);
  return { kind: "ports of the proxy", ports: [...new Set([...(status.length === 0 ? [15020] : status), 15021, 15090, 15008])] };
}

/**
 * What a proposal leaves open inside its scope: exceptions that keep their mode, ports outside the proxy, workloads without one.
 *
 * @see rules PA-1 to PA-7, CAPTURE; checklist J of the semantics
 */
export function limitsOf(of: ProposalGround["verdicts"], proposal: Proposal): readonly Limit[] {
  const ground = proposalGround(of);
  const { policies, verdicts: { judge } } = ground;
  const workloads = [...judge.workloads.values()].filter((workload) => inScope(proposal.scope, workload));
  return [
    ...namespacePolicies(proposal, policies, workloads),
    ...workloadPolicies(proposal, policies, workloads),
    ...alsoSelected(proposal, ground),
    ...ignoredPolicies(proposal, policies, workloads),
    ...outside(workloads),
    ...ports(judge, workloads),
    proxyPorts(ground),
  ];
}
