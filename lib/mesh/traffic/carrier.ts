import type { MeshJudge } from "../judge.ts";
import type { WorkloadId } from "../vocabulary.ts";
import { edgeKey } from "./draft.ts";
import type { ConfiguredPath } from "./edge.ts";
import { workloadOf } from "./party.ts";
import type { TrafficRow } from "./telemetry.ts";
import type { Told } from "./span.ts";
import { isFlagged } from "./ztunnel.ts";

/** What the server's ztunnel says of every connection that requests of an edge can have come on. */
export type Carrier = "mtls" | "plaintext";

function kindOf(row: TrafficRow): Carrier | null {
  if (isFlagged(row)) return null;
  if (row.connectionSecurityPolicy === "mutual_tls") return "mtls";
  return row.proxy === "ztunnel" && row.connectionSecurityPolicy === "unknown" ? "plaintext" : null;
}

function isWhollyAmbient(judge: MeshJudge, server: WorkloadId | null): boolean {
  const instances = server === null ? [] : (judge.workloads.get(server)?.instances ?? []);
  return instances.length > 0 && instances.every((instance) => instance.dataPlaneMode === "ambient");
}

/** A certificate that the client's proxy used would show; of what it sends through the tunnel none does. */
const SENDS: Readonly<Record<Carrier, (path: ConfiguredPath) => boolean>> = {
  mtls: ({ verdict: { clientMode } }) => clientMode.kind === "known" && clientMode.value === "HBONE",
  plaintext: ({ verdict: { transport } }) => transport.kind === "known" && transport.value === "plaintext",
};

/** What is said of connections from the client to the server, if of one at least to this host, and one thing of them all. */
function saidOfAll({ draft, span }: Told): Carrier | null {
  const tcp = { ...draft, family: "tcp" } as const;
  const here = span.get(edgeKey(tcp))?.destination ?? [];
  const [first, ...others] = here.length === 0 ? [] : span.reportedBetween(tcp).map(kindOf);
  return first !== undefined && others.every((other) => other === first) ? first : null;
}

/**
 * What requests came on that only the client's sidecar reported, to an ambient workload: it cannot tell their security, and ztunnel reports connections.
 * One connection carries any number of requests, and not every ztunnel need be heard: configuration has to say the same of every way.
 *
 * @returns `null` where either says several things, or nothing
 * @see rule OBS-21
 */
export function carrierOf(told: Told, paths: readonly ConfiguredPath[], judge: MeshJudge): Carrier | null {
  const { draft } = told;
  if (draft.family !== "http" || draft.source.length === 0 || draft.destination.length > 0) return null;
  if (paths.length === 0 || !isWhollyAmbient(judge, workloadOf(draft.server.party))) return null;
  const said = saidOfAll(told);
  return said !== null && paths.every(SENDS[said]) ? said : null;
}
