import type { MeshVerdicts, ProtocolFamily, ReportedPeer, TrafficRow, WorkloadId } from "#mesh";
import { keptWith, workloadId } from "#mesh";

/** What was told of a server by one kind of proxy, at one side. */
interface Told {
  /** by the client's name, `null` where the report gives none */
  readonly byClient: Map<WorkloadId | null, number>;
  /** of these, what the reporter says was sent without a certificate; `null`: nothing, as of most */
  bareByClient: Map<WorkloadId | null, number> | null;
}

type Side = "source" | "destination" | "waypoint";
type Voice = `${Side} ${TrafficRow["proxy"]} ${ProtocolFamily}`;

/** All that was told of one server. */
export type Reports = ReadonlyMap<Voice, Told>;

function nameOf({ namespace, workload }: ReportedPeer): WorkloadId | null {
  return namespace === null || workload === null ? null : workloadId(namespace, workload);
}

function sideOf(reporter: string): Side | null {
  return reporter === "source" || reporter === "destination" || reporter === "waypoint" ? reporter : null;
}

/** What failed arrived nowhere; a client's ztunnel counted it as opened first. */
function weightOf({ proxy, reporter, responseFlags, count }: TrafficRow): number {
  const failed = responseFlags !== null && responseFlags !== "" && responseFlags !== "-";
  if (!failed) return count;
  return proxy === "ztunnel" && reporter === "source" ? -count : 0;
}

/** A cluster that no Service is behind: its reports do not say in which protocol the server reads it. */
function isPassedOn({ serviceName }: TrafficRow): boolean {
  return serviceName === "PassthroughCluster" || serviceName === "InboundPassthroughCluster" || serviceName === "BlackHoleCluster";
}

type Telemetry = MeshVerdicts["snapshot"]["telemetry"];

interface Gathered {
  readonly byServer: ReadonlyMap<WorkloadId, Reports>;
  /** whose own proxies told of what they sent */
  readonly clients: ReadonlySet<WorkloadId>;
}

function count(intoClients: Map<WorkloadId | null, number>, client: WorkloadId | null, weight: number): void {
  intoClients.set(client, (intoClients.get(client) ?? 0) + weight);
}

/** By a report that tells of no certificate. */
function isBare({ client: { principal }, connectionSecurityPolicy }: TrafficRow): boolean {
  return principal === null && connectionSecurityPolicy !== "mutual_tls";
}

function add(intoServers: Map<WorkloadId, Map<Voice, Told>>, row: TrafficRow, side: Side): void {
  const server = nameOf(row.server);
  if (server === null || (side !== "destination" && isPassedOn(row))) return;
  const client = nameOf(row.client);
  const voice: Voice = `${side} ${row.proxy} ${row.family}`;
  const voices = intoServers.get(server) ?? new Map<Voice, Told>();
  const told = voices.get(voice) ?? { byClient: new Map<WorkloadId | null, number>(), bareByClient: null };
  const weight = weightOf(row);
  count(told.byClient, client, weight);
  if (isBare(row)) count((told.bareByClient ??= new Map<WorkloadId | null, number>()), client, weight);
  intoServers.set(server, voices.set(voice, told));
}

function gather({ rows }: Telemetry): Gathered {
  const byServer = new Map<WorkloadId, Map<Voice, Told>>();
  const clients = new Set<WorkloadId>();
  for (const row of rows) {
    const side = row.what === "traffic" ? sideOf(row.reporter) : null;
    if (row.what !== "traffic" || side === null) continue;
    const client = nameOf(row.client);
    if (side === "source" && client !== null) clients.add(client);
    add(byServer, row, side);
  }
  return { byServer, clients };
}

const gathered = keptWith(gather);

const NOTHING: Reports = new Map();

/** What was told of a server in the window, before it is decided whose word counts. */
export function reportsOf(telemetry: Telemetry, server: WorkloadId): Reports {
  return gathered(telemetry).byServer.get(server) ?? NOTHING;
}

/** Whether a workload's own proxies told of anything that they sent. */
export function isHeardAsClient(telemetry: Telemetry, client: WorkloadId): boolean {
  return gathered(telemetry).clients.has(client);
}

/** How many requests or connections of a server some voices reported together. */
export function countIn(reports: Reports, ...voices: readonly Voice[]): number {
  return voices.reduce((sum, voice) => sum + [...(reports.get(voice)?.byClient.values() ?? [])].reduce((own, count) => own + count, 0), 0);
}

/** Whether any of some voices reported a server. */
export function isHeard(reports: Reports, ...voices: readonly Voice[]): boolean {
  return voices.some((voice) => reports.has(voice));
}

/** Counts of two proxies differ by what passed between two scrapes. */
const FEW = 2;
const SLACK = 0.05;

function byClient(reports: Reports, voices: readonly Voice[]): Map<WorkloadId | null, number> {
  const sums = new Map<WorkloadId | null, number>();
  for (const [client, count] of voices.flatMap((voice) => [...(reports.get(voice)?.byClient ?? [])])) sums.set(client, (sums.get(client) ?? 0) + count);
  return sums;
}

/** What clients sent, less what they sent without a certificate. */
function provedByClient(reports: Reports, voices: readonly Voice[]): ReadonlyMap<WorkloadId | null, number> {
  const sums = byClient(reports, voices);
  for (const [client, count] of voices.flatMap((voice) => [...(reports.get(voice)?.bareByClient ?? [])])) sums.set(client, (sums.get(client) ?? 0) - count);
  return sums;
}

interface Compared {
  readonly sent: readonly Voice[];
  readonly reported: readonly Voice[];
  /** what was sent without a certificate can have gone to instances without a proxy, of which nobody reports */
  readonly provedOnly: boolean;
}

/** What clients sent, and how much of it the server reported; `null` where it reported about all. What it counted without a name may be anybody's. */
export function shortfall(reports: Reports, { sent, reported, provedOnly }: Compared): { readonly sent: number; readonly reported: number } | null {
  const [bySenders, byServer] = [(provedOnly ? provedByClient : byClient)(reports, sent), byClient(reports, reported)];
  let [total, missing] = [0, -(byServer.get(null) ?? 0)];
  for (const [client, count] of bySenders) {
    total += count;
    missing += client === null ? count : Math.max(0, count - (byServer.get(client) ?? 0));
  }
  return missing > Math.max(FEW, total * SLACK) ? { sent: total, reported: total - missing } : null;
}
