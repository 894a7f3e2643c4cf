import type { MeshJudge, ObjectRef, PeerAuthentication, PolicyInForce, PolicyScope, PortVerdict, Workload, WorkloadId, WorkloadInstance, WrittenMode } from "#mesh";
import { applyChange, judgeMesh, workloadId, workloadIdParts } from "#mesh";
import { ownOf } from "./edit.ts";
import type { Proposal, ProposalScope } from "./proposal.ts";
import { proposalGround } from "./strict.ts";
import type { ProposalGround } from "./strict.ts";

/** Something inside the scope that the change does not protect, though one might think so. */
export type Limit =
  | { readonly kind: "policy keeps"; readonly object: ObjectRef; readonly field: string; readonly value: string; readonly workloads: readonly WorkloadId[] }
  | { readonly kind: "policy ignored"; readonly object: ObjectRef; readonly because: "an older one decides" | "selector in the root namespace" }
  | { readonly kind: "not told to ztunnel"; readonly object: ObjectRef; readonly workloads: readonly WorkloadId[] }
  | { readonly kind: "also selects"; readonly object: ObjectRef; readonly workloads: readonly WorkloadId[] }
  | { readonly kind: "ports of the proxy"; readonly ports: readonly number[] }
  | { readonly kind: "ports not captured"; readonly workload: WorkloadId; readonly ports: readonly number[] }
  | { readonly kind: "ports not TCP"; readonly workload: WorkloadId; readonly ports: readonly number[] }
  | { readonly kind: "no proxy"; readonly workloads: readonly WorkloadId[] }
  | { readonly kind: "gateway"; readonly workloads: readonly WorkloadId[] };

function refOf({ kind, namespace, name }: PeerAuthentication): ObjectRef {
  return { kind, namespace, name };
}

/** Whether a proposal for a scope is about a workload. */
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

/** The policies with a selector that decide for workloads, and for which. */
function selecting(judge: MeshJudge, workloads: readonly Workload[]): ReadonlyMap<PeerAuthentication, readonly WorkloadId[]> {
  const owned = workloads.flatMap(({ id }) => ownsOf(judge, { kind: "workload", ...workloadIdParts(id) }).map((own) => ({ id, own })));
  return new Map([...Map.groupBy(owned, ({ own }) => own)].map(([own, all]) => [own, [...new Set(all.map(({ id }) => id))]]));
}

function ownsOf(judge: MeshJudge, scope: PolicyScope): readonly PeerAuthentication[] {
  return judge.peerModes(scope).flatMap((mode) => ownOf(mode) ?? []);
}

function workloadPolicies(proposal: Proposal, judge: MeshJudge, workloads: readonly Workload[]): readonly Limit[] {
  return [...selecting(judge, workloads)].flatMap(([own, ids]) => keeps(own, isChanged(proposal, own), ids));
}

/** A mesh-wide change stops at every namespace that has a policy of its own. */
function namespacePolicies({ scope }: Proposal, judge: MeshJudge, workloads: readonly Workload[]): readonly Limit[] {
  if (scope.kind !== "mesh") return [];
  const byNamespace = Map.groupBy(workloads, ({ id }) => workloadIdParts(id).namespace);
  return [...byNamespace].flatMap(([namespace, all]) => {
    const owns = judge.rootNamespaces.includes(namespace) ? [] : new Set(ownsOf(judge, { kind: "namespace", namespace }));
    return [...owns].flatMap((own) => keeps({ ...own, portLevelMtls: {} }, false, all.map(({ id }) => id)));
  });
}

const IGNORED_BECAUSE = { "PA-6": "an older one decides", "PA-7": "selector in the root namespace" } as const;

/** Of younger ones those that mean the very scope; those with a selector are told of where they are changed. */
function ignoredBy({ rule, scope: own }: PolicyInForce, { kind }: ProposalScope): keyof typeof IGNORED_BECAUSE | undefined {
  if (rule === "PA-7") return rule;
  return rule === "PA-6" && own === kind && kind !== "workload" ? rule : undefined;
}

