import type { MeshJudge } from "../judge.ts";
import type { ProtocolFamily, ServiceHost } from "../vocabulary.ts";
import type { Party } from "./edge.ts";
import type { ServiceAccounts } from "./party.ts";
import { endsOf, partyKey, type Ends } from "./party.ts";
import type { RefusalRow, TrafficRow } from "./telemetry.ts";

/** A row with both ends resolved. */
export interface ResolvedRow {
  readonly row: TrafficRow;
  readonly ends: Ends;
  /** named by attribution (OBS-20) and not by the row itself */
  readonly attributed: boolean;
}

/** A line about a refused connection with its sender resolved. */
export interface ResolvedRefusal {
  readonly row: RefusalRow;
  readonly candidates: readonly string[];
}

/** All that was told of one client × server × host × family, by who told it. */
export interface EdgeDraft {
  readonly key: string;
  readonly client: Party;
  readonly server: Party;
  readonly host: ServiceHost | null;
  readonly family: ProtocolFamily;
  readonly destination: ResolvedRow[];
  readonly waypoint: ResolvedRow[];
  /** the client's side, and reporters that have no name we know */
  readonly source: ResolvedRow[];
  readonly refusals: ResolvedRefusal[];
}

export type DraftEnds = Pick<EdgeDraft, "client" | "server" | "host" | "family">;

/** Drafts by edge key, and the pairs that a server reported, whatever the host. */
export interface Drafts {
  readonly byKey: ReadonlyMap<string, EdgeDraft>;
  readonly reportedPairs: ReadonlySet<string>;
}

function escaped(part: string): string {
  return part.includes("|") || part.includes("\\") ? part.replaceAll("\\", "\\\\").replaceAll("|", "\\|") : part;
}

export function pairKey(ends: DraftEnds): string {
  return `${escaped(partyKey(ends.client))}|${escaped(partyKey(ends.server))}|${ends.family}`;
}

/** The same for both windows and every process: what joins an edge to its past. */
export function edgeKey(ends: DraftEnds): string {
  return `${escaped(partyKey(ends.client))}|${escaped(partyKey(ends.server))}|${escaped(ends.host ?? "")}|${ends.family}`;
}

/** Finds or starts the draft of an edge in `into`. */
export function draftFor(into: Map<string, EdgeDraft>, ends: DraftEnds): EdgeDraft {
  const key = edgeKey(ends);
  const known = into.get(key);
  if (known !== undefined) return known;
  const { client, server, host, family } = ends;
  const draft: EdgeDraft = { key, client, server, host, family, destination: [], waypoint: [], source: [], refusals: [] };
  into.set(key, draft);
  return draft;
}

function sideOf(draft: EdgeDraft, reporter: string): ResolvedRow[] {
  if (reporter === "destination") return draft.destination;
  return reporter === "waypoint" ? draft.waypoint : draft.source;
}

function waypoints(judge: MeshJudge): ReadonlySet<string> {
  return new Set([...judge.workloads.values()].filter((workload) => workload.instances.some((instance) => instance.dataPlaneMode === "waypoint")).map((workload) => workload.id));
}

/** Says of a row whether it is an mTLS hop to or from a waypoint that reported the edge itself (OBS-15). */
function hopTest(rows: readonly ResolvedRow[], judge: MeshJudge): (resolved: ResolvedRow) => boolean {
  const reported = rows.filter(({ row }) => row.reporter === "waypoint");
  const known = waypoints(judge);
  if (reported.length === 0 || known.size === 0) return () => false;
  const clients = new Set(reported.map(({ ends }) => partyKey(ends.client)));
  const servers = new Set(reported.map(({ ends }) => partyKey(ends.server)));
  return ({ row, ends }) => {
    if (row.reporter === "waypoint" || row.family !== "tcp" || row.connectionSecurityPolicy !== "mutual_tls") return false;
    const toWaypoint = known.has(partyKey(ends.server)) && clients.has(partyKey(ends.client));
    return toWaypoint || (known.has(partyKey(ends.client)) && servers.has(partyKey(ends.server)));
  };
}

/** Groups rows by edge. Rows that say nothing happened are left out. */
export function draftEdges(rows: readonly TrafficRow[], judge: MeshJudge, accounts: ServiceAccounts): Map<string, EdgeDraft> {
  const resolved = rows.filter((row) => row.count > 0 || row.bytes > 0).map((row) => ({ row, ends: endsOf(row, judge, accounts), attributed: false }));
  const isHop = hopTest(resolved, judge);
  const drafts = new Map<string, EdgeDraft>();
  for (const one of resolved) {
    if (!isHop(one)) sideOf(draftFor(drafts, { ...one.ends, family: one.row.family }), one.row.reporter).push(one);
  }
  return drafts;
}

/** Client, server and family of every draft that the server itself reported. */
export function reportedPairs(drafts: ReadonlyMap<string, EdgeDraft>): ReadonlySet<string> {
  const pairs = new Set<string>();
  for (const draft of drafts.values()) if (draft.destination.length > 0 || draft.waypoint.length > 0) pairs.add(pairKey(draft));
  return pairs;
}
