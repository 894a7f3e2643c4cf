import type { MeshJudge } from "../judge.ts";
import type { WorkloadId } from "../vocabulary.ts";
import { edgeKey, type EdgeDraft } from "./draft.ts";
import { workloadOf } from "./party.ts";
import type { TrafficRow } from "./telemetry.ts";
import type { Span } from "./span.ts";
import { isFlagged } from "./ztunnel.ts";

function kindOf(row: TrafficRow): "mtls" | "plaintext" | null {
  if (isFlagged(row)) return null;
  if (row.connectionSecurityPolicy === "mutual_tls") return "mtls";
  return row.proxy === "ztunnel" && row.connectionSecurityPolicy === "unknown" ? "plaintext" : null;
}

function isWhollyAmbient(judge: MeshJudge, server: WorkloadId | null): boolean {
  const instances = server === null ? [] : (judge.workloads.get(server)?.instances ?? []);
  return instances.length > 0 && instances.every((instance) => instance.dataPlaneMode === "ambient");
}

/**
 * What the server's ztunnel says of the connections from a client, where it sees all of them and says one thing.
 *
 * A sidecar that calls an ambient workload reports requests whose security it cannot tell; they come on connections that ztunnel reports.
 * @see rule OBS-21
 */
export function carrierOf(draft: EdgeDraft, span: Span, judge: MeshJudge): "mtls" | "plaintext" | null {
  if (draft.family !== "http" || draft.source.length === 0 || draft.destination.length > 0) return null;
  if (!isWhollyAmbient(judge, workloadOf(draft.server.party))) return null;
  const [first, ...others] = (span.get(edgeKey({ ...draft, family: "tcp" }))?.destination ?? []).map(kindOf);
  return first !== undefined && others.every((other) => other === first) ? first : null;
}
