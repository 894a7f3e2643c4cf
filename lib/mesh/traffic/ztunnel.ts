import type { ResolvedRow } from "./party.ts";
import type { TrafficRow } from "./telemetry.ts";

/** Something kept it from going through. */
export function isFlagged({ responseFlags }: TrafficRow): boolean {
  return responseFlags !== null && responseFlags !== "-" && responseFlags !== "";
}

function kindOf({ row, principal }: ResolvedRow): string {
  return `${row.connectionSecurityPolicy ?? ""} ${principal ?? ""}`;
}

function hasFailed(rows: readonly ResolvedRow[]): boolean {
  for (const { row } of rows) if (row.proxy === "ztunnel" && isFlagged(row)) return true;
  return false;
}

/**
 * ztunnel counts a connection as opened before it refuses it or fails to connect: what is told with flags is taken out of what was opened.
 *
 * @see rules OBS-10, OBS-18
 */
export function withoutFailed(rows: readonly ResolvedRow[]): readonly ResolvedRow[] {
  if (!hasFailed(rows)) return rows;
  const failed = new Map<string, number>();
  for (const resolved of rows) {
    if (resolved.row.proxy === "ztunnel" && isFlagged(resolved.row)) failed.set(kindOf(resolved), (failed.get(kindOf(resolved)) ?? 0) + resolved.row.count);
  }
  return rows.flatMap((resolved) => {
    const out = resolved.row.proxy === "ztunnel" && !isFlagged(resolved.row) ? (failed.get(kindOf(resolved)) ?? 0) : 0;
    if (out === 0) return [resolved];
    const count = Math.max(0, resolved.row.count - out);
    failed.set(kindOf(resolved), Math.max(0, out - resolved.row.count));
    return count === 0 && resolved.row.bytes === 0 ? [] : [{ ...resolved, row: { ...resolved.row, count } }];
  });
}
