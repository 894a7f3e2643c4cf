import { appended } from "../order.ts";
import type { ProtocolFamily, ServiceHost, WorkloadId } from "../vocabulary.ts";
import { escaped, type KeyedParty } from "./party.ts";
import type { RefusalRow, TrafficRow } from "./telemetry.ts";

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
  /** what the look-back tells of the same edge */
  past: EdgeDraft | null;
}

const NONE: readonly never[] = [];

export function pairKey({ client, server, family }: DraftEnds): string {
  return `${client.key}|${server.key}|${family}`;
}

/** The key of an edge, the same for both windows and every process: by it an edge finds its past. */
export function edgeKey({ client, server, host, family }: DraftEnds): string {
  return [client.key, server.key, host === null ? "" : escaped(host), family].join("|");
}

/** A draft of which nothing was told yet. */
export function draftOf({ client, server, host, family }: DraftEnds, key: string): EdgeDraft {
  return { key, client, server, host, family, destination: NONE, waypoint: NONE, source: NONE, others: NONE, attributed: false, refusals: NONE, past: null };
}

/** Whether any row is left that tells of the edge. */
export function isTold({ destination, waypoint, source, others }: EdgeDraft): boolean {
  return destination.length > 0 || waypoint.length > 0 || source.length > 0 || others.length > 0;
}

/** Takes from a draft what its two ends told, because another edge has it. */
export function clear(intoDraft: EdgeDraft): void {
  intoDraft.destination = NONE;
  intoDraft.waypoint = NONE;
  intoDraft.source = NONE;
}

const SIDES = ["destination", "waypoint", "source", "others"] as const;
type Side = (typeof SIDES)[number];

/** Who told a row, as a number. */
export function sideNumberOf({ reporter }: TrafficRow): number {
  const side = (SIDES as readonly string[]).indexOf(reporter);
  return side < 0 ? SIDES.indexOf("others") : side;
}

/** @param side who told the row */
export function addRow(intoDraft: EdgeDraft, row: TrafficRow, side: number): void {
  switch (SIDES[side] as Side) {
    case "destination":
      intoDraft.destination = appended(intoDraft.destination, row);
      break;
    case "waypoint":
      intoDraft.waypoint = appended(intoDraft.waypoint, row);
      break;
    case "source":
      intoDraft.source = appended(intoDraft.source, row);
      break;
    case "others":
      intoDraft.others = appended(intoDraft.others, row);
  }
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

/** Sorts the rows of a draft, so that the order in which a source gave them changes nothing. */
export function orderRows(intoDraft: EdgeDraft): void {
  intoDraft.destination = ordered(intoDraft.destination);
  intoDraft.waypoint = ordered(intoDraft.waypoint);
  intoDraft.source = ordered(intoDraft.source);
  intoDraft.others = ordered(intoDraft.others);
}
