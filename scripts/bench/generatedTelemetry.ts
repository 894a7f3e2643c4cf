import type { ReportedPeer, Telemetry, TelemetryRow, TrafficRow } from "#mesh";
import type { GeneratedService } from "./generatedService.ts";
import { EXTERNAL_HOSTS } from "./generatedPolicies.ts";
import type { Random } from "./random.ts";

const END_MS = Date.UTC(2026, 7, 22);
const WINDOW_MS = 900_000;
/** seven calls in ten stay in their namespace */
const INSIDE = 0.7;
const NOBODY: ReportedPeer = { namespace: null, workload: null, principal: null };

interface Call {
  readonly client: GeneratedService;
  readonly server: GeneratedService;
  readonly family: TrafficRow["family"];
  readonly count: number;
}

interface Names {
  readonly host: string;
  readonly bare: ReportedPeer;
  readonly proved: ReportedPeer;
}

const names = new WeakMap<GeneratedService, Names>();

function named({ namespace, name }: GeneratedService): Names {
  const bare = { namespace, workload: name, principal: null };
  return { host: [name, namespace, "svc.cluster.local"].join("."), bare, proved: { ...bare, principal: ["spiffe://cluster.local/ns", namespace, "sa", name].join("/") } };
}

/** Rows that name the same share one text and one peer, as those that are read from Prometheus do. */
function namesOf(service: GeneratedService): Names {
  const known = names.get(service) ?? named(service);
  names.set(service, known);
  return known;
}

function peer(service: GeneratedService, proved: boolean): ReportedPeer {
  return namesOf(service)[proved ? "proved" : "bare"];
}

function rowOf({ client, server, family, count }: Call, special: Partial<TrafficRow>): TrafficRow {
  return {
    what: "traffic", reporter: "destination", proxy: "envoy", family, connectionSecurityPolicy: "mutual_tls", client: peer(client, true), server: peer(server, false),
    serviceHost: namesOf(server).host, serviceName: server.name, responseCode: family === "http" ? "200" : null, responseFlags: "-",
    count, bytes: family === "tcp" ? count * 1500 : 0, extrapolated: false, lastSeenMs: END_MS - 30_000, ...special,
  };
}

/** What the proxies of both ends would count. Nobody counts where there is none. */
function rowsOf(call: Call): readonly TrafficRow[] {
  const { client, server } = call;
  const mutual = client.plane !== "none";
  if (server.plane === "ambient") {
    const special: Partial<TrafficRow> = { proxy: "ztunnel", family: "tcp", responseCode: null, client: peer(client, mutual), connectionSecurityPolicy: mutual ? "mutual_tls" : "unknown" };
    return [rowOf(call, special), ...(client.plane === "ambient" ? [rowOf(call, { ...special, reporter: "source" })] : [])];
  }
  const bySource = client.plane === "sidecar" ? [rowOf(call, { reporter: "source", connectionSecurityPolicy: "unknown", client: peer(client, server.plane === "sidecar") })] : [];
  if (server.plane === "none") return bySource;
  if (client.plane === "none") return [rowOf(call, { connectionSecurityPolicy: "none", client: call.family === "http" ? peer(client, false) : NOBODY })];
  return [rowOf(call, {}), ...bySource];
}

function externalRow(client: GeneratedService, host: string): TrafficRow {
  const call = { client, server: client, family: "tcp", count: 20 } as const;
  return rowOf(call, { reporter: "source", connectionSecurityPolicy: "unknown", client: peer(client, false), server: NOBODY, serviceHost: host, serviceName: host });
}

function keyOf([row]: readonly TrafficRow[]): string | null {
  if (row === undefined) return null;
  const { client, server, serviceHost, family } = row;
  return `${client.namespace ?? ""}/${client.workload ?? ""} ${server.namespace ?? ""}/${server.workload ?? ""} ${serviceHost ?? ""} ${family}`;
}

/** Calls until there are so many edges; one in twenty was seen before the window only, one in fifty goes outside, one in 200 was refused too. */
export function generatedTelemetry(services: readonly GeneratedService[], edges: number, random: Random): Telemetry {
  const byNamespace = Map.groupBy(services, ({ namespace }) => namespace);
  const pick = (among: readonly GeneratedService[]): GeneratedService => among[random.below(among.length)] ?? (services[0] as GeneratedService);
  const drawn = new Set<string>();
  const rows: TelemetryRow[] = [];
  const lookBackRows: TrafficRow[] = [];
  while (drawn.size < edges) {
    const client = pick(services);
    const server = pick(random.chance(INSIDE) ? (byNamespace.get(client.namespace) ?? services) : services);
    const call: Call = { client, server, family: random.chance(0.75) ? "http" : "tcp", count: 1 + random.below(5000) };
    const told = client.plane === "sidecar" && random.chance(0.02) ? [externalRow(client, EXTERNAL_HOSTS[random.below(EXTERNAL_HOSTS.length)] ?? "")] : rowsOf(call);
    const key = keyOf(told);
    if (key === null || drawn.has(key)) continue;
    drawn.add(key);
    if (random.chance(0.05)) lookBackRows.push(...told);
    else rows.push(...told);
    const [from, to] = [client.pods[0]?.ips[0], server.pods[0]?.ips[0]];
    if (client.plane === "none" && server.plane === "sidecar" && from !== undefined && to !== undefined && random.chance(0.05)) {
      rows.push({ what: "refusal", serverAddress: to, targetPort: 8080, clientAddress: from, requestedServerName: null, detail: "NR filter_chain_not_found", count: 3, lastSeenMs: END_MS - 60_000 });
    }
  }
  return { windowStartMs: END_MS - WINDOW_MS, windowEndMs: END_MS, rows, lookBackRows, lookBackStartMs: END_MS - WINDOW_MS - 3_600_000, gaps: [], queries: [] };
}
