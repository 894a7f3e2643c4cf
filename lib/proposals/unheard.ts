import type { Edge, MeshVerdicts, Observation, ProtocolFamily, Workload, WorkloadId } from "#mesh";
import { keptWith, workloadIdParts } from "#mesh";
import { isProtected } from "./holdouts.ts";
import { countIn, isHeard, isHeardAsClient, reportsOf, shortfall, type Reports } from "./reports.ts";

/** A client's proxy tells of attempts that got nowhere, which no server counts. */
const ONLY_CLIENTS_KNOW: ReadonlySet<Observation["rule"]> = new Set(["OBS-11", "OBS-17", "OBS-18", "OBS-19"]);

/** A server whose own proxies did not tell of all that others say it took: plaintext from callers without a proxy would have been seen by nobody. */
export interface UnheardServer {
  readonly workload: WorkloadId;
  readonly missing:
    /** its proxies told of nothing */
    | { readonly kind: "everything" }
    /** only its waypoint told of it, which callers without a proxy do not pass */
    | { readonly kind: "all but its waypoint's" }
    /** its proxies told of the other family only */
    | { readonly kind: "a family"; readonly family: ProtocolFamily; readonly sent: number }
    /** its proxies told of less than clients sent: some of them are not scraped */
    | { readonly kind: "a part"; readonly family: ProtocolFamily; readonly sent: number; readonly reported: number }
    /** some instances have no proxy, and neither did who sent there tell what went to them */
    | { readonly kind: "instances without a proxy"; readonly bare: number; readonly instances: number; readonly client: WorkloadId };
}

interface Heard {
  /** servers of which a client's proxy told that traffic reached them */
  readonly byClients: Set<WorkloadId>;
  readonly byWaypoints: Set<WorkloadId>;
  /** servers of which their own proxies told */
  readonly speaking: Set<WorkloadId>;
  /** whoever is an end of an edge */
  readonly named: Set<WorkloadId>;
}

function hear(intoHeard: Heard, server: WorkloadId, { reporter, rule }: Observation): void {
  if (reporter === "destination") intoHeard.speaking.add(server);
  if (reporter === "waypoint") intoHeard.byWaypoints.add(server);
  if (reporter === "source" && !ONLY_CLIENTS_KNOW.has(rule)) intoHeard.byClients.add(server);
}

function heardOn(edges: readonly Edge[]): Heard {
  const all: Heard = { byClients: new Set(), byWaypoints: new Set(), speaking: new Set(), named: new Set() };
  for (const { client, server, observations } of edges) {
    if (client.kind === "workload") all.named.add(client.id);
    if (server.kind !== "workload") continue;
    all.named.add(server.id);
    for (const observation of observations) hear(all, server.id, observation);
  }
  return all;
}

/** By server, workloads of which mesh mTLS was reported. */
const provedClients = keptWith((edges: readonly Edge[]): ReadonlyMap<WorkloadId, ReadonlySet<WorkloadId>> => {
  const clients = new Map<WorkloadId, Set<WorkloadId>>();
  for (const { client, server, counts } of edges) {
    if (client.kind === "workload" && server.kind === "workload" && counts.mtls > 0) clients.set(server.id, (clients.get(server.id) ?? new Set<WorkloadId>()).add(client.id));
  }
  return clients;
});

type Picture = Pick<MeshVerdicts, "edges" | "judge" | "snapshot">;

const heard = keptWith(heardOn);

function heardIn({ edges }: Picture): Heard {
  return heard(edges);
}

const unheard = keptWith((_: readonly Edge[], picture: Picture) => unheardIn(picture));

/**
 * Servers that took more than their own proxies told of, as clients and waypoints tell: these are not scraped, not all of them, or not there.
 * Whoever calls them without a proxy was seen by nobody.
 *
 * @see rule PRE-27
 */
export function unheardServers(picture: Picture): readonly UnheardServer[] {
  return unheard(picture.edges, picture);
}

