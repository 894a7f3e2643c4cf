import type { Edge, MeshJudge, WorkloadId } from "#mesh";
import { namespaceOfHost } from "#mesh";
import { isByServerSide } from "./load.ts";

/** The namespace of the Service under which a server of the mesh reported an edge, where no report names the workload. @see rule OBS-24 */
export function unplacedIn({ server, host, observations }: Edge): string | null {
  if (server.kind !== "external" || host === null) return null;
  return observations.some(isByServerSide) ? namespaceOfHost(host) : null;
}

/** The Service leads to this workload, among others. */
export function mayTake({ host, family }: Edge, id: WorkloadId, judge: MeshJudge): boolean {
  return judge.paths(null, id, host, family).length > 0;
}
