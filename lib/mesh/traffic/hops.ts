import type { Directory } from "./directory.ts";
import type { Ends } from "./ends.ts";
import { happened, type TelemetryRow, type TrafficRow } from "./telemetry.ts";

function isByWaypoint(row: TelemetryRow): row is TrafficRow {
  return row.what === "traffic" && row.reporter === "waypoint" && happened(row);
}

/** Says of rows whether they are mTLS hops to or from a waypoint that reported the edge itself; `null` where none is. @see rule OBS-15 */
export function hopTest(rows: readonly TelemetryRow[], ends: Ends, directory: Directory): ((row: TrafficRow) => boolean) | null {
  const reported = rows.filter(isByWaypoint);
  const waypoints = reported.length === 0 ? null : new Set(directory.waypoints.map((id) => ends.workload(id)));
  if (waypoints === null || waypoints.size === 0) return null;
  const clients = new Set(reported.map((row) => ends.client(row)));
  const servers = new Set(reported.map((row) => ends.server(row)));
  return (row) => {
    if ((row.reporter !== "destination" && row.reporter !== "source") || row.family !== "tcp" || row.connectionSecurityPolicy !== "mutual_tls") return false;
    const [client, server] = [ends.client(row), ends.server(row)];
    return (waypoints.has(server) && clients.has(client)) || (waypoints.has(client) && servers.has(server));
  };
}
