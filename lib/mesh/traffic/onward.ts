import { saysTunnel } from "../instances/dataPlane.ts";
import type { MeshJudge, WorkloadInstance } from "../judge.ts";
import type { Gap } from "../verdict.ts";
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

function instancesOf({ draft }: Told, judge: MeshJudge): readonly WorkloadInstance[] {
  const server = workloadOf(draft.server.party);
  return server === null ? [] : (judge.workloads.get(server)?.instances ?? []);
}

/** What is missing where a waypoint reported, and the server is a workload of which no instance is known: the definition of states takes it for mTLS all the same. */
export function onwardGap(told: Told, judge: MeshJudge): Gap | null {
  const server = workloadOf(told.draft.server.party);
  if (told.draft.waypoint.length === 0 || server === null || instancesOf(told, judge).length > 0) return null;
  return { wanted: `whether what the waypoint sends on to \`${server}\` is mTLS`, because: "it reports the hop to itself, and no instance of the server is known" };
}

const FIRST_HOP = "the waypoint reported the hop to itself, and nobody the one from it";

function withoutTunnel(some: number, all: number): string {
  return some === all ? "no instance of the server takes a tunnel" : `${some} of ${all} instances of the server ${some === 1 ? "takes" : "take"} no tunnel`;
}

/**
 * Why what reached a waypoint as mTLS is not known to have reached the server so; `null` where configuration sends it on through a tunnel, or says nothing of the server, or no waypoint reported.
 *
 * @see rule OBS-25
 */
export function unknownOnward(told: Told, paths: readonly ConfiguredPath[], judge: MeshJudge): string | null {
  const { draft } = told;
  if (draft.waypoint.length === 0) return null;
  if (workloadOf(draft.server.party) === null) return `${FIRST_HOP}; the server is no workload`;
  const instances = instancesOf(told, judge);
  if (instances.length === 0) return null;
  const without = instances.filter((instance) => !takesTunnel(instance)).length;
  if (without > 0) return `${FIRST_HOP}; ${withoutTunnel(without, instances.length)}, and a waypoint sends no other mTLS`;
  return paths.filter(isThrough).every(isMtls) ? null : `${FIRST_HOP}; configuration does not say that the server takes it as mTLS`;
}
