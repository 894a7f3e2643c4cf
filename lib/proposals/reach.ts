import type { Configuration, Edge, MeshChange, MeshJudge, MeshObject, PeerAuthentication, WorkloadId } from "#mesh";
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

function selectedWorkloads(judge: MeshJudge, policies: readonly PeerAuthentication[]): ReadonlySet<WorkloadId> {
  const selecting = policies.filter(isSelecting);
  const namespaces = new Set(selecting.map(({ namespace }) => namespace));
  const inside = [...judge.workloads.values()].filter(({ id }) => namespaces.has(workloadIdParts(id).namespace));
  const selected = inside.filter(({ instances }) =>
    instances.some((instance) => selecting.some((policy) => policy.namespace === instance.ref.namespace && selects(policy.selector ?? {}, instance.labels))),
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
