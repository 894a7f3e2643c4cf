import { saysTunnel } from "../dataPlane.ts";
import type { MeshJudge, WorkloadInstance } from "../judge.ts";
import type { ConfiguredPath } from "./edge.ts";
import { workloadOf } from "./party.ts";
import type { Told } from "./span.ts";

/** Waypoints know the tunnel and plaintext, and no mTLS of the mesh beside these. */
function takesTunnel({ dataPlaneMode, hostNetwork, labels }: WorkloadInstance): boolean {
  return !hostNetwork && (dataPlaneMode === "ambient" || saysTunnel(labels));
}

/** A way through a waypoint, as far as such a way is known. */
function isThrough({ verdict: { clientMode } }: ConfiguredPath): boolean {
  return clientMode.kind === "known" && clientMode.value === "HBONE";
}

function isMtls({ verdict: { transport } }: ConfiguredPath): boolean {
  return transport.kind === "known" && transport.value === "mTLS";
}

const FIRST_HOP = "the waypoint reported the hop to itself, and nobody the one from it";

/**
 * Why what reached a waypoint as mTLS is not known to have reached the server so; `null` where configuration sends it on through a tunnel, or no waypoint reported.
 *
 * @see rule OBS-25
 */
export function unknownOnward({ draft }: Told, paths: readonly ConfiguredPath[], judge: MeshJudge): string | null {
  if (draft.waypoint.length === 0) return null;
  const server = workloadOf(draft.server.party);
  const instances = server === null ? [] : (judge.workloads.get(server)?.instances ?? []);
  if (instances.length === 0) return `${FIRST_HOP}; the server is no workload that is known`;
  const without = instances.filter((instance) => !takesTunnel(instance)).length;
  if (without > 0) return `${FIRST_HOP}; ${without} of ${instances.length} instances of the server take no tunnel, and a waypoint sends no other mTLS`;
  return paths.filter(isThrough).every(isMtls) ? null : `${FIRST_HOP}; configuration does not say that the server takes it as mTLS`;
}
