import { appended } from "../order.ts";
import type { ProtocolFamily, ServiceHost, WorkloadId } from "../vocabulary.ts";
import type { Directory } from "./directory.ts";
import { escaped, type Ends, type KeyedParty } from "./party.ts";
import type { RefusalRow, TelemetryRow, TrafficRow } from "./telemetry.ts";

/** A line about a refused connection, and the workloads that had its sender's address. */
export interface ResolvedRefusal {
  readonly row: RefusalRow;
  readonly candidates: readonly WorkloadId[];
}

/** What identifies an edge. */
export interface DraftEnds {
  readonly client: KeyedParty;
  readonly server: KeyedParty;
  readonly host: ServiceHost | null;
  readonly family: ProtocolFamily;
}

/** All that was told of one client × server × host × family, by who told it. */
export interface EdgeDraft extends DraftEnds {
  readonly key: string;
  destination: readonly TrafficRow[];
  waypoint: readonly TrafficRow[];
  source: readonly TrafficRow[];
  /** told by reporters that Istio does not name: whose side they were on, nobody knows */
  others: readonly TrafficRow[];
  /** what its server counted was named by attribution (OBS-20), and not by the rows themselves */
  attributed: boolean;
  refusals: readonly ResolvedRefusal[];
}

const NONE: readonly never[] = [];

export function pairKey({ client, server, family }: DraftEnds): string {
  return `${client.key}|${server.key}|${family}`;
}

/** The same for both windows and every process: what joins an edge to its past. A text that is joined is quicker to look up than one that is put together. */
export function edgeKey({ client, server, host, family }: DraftEnds): string {
  return [client.key, server.key, host === null ? "" : escaped(host), family].join("|");
}

/** A draft of which nothing was told yet. */
export function draftOf({ client, server, host, family }: DraftEnds, key: string): EdgeDraft {
  return { key, client, server, host, family, destination: NONE, waypoint: NONE, source: NONE, others: NONE, attributed: false, refusals: NONE };
}

/** Whether any row is left that tells of the edge. */
export function isTold({ destination, waypoint, source, others }: EdgeDraft): boolean {
  return destination.length > 0 || waypoint.length > 0 || source.length > 0 || others.length > 0;
}

/** All that its two ends told of it was told elsewhere. */
export function clear(intoDraft: EdgeDraft): void {
  intoDraft.destination = NONE;
  intoDraft.waypoint = NONE;
  intoDraft.source = NONE;
}

function addRow(intoDraft: EdgeDraft, row: TrafficRow): void {
  const { reporter } = row;
  if (reporter === "destination") intoDraft.destination = appended(intoDraft.destination, row);
  else if (reporter === "waypoint") intoDraft.waypoint = appended(intoDraft.waypoint, row);
  else if (reporter === "source") intoDraft.source = appended(intoDraft.source, row);
  else intoDraft.others = appended(intoDraft.others, row);
}

/** Rows of traffic that say something happened. */
function isTraffic(row: TelemetryRow): row is TrafficRow {
  return row.what === "traffic" && (row.count > 0 || row.bytes > 0);
}

/** What waypoints reported, and lines about refused connections. */
export interface Sifted {
  readonly rows: readonly TelemetryRow[];
  readonly byWaypoints: readonly TrafficRow[];
  readonly lines: readonly RefusalRow[];
}

export function sifted(rows: readonly TelemetryRow[]): Sifted {
  const byWaypoints: TrafficRow[] = [];
  const lines: RefusalRow[] = [];
  for (const row of rows) {
    if (row.what === "refusal") lines.push(row);
    else if (row.reporter === "waypoint" && isTraffic(row)) byWaypoints.push(row);
  }
  return { rows, byWaypoints, lines };
}

/** Says of a row whether it is an mTLS hop to or from a waypoint that reported the edge itself (OBS-15). */
function hopTest(reported: readonly TrafficRow[], ends: Ends, directory: Directory): ((row: TrafficRow) => boolean) | null {
  const known = reported.length === 0 ? null : new Set(directory.waypoints.map(escaped));
  if (known === null || known.size === 0) return null;
  const clients = new Set(reported.map((row) => ends.client(row)));
  const servers = new Set(reported.map((row) => ends.server(row)));
  return (row) => {
    if ((row.reporter !== "destination" && row.reporter !== "source") || row.family !== "tcp" || row.connectionSecurityPolicy !== "mutual_tls") return false;
    const [client, server] = [ends.client(row), ends.server(row)];
    return (known.has(server.key) && clients.has(client)) || (known.has(client.key) && servers.has(server));
  };
}

const ORDER: readonly ((row: TrafficRow) => string | number)[] = [
  (row) => row.connectionSecurityPolicy ?? "", (row) => row.responseFlags ?? "", (row) => row.responseCode ?? "", (row) => row.client.principal ?? "",
  (row) => row.count, (row) => row.bytes, (row) => row.lastSeenMs ?? 0, (row) => row.lastSeenAfterMs ?? 0, (row) => row.proxy, (row) => row.reporter, (row) => row.serviceName ?? "", (row) => row.serviceHost ?? "",
];

function inOrder(one: TrafficRow, other: TrafficRow): number {
  for (const field of ORDER) {
    const [first, second] = [field(one), field(other)];
    if (first !== second) return first < second ? -1 : 1;
  }
  return 0;
}

function ordered(rows: readonly TrafficRow[]): readonly TrafficRow[] {
  return rows.length > 1 ? rows.toSorted(inOrder) : rows;
}

/** Puts rows to the edges that they tell of. Rows that say nothing happened are left out. */
export function draftRows({ rows, byWaypoints }: Sifted, by: { readonly ends: Ends; readonly directory: Directory; readonly draftOf: (row: TrafficRow) => EdgeDraft }): void {
  const isHop = hopTest(byWaypoints, by.ends, by.directory);
  for (const row of rows) if (isTraffic(row) && (isHop === null || !isHop(row))) addRow(by.draftOf(row), row);
}

/** In an order that is theirs and not the source's. */
export function orderRows(intoDraft: EdgeDraft): void {
  intoDraft.destination = ordered(intoDraft.destination);
  intoDraft.waypoint = ordered(intoDraft.waypoint);
  intoDraft.source = ordered(intoDraft.source);
  intoDraft.others = ordered(intoDraft.others);
}
