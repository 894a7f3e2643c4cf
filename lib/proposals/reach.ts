import type { Configuration, Edge, MeshChange, MeshJudge, MeshObject, PeerAuthentication, Workload, WorkloadId } from "#mesh";
import { isEmptySelector, selects, workloadIdParts } from "#mesh";
import { rootNamespaces } from "./policies.ts";

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

function selectedWorkloads(judge: MeshJudge, policies: readonly PeerAuthentication[]): ReadonlySet<WorkloadId> {
  const selected = policies.filter(isSelecting).flatMap(({ namespace, selector }) =>
    workloadsIn(namespace, judge).filter(({ instances }) => instances.some((instance) => instance.ref.namespace === namespace && selects(selector ?? {}, instance.labels))),
  );
  return new Set(selected.map(({ id }) => id));
}

/** Clients also read the policy of the namespace that owns the host they dial, wherever its endpoints live. */
function hostTest(configuration: Configuration, namespaces: ReadonlySet<string>): (host: string | null) => boolean {
  const entries = new Set(configuration.objects.ServiceEntry.filter((entry) => namespaces.has(entry.namespace)).flatMap((entry) => entry.hosts.map((host) => host.toLowerCase())));
  const suffix = `.svc.${configuration.clusterDomain.toLowerCase()}`;
  return (host) => {
    if (host === null) return false;
    if (entries.has(host)) return true;
    if (!host.endsWith(suffix)) return false;
    const owner = host.slice(0, -suffix.length);
    return namespaces.has(owner.slice(owner.indexOf(".") + 1));
  };
}

/** For changes of PeerAuthentications; any other kind reaches everything. */
export function reachOf(configuration: Configuration, judge: MeshJudge, change: MeshChange): Reach {
  const objects = touched(change);
  const policies = objects.filter((object) => object.kind === "PeerAuthentication");
  const wide = new Set(policies.filter((policy) => !isSelecting(policy)).map(({ namespace }) => namespace));
  if (policies.length < objects.length || rootNamespaces(configuration).some((root) => wide.has(root))) return () => true;
  const selected = selectedWorkloads(judge, policies);
  const isHostInside = hostTest(configuration, wide);
  return ({ server, host }) => {
    if (server.kind !== "workload") return false;
    return selected.has(server.id) || wide.has(workloadIdParts(server.id).namespace) || isHostInside(host);
  };
}