function ignoredPolicies({ scope }: Proposal, judge: MeshJudge, workloads: readonly Workload[]): readonly Limit[] {
  const ignored = workloads.flatMap(({ id }) => judge.policies(id).flatMap((policy) => {
    const rule = ignoredBy(policy, scope);
    return rule === undefined ? [] : [{ object: policy.object, rule }];
  }));
  const each = [...new Map(ignored.map((one) => [`${one.object.namespace}/${one.object.name}`, one])).values()];
  return Object.entries(IGNORED_BECAUSE).flatMap(([rule, because]) => each.filter((one) => one.rule === rule).map(({ object }): Limit => ({ kind: "policy ignored", object, because })));
}

function alsoSelected({ scope, change }: Proposal, { verdicts: { judge }, workloadsByNamespace }: ProposalGround): readonly Limit[] {
  if (scope.kind !== "workload") return [];
  const own = workloadId(scope.namespace, scope.name);
  const neighbours = (workloadsByNamespace.get(scope.namespace) ?? []).filter(({ id }) => id !== own);
  const obeyed = selecting(judge, neighbours);
  const changed = new Set(change.update.map(([from]) => from));
  return [...obeyed].flatMap(([policy, workloads]): readonly Limit[] => (changed.has(policy) ? [{ kind: "also selects", object: refOf(policy), workloads }] : []));
}

/** In a root namespace istiod takes `selector: {}` for none where it tells sidecars, and for one where it tells ztunnel. */
function untoldToZtunnel({ change }: Proposal, judge: MeshJudge, workloads: readonly Workload[]): readonly Limit[] {
  const ambient = workloads.filter(({ instances }) => instances.some(({ dataPlaneMode }) => dataPlaneMode === "ambient")).map(({ id }) => id);
  const policies = change.update.flatMap(([, to]) => (to.kind === "PeerAuthentication" && to.selector !== null && Object.keys(to.selector).length === 0 ? [to] : []));
  if (ambient.length === 0) return [];
  return policies.filter(({ namespace }) => judge.rootNamespaces.includes(namespace)).map((policy): Limit => ({ kind: "not told to ztunnel", object: refOf(policy), workloads: ambient }));
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

/** An entry for a port counts unless the engine says that the port becomes STRICT all the same: ztunnel does not hear of each (AMB-1). */
function isKept(after: MeshJudge, limit: Limit): boolean {
  const port = limit.kind === "policy keeps" ? /^spec\.portLevelMtls\.(\d+)\./.exec(limit.field)?.[1] : undefined;
  if (limit.kind !== "policy keeps" || port === undefined) return true;
  const modes = limit.workloads.flatMap((id) => (after.workloads.get(id)?.instances ?? []).map(({ ref }) => after.serverMode(ref, Number(port))));
  return modes.length === 0 || modes.some((mode) => mode.kind === "unknown" || mode.value !== "STRICT");
}

/**
 * What a proposal leaves open inside its scope: exceptions that keep their mode, ports outside the proxy, workloads without one.
 *
 * @see rules PA-1 to PA-7, CAP-1 to CAP-5, CAP-10
 */
export function limitsOf(of: ProposalGround["verdicts"], proposal: Proposal): readonly Limit[] {
  const ground = proposalGround(of);
  const { judge, snapshot } = ground.verdicts;
  const after = judgeMesh(applyChange(snapshot.configuration, proposal.change), judge);
  const workloads = [...judge.workloads.values()].filter((workload) => inScope(proposal.scope, workload));
  return [
    ...namespacePolicies(proposal, judge, workloads),
    ...workloadPolicies(proposal, judge, workloads).filter((limit) => isKept(after, limit)),
    ...untoldToZtunnel(proposal, judge, workloads),
    ...alsoSelected(proposal, ground),
    ...ignoredPolicies(proposal, judge, workloads),
    ...outside(workloads),
    ...ports(judge, workloads),
    proxyPorts(ground),
  ];
}