function unheardIn(picture: Picture): readonly UnheardServer[] {
  const { byClients, byWaypoints, speaking } = heardIn(picture);
  return [...new Set([...byClients, ...byWaypoints, ...speaking])].sort().flatMap((id) => {
    const workload = picture.judge.workloads.get(id);
    const missing = workload !== undefined && isProtected(workload) ? missingOf(workload, picture) : null;
    return missing === null ? [] : [{ workload: id, missing }];
  });
}

function missingOf(workload: Workload, picture: Picture): UnheardServer["missing"] | null {
  const { snapshot: { telemetry } } = picture;
  const { byClients, speaking } = heardIn(picture);
  const reports = reportsOf(telemetry, workload.id);
  const isNamed = isHeard(reports, "destination envoy http", "destination envoy tcp", "destination ztunnel tcp");
  if (!isNamed && !speaking.has(workload.id)) return byClients.has(workload.id) ? { kind: "everything" } : { kind: "all but its waypoint's" };
  // what its proxies told may be without its name (OBS-24), and is not compared then
  return (isNamed ? (bareOf(workload) > 0 ? withBare : withoutBare)(reports) : null) ?? beside(workload, picture);
}

/** ztunnel tells of requests as connections, and of all. */
function familyMissing(reports: Reports): UnheardServer["missing"] | null {
  if (isHeard(reports, "destination ztunnel tcp")) return null;
  const [requests, connections] = [countIn(reports, "source envoy http"), countIn(reports, "source envoy tcp")];
  if (requests > 0 && !isHeard(reports, "destination envoy http")) return { kind: "a family", family: "http", sent: requests };
  return connections > 0 && !isHeard(reports, "destination envoy tcp") ? { kind: "a family", family: "tcp", sent: connections } : null;
}

/** Only of proxies that count the same things: what ztunnel sends as a connection a sidecar may count as requests, and the other way round. */
function partMissing(reports: Reports, provedOnly: boolean): UnheardServer["missing"] | null {
  const [bySidecar, byZtunnel] = [isHeard(reports, "destination envoy http", "destination envoy tcp"), isHeard(reports, "destination ztunnel tcp")];
  const requests = byZtunnel ? null : shortfall(reports, { sent: ["source envoy http"], reported: ["destination envoy http"], provedOnly });
  if (requests !== null) return { kind: "a part", family: "http", ...requests };
  const connections = shortfall(reports, { sent: bySidecar ? ["source envoy tcp"] : ["source envoy tcp", "source ztunnel tcp"], reported: ["destination envoy tcp", "destination ztunnel tcp"], provedOnly });
  return connections === null ? null : { kind: "a part", family: "tcp", ...connections };
}

const withBare = keptWith((reports: Reports) => familyMissing(reports) ?? partMissing(reports, true));
const withoutBare = keptWith((reports: Reports) => familyMissing(reports) ?? partMissing(reports, false));

function bareOf({ instances }: Pick<Workload, "instances">): number {
  return instances.filter(({ dataPlaneMode }) => dataPlaneMode === "none").length;
}

/** A client with a proxy that nobody scrapes may have sent to instances that have none. */
function beside({ id, instances }: Workload, picture: Picture): UnheardServer["missing"] | null {
  const bare = bareOf({ instances });
  if (bare === 0) return null;
  const client = [...(provedClients(picture.edges).get(id) ?? [])].sort().find((one) => !isHeardAsClient(picture.snapshot.telemetry, one));
  return client === undefined ? null : { kind: "instances without a proxy", bare, instances: instances.length, client };
}

const silent = keptWith((_: readonly Edge[], picture: Picture) => silentIn(picture));

/** By namespace, workloads with a proxy of which nobody told anything, in the window or before it: it is not known whether they are scraped. */
export function silentWorkloads(picture: Picture): ReadonlyMap<string, readonly WorkloadId[]> {
  return silent(picture.edges, picture);
}

function silentIn(picture: Picture): ReadonlyMap<string, readonly WorkloadId[]> {
  const { named } = heardIn(picture);
  const isSilent = (workload: Workload): boolean => !named.has(workload.id) && isProtected(workload);
  const all = [...picture.judge.workloads.values()].filter(isSilent).map(({ id }) => id);
  return Map.groupBy(all, (id) => workloadIdParts(id).namespace);
}
