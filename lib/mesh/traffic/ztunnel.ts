import { principalOf } from "./party.ts";
import type { TrafficRow } from "./telemetry.ts";

/** Whether a row carries response flags: something kept its traffic from going through. */
export function isFlagged({ responseFlags }: TrafficRow): boolean {
  return responseFlags !== null && responseFlags !== "-" && responseFlags !== "";
}

function kindOf(row: TrafficRow): string {
  return `${row.connectionSecurityPolicy ?? ""} ${principalOf(row) ?? ""}`;
}

function hasFailed(rows: readonly TrafficRow[]): boolean {
  for (const row of rows) if (row.proxy === "ztunnel" && isFlagged(row)) return true;
  return false;
}

/**
 * ztunnel counts a connection as opened before it refuses it or fails to connect: what is told with flags is taken out of what was opened.
 *
 * @see rules OBS-10, OBS-18
 */
export function withoutFailed(rows: readonly TrafficRow[]): readonly TrafficRow[] {
  if (!hasFailed(rows)) return rows;
  const failed = new Map<string, number>();
  for (const row of rows) {
    if (row.proxy === "ztunnel" && isFlagged(row)) failed.set(kindOf(row), (failed.get(kindOf(row)) ?? 0) + row.count);
  }
  return rows.flatMap((row) => {
    const out = row.proxy === "ztunnel" && !isFlagged(row) ? (failed.get(kindOf(row)) ?? 0) : 0;
    if (out === 0) return [row];
    const count = Math.max(0, row.count - out);
    failed.set(kindOf(row), Math.max(0, out - row.count));
    return count === 0 && row.bytes === 0 ? [] : [{ ...row, count }];
  });
}
