import type { EdgeDraft } from "./draft.ts";
import type { TrafficRow } from "./telemetry.ts";
import { isFlagged, withoutFailed } from "./ztunnel.ts";

/** The client's own proxy says that it used no certificate: the label is not missing, and nothing kept the traffic from going through. */
export function isWithoutCertificate(row: TrafficRow): boolean {
  const { reporter, connectionSecurityPolicy, client } = row;
  return reporter === "source" && connectionSecurityPolicy === "unknown" && client.principal === null && client.principalDropped !== true && !isFlagged(row);
}

/** What a server says was not mTLS, or says nothing of; ztunnel's includes what it then refused. */
export function isNotMtls(row: TrafficRow): boolean {
  return row.connectionSecurityPolicy !== "mutual_tls" && !isFlagged(row);
}

/** What the rows that pass a test count together. */
export function total(rows: readonly TrafficRow[], test: (row: TrafficRow) => boolean): number {
  let sum = 0;
  for (const row of rows) if (test(row)) sum += row.count;
  return sum;
}

/** By a server's sidecar, or by what stands for it. What a waypoint says was not mTLS stands beside the server's report too: it is of the first hop, which a server does not see. */
export function reportedRows({ destination, waypoint }: EdgeDraft): readonly TrafficRow[] {
  if (waypoint.length === 0) return destination;
  return destination.length === 0 ? waypoint : [...destination, ...waypoint.filter(isNotMtls)];
}

/** What a client sent without certificate, less what the server says was not mTLS: negative where the server tells of more. */
export function shortfall(draft: EdgeDraft): number {
  // what was shared out to a client is all that it sent
  if (draft.attributed) return 0;
  return total(withoutFailed(draft.source), isWithoutCertificate) - total(reportedRows(draft), isNotMtls);
}
