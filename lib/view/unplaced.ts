import type { Edge } from "#mesh";
import { namespaceOfHost } from "#mesh";
import type { ReadinessView } from "./meshView.ts";
import { seenCounts } from "./seenCounts.ts";
import { listText, plural } from "./sentences/quantity.ts";

/** The namespace of the Service under which a server of the mesh reported an edge, where no report names the workload. @see rule OBS-24 */
export function unplacedIn({ server, host, observations }: Edge): string | null {
  if (server.kind !== "external" || host === null) return null;
  return observations.some(({ reporter }) => reporter === "destination" || reporter === "waypoint") ? namespaceOfHost(host) : null;
}

function isDoubtful(edge: Edge): boolean {
  const { plaintext, tls, unclear } = seenCounts(edge);
  return plaintext + tls + unclear > 0;
}

/** What went to a workload that nobody named is in no preview: nobody is ready while it may be blocked. */
export function withUnplaced(readiness: ReadinessView, unplaced: readonly Edge[]): ReadinessView {
  const doubtful = unplaced.filter(isDoubtful);
  if (readiness.kind !== "ready" || doubtful.length === 0) return readiness;
  const hosts = [...new Set(doubtful.map(({ host }) => host ?? ""))].sort();
  const sentence = `What STRICT would do to ${plural(doubtful.length, "connection")} to ${listText(hosts)} cannot be told: not all of it was mTLS, and no report names the workload that took it.`;
  return { ...readiness, kind: "unknown", sentence, uncertain: readiness.uncertain + doubtful.length };
}
