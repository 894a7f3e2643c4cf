import type { ProtocolFamily, ServiceHost, WorkloadId } from "../vocabulary.ts";
import type { Directory } from "./directory.ts";
import { escaped, type Ends, type KeyedParty, type ResolvedRow } from "./party.ts";
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
  destination: readonly ResolvedRow[];
  waypoint: readonly ResolvedRow[];
  /** the client's side, and reporters that have no name we know */
  source: readonly ResolvedRow[];
  refusals: readonly ResolvedRefusal[];
}

export type Drafts = Map<string, EdgeDraft>;

const NONE: readonly never[] = [];
/** two of them make one number that a double holds exactly */
const MOST_PARTIES = 2 ** 26;

export function pairKey({ client, server, family }: DraftEnds): string {
  return `${client.key}|${server.key}|${family}`;
}

/** The same for both windows and every process: what joins an edge to its past. A text that is joined is quicker to look up than one that is put together. */
export function edgeKey({ client, server, host, family }: DraftEnds): string {
  return [client.key, server.key, host === null ? "" : escaped(host), family].join("|");
}

/** Finds or starts the draft of an edge. */
export function draftFor(intoDrafts: Drafts, ends: DraftEnds): EdgeDraft {
  const key = edgeKey(ends);
  const known = intoDrafts.get(key);
  if (known !== undefined) return known;
  const { client, server, host, family } = ends;
  const draft: EdgeDraft = { key, client, server, host, family, destination: NONE, waypoint: NONE, source: NONE, refusals: NONE };
  intoDrafts.set(key, draft);
  return draft;
}

/** The list with one more. The first makes the list; later ones go into it, so that many on one edge stay cheap. */
export function appended<T>(list: readonly T[], one: T): readonly T[] {
  if (list.length === 0) return [one];
  (list as T[]).push(one);
  return list;
}

/** Finds drafts by who and what they are of, and makes a key only for new ones. */
class DraftFinder {
  readonly drafts: Drafts = new Map();
  readonly #numbers = new Map<KeyedParty, number>();
  readonly #firsts = new Map<number, EdgeDraft>();
  /** of another host or family between the same two */
  readonly #others = new Map<number, readonly EdgeDraft[]>();

  of({ client, server, host, row: { family } }: ResolvedRow): EdgeDraft {
    const pair = this.#number(client) * MOST_PARTIES + this.#number(server);
    const first = this.#firsts.get(pair);
    if (first !== undefined && first.host === host && first.family === family) return first;
    const known = first === undefined ? undefined : this.#others.get(pair)?.find((one) => one.host === host && one.family === family);
    return known ?? this.#start(pair, { client, server, host, family });
  }

  #number(party: KeyedParty): number {
    const known = this.#numbers.get(party);
    if (known !== undefined) return known;
    this.#numbers.set(party, this.#numbers.size);
    return this.#numbers.size - 1;
  }

  #start(pair: number, ends: DraftEnds): EdgeDraft {
    const draft = draftFor(this.drafts, ends);
    if (!this.#firsts.has(pair)) this.#firsts.set(pair, draft);
    else this.#others.set(pair, appended(this.#others.get(pair) ?? NONE, draft));
    return draft;
  }
}

function addRow(intoDraft: EdgeDraft, resolved: ResolvedRow): void {
  const { reporter } = resolved.row;
  if (reporter === "destination") intoDraft.destination = appended(intoDraft.destination, resolved);
  else if (reporter === "waypoint") intoDraft.waypoint = appended(intoDraft.waypoint, resolved);
  else intoDraft.source = appended(intoDraft.source, resolved);
}

/** Says of a row whether it is an mTLS hop to or from a waypoint that reported the edge itself (OBS-15). */
function hopTest(rows: readonly ResolvedRow[], directory: Directory): ((resolved: ResolvedRow) => boolean) | null {
  const reported = rows.filter(({ row }) => row.reporter === "waypoint");
  const known = reported.length === 0 ? null : new Set(directory.waypoints.map(escaped));
  if (known === null || known.size === 0) return null;
  const clients = new Set(reported.map(({ client }) => client.key));
  const servers = new Set(reported.map(({ server }) => server.key));
  return ({ row, client, server }) => {
    if (row.reporter === "waypoint" || row.family !== "tcp" || row.connectionSecurityPolicy !== "mutual_tls") return false;
    const toWaypoint = known.has(server.key) && clients.has(client.key);
    return toWaypoint || (known.has(client.key) && servers.has(server.key));
  };
}

const ORDER: readonly ((row: TrafficRow) => string | number)[] = [
  (row) => row.connectionSecurityPolicy ?? "", (row) => row.responseFlags ?? "", (row) => row.responseCode ?? "", (row) => row.client.principal ?? "",
  (row) => row.count, (row) => row.bytes, (row) => row.lastSeenMs ?? 0, (row) => row.lastSeenAfterMs ?? 0, (row) => row.proxy, (row) => row.reporter, (row) => row.serviceName ?? "", (row) => row.serviceHost ?? "",
];

function inOrder({ row: one }: ResolvedRow, { row: other }: ResolvedRow): number {
  for (const field of ORDER) {
    const [first, second] = [field(one), field(other)];
    if (first !== second) return first < second ? -1 : 1;
  }
  return 0;
}

function ordered(rows: readonly ResolvedRow[]): readonly ResolvedRow[] {
  return rows.length > 1 ? rows.toSorted(inOrder) : rows;
}

/** Groups rows by edge, in an order that is theirs and not the source's. Rows that say nothing happened are left out. */
export function draftEdges(rows: readonly TrafficRow[], ends: Ends, directory: Directory): Drafts {
  const resolved: ResolvedRow[] = [];
  for (const row of rows) if (row.count > 0 || row.bytes > 0) resolved.push(ends.resolve(row));
  const isHop = hopTest(resolved, directory);
  const finder = new DraftFinder();
  for (const one of resolved) if (isHop === null || !isHop(one)) addRow(finder.of(one), one);
  for (const intoDraft of finder.drafts.values()) {
    intoDraft.destination = ordered(intoDraft.destination);
    intoDraft.waypoint = ordered(intoDraft.waypoint);
    intoDraft.source = ordered(intoDraft.source);
  }
  return finder.drafts;
}

/** Client, server and family of every draft that the server itself reported; asked for only where a client dialled past the registry. */
export class ReportedPairs {
  readonly #drafts: Drafts;
  #pairs: ReadonlySet<string> | null = null;

  constructor(drafts: Drafts) {
    this.#drafts = drafts;
  }

  has(draft: EdgeDraft): boolean {
    this.#pairs ??= new Set([...this.#drafts.values()].filter((one) => one.destination.length > 0 || one.waypoint.length > 0).map(pairKey));
    return this.#pairs.has(pairKey(draft));
  }
}
