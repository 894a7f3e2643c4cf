import type { Configuration, Edge, MeshChange, MeshJudge, MeshObject, PeerAuthentication, Workload, WorkloadId } from "#mesh";
import { isEmptySelector, memoised, selects, workloadIdParts } from "#mesh";
import { mayTake, unplacedIn } from "./unplaced.ts";

/** The edges whose answers a change can alter. Wider than needed is slower; narrower would be wrong. */
export type Reach = (edge: Edge) => boolean;

function touched(change: MeshChange): readonly MeshObject[] {
  return [...change.add, ...change.remove, ...change.update.flat()];
}

function isSelecting({ selector }: PeerAuthentication): boolean {
  return !isEmptySelector(selector);
}

const byNamespace = new WeakMap<MeshJudge, ReadonlyMap<string, readonly Workload[]>>();

/** Asked for each of hundreds of proposals: a judge's workloads are sorted into namespaces once. */
function workloadsIn(namespace: string, judge: MeshJudge): readonly Workload[] {
  const known = byNamespace.get(judge) ?? Map.groupBy(judge.workloads.values(), ({ id }) => workloadIdParts(id).namespace);
  byNamespace.set(judge, known);
  return known.get(namespace) ?? [];
}

function isSelected({ instances }: Workload, { namespace, selector }: PeerAuthentication): boolean {
  return instances.some((instance) => instance.ref.namespace === namespace && selects(selector ?? {}, instance.labels));
}

/** Those that policies select, and all in the namespaces that policies without selector are for. */
function reachedWorkloads(judge: MeshJudge, policies: readonly PeerAuthentication[]): ReadonlySet<WorkloadId> {
  const reached = policies.flatMap((policy) => {
    const workloads = workloadsIn(policy.namespace, judge);
    return isSelecting(policy) ? workloads.filter((workload) => isSelected(workload, policy)) : workloads;
  });
  return new Set(reached.map(({ id }) => id));
}

/** Clients also read the policy of the namespace that owns the host they dial, wherever its endpoints live. */
function hostTest(configuration: Configuration, namespaces: ReadonlySet<string>): (host: string | null) => boolean {
  const entries = new Set(configuration.objects.ServiceEntry.filter((entry) => namespaces.has(entry.namespace)).flatMap((entry) => entry.hosts.map((host) => host.toLowerCase())));
  const suffix = `.svc.${configuration.clusterDomain.toLowerCase()}`;
  const isInside = (host: string): boolean => {
    if (entries.has(host)) return true;
    if (!host.endsWith(suffix)) return false;
    const owner = host.slice(0, -suffix.length);
    return namespaces.has(owner.slice(owner.indexOf(".") + 1));
  };
  // many edges lead to one host
  return memoised((host) => host !== null && isInside(host));
}

/** To a Service in one of the namespaces, or to one that leads to a workload that policies select. */
function unplacedTest(judge: MeshJudge, wide: ReadonlySet<string>, reached: ReadonlySet<WorkloadId>): Reach {
  return (edge) => {
    const namespace = unplacedIn(edge);
    return namespace !== null && (wide.has(namespace) || [...reached].some((id) => workloadIdParts(id).namespace === namespace && mayTake(edge, id, judge)));
  };
}

/** For changes of PeerAuthentications; any other kind reaches everything. */
export function reachOf(configuration: Configuration, judge: MeshJudge, change: MeshChange): Reach {
  const objects = touched(change);
  const policies = objects.filter((object) => object.kind === "PeerAuthentication");
  const wide = new Set(policies.filter((policy) => !isSelecting(policy)).map(({ namespace }) => namespace));
  if (policies.length < objects.length || judge.rootNamespaces.some((root) => wide.has(root))) return () => true;
  const reached = reachedWorkloads(judge, policies);
  const isHostInside = hostTest(configuration, wide);
  const isGoneInside = (id: WorkloadId): boolean => !judge.workloads.has(id) && wide.has(workloadIdParts(id).namespace);
  const isUnplacedInside = unplacedTest(judge, wide, reached);
  return (edge) => (edge.server.kind === "workload" ? reached.has(edge.server.id) || isHostInside(edge.host) || isGoneInside(edge.server.id) : isUnplacedInside(edge));
}
