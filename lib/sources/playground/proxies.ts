import type { RefusalRow, ReportedPeer, TrafficRow } from "#mesh";
import type { Call } from "./calls.ts";
import type { NamedService, Peer } from "./cast.ts";

/** How the simulated proxies are set up. */
export interface ProxySettings {
  /** PEER_METADATA_DISCOVERY: sidecars look up who owns the address of a peer without certificate */
  readonly resolvePeersByAddress: boolean;
  /** meshConfig.accessLogFile is set */
  readonly accessLogs: boolean;
}

/** What a proxy writes about one kind of connection, without the numbers. */
export type TrafficReport = Omit<TrafficRow, "count" | "bytes" | "extrapolated" | "lastSeenMs">;
export type RefusalReport = Omit<RefusalRow, "count" | "lastSeenMs">;
export type Report = TrafficReport | RefusalReport;

const NOBODY: ReportedPeer = { namespace: null, workload: null, principal: null };

function peer(who: Peer, proved: boolean): ReportedPeer {
  return { namespace: who.namespace, workload: who.workload, principal: proved ? who.principal : null };
}

function service(named: NamedService | null, otherwise: string): Pick<TrafficReport, "serviceHost" | "serviceName"> {
  return named === null ? { serviceHost: null, serviceName: otherwise } : { serviceHost: named.host, serviceName: named.name };
}

// --- sidecars and gateways -------------------------------------------------------------------------------------------

type Answer = Pick<TrafficReport, "responseCode" | "responseFlags">;

function httpAnswer(call: Call): Answer {
  if (call.result === "accepted") return { responseCode: "200", responseFlags: "-" };
  if (call.result === "denied") return { responseCode: "403", responseFlags: "-" };
  if (call.clientMode === "BLACKHOLE") return { responseCode: "502", responseFlags: "-" };
  return { responseCode: "503", responseFlags: handshakeFailed(call) ? "URX,UF" : "UC" };
}

function tcpAnswer(call: Call): Answer {
  if (call.result !== "refused") return { responseCode: "0", responseFlags: "-" };
  if (call.clientMode === "BLACKHOLE") return { responseCode: "0", responseFlags: "UH" };
  return { responseCode: "0", responseFlags: handshakeFailed(call) ? "UF,URX" : "UR" };
}

/** TLS that nobody answers: a server without proxy, or a port its proxy does not guard. */
function handshakeFailed(call: Call): boolean {
  return call.carried !== "plaintext" && !call.captured;
}

/** Endpoints of a registry cluster carry their workload's name; addresses of a headless Service and of passthrough do not. */
function serverAsSeenByClient(call: Call, settings: ProxySettings): ReportedPeer {
  const proved = call.carried === "mTLS" && call.result !== "refused";
  if (call.server === null || call.clientMode === "PASSTHROUGH" || call.clientMode === "BLACKHOLE") return NOBODY;
  if (call.dialled?.headless === true && !proved && !settings.resolvePeersByAddress) return NOBODY;
  return peer(call.server, proved);
}

function destinationAsDialled(call: Call): Pick<TrafficReport, "serviceHost" | "serviceName"> {
  if (call.clientMode !== "PASSTHROUGH" && call.clientMode !== "BLACKHOLE") return service(call.dialled, "PassthroughCluster");
  const serviceName = call.clientMode === "PASSTHROUGH" ? "PassthroughCluster" : "BlackHoleCluster";
  return { serviceHost: call.clientFamily === "http" ? call.authority : null, serviceName };
}

/** Its security policy is always `unknown`; its own certificate in use shows in the client's principal. */
function clientSidecar(call: Call, settings: ProxySettings): readonly Report[] {
  if (call.clientMode === "BYPASS") return [];
  return [{
    what: "traffic", reporter: "source", proxy: "envoy", family: call.clientFamily, connectionSecurityPolicy: "unknown",
    client: peer(call.client, call.carried === "mTLS" && call.result !== "refused"), server: serverAsSeenByClient(call, settings),
    ...destinationAsDialled(call), ...(call.clientFamily === "http" ? httpAnswer(call) : tcpAnswer(call)),
  }];
}

function clientAsSeenByServer(call: Call, settings: ProxySettings): ReportedPeer {
  if (call.carried === "mTLS" || call.carried === "HBONE") return peer(call.client, true);
  const throughItsProxy = call.client.plane === "sidecar" || call.client.plane === "gateway";
  const sendsMetadata = throughItsProxy && call.serverFamily === "http" && call.clientMode !== "BYPASS" && call.clientMode !== "PASSTHROUGH";
  const owned = settings.resolvePeersByAddress && !call.client.hostNetwork;
  return sendsMetadata || owned ? peer(call.client, false) : NOBODY;
}

/** No filter chain, no filters: refused plaintext leaves one line of the listener's access log, and no metric. */
function listenerLine(call: Call, server: Peer, settings: ProxySettings): readonly Report[] {
  const nothingMatches = call.carried === "plaintext" && !call.applicationTls;
  if (!settings.accessLogs || !nothingMatches) return [];
  return [{
    what: "refusal", serverAddress: server.address, targetPort: call.targetPort, clientAddress: call.client.address,
    requestedServerName: null, detail: "NR filter_chain_not_found",
  }];
}

function serverSidecar(call: Call, server: Peer, settings: ProxySettings): readonly Report[] {
  if (!call.captured || call.clientMode === "BLACKHOLE") return [];
  if (call.result === "refused") return listenerLine(call, server, settings);
  const mutual = call.carried === "mTLS" || call.carried === "HBONE";
  const http = call.serverFamily === "http";
  return [{
    what: "traffic", reporter: "destination", proxy: "envoy", family: call.serverFamily, connectionSecurityPolicy: mutual ? "mutual_tls" : "none",
    client: clientAsSeenByServer(call, settings), server: peer(server, mutual), ...service(call.declaredBy, "InboundPassthroughCluster"),
    responseCode: !http ? "0" : call.result === "denied" ? "403" : "200", responseFlags: "-",
  }];
}

// --- ztunnel and waypoints -------------------------------------------------------------------------------------------

/** ztunnel says `mutual_tls` or `unknown`, never `none`, and names a workload by its address. */
function ztunnel(reporter: "source" | "destination", call: Call, ends: { readonly client: ReportedPeer; readonly server: ReportedPeer }): TrafficReport {
  return {
    what: "traffic", reporter, proxy: "ztunnel", family: "tcp", connectionSecurityPolicy: call.carried === "HBONE" ? "mutual_tls" : "unknown", ...ends,
    ...service(reporter === "source" ? call.dialled : (call.declaredBy ?? call.dialled), ""), responseCode: null, responseFlags: "-",
  };
}

function clientZtunnel(call: Call): readonly Report[] {
  const tunnelled = call.carried === "HBONE";
  const towards = call.waypoint ?? call.server;
  return [ztunnel("source", call, { client: peer(call.client, tunnelled), server: towards === null ? NOBODY : peer(towards, tunnelled) })];
}

/** What is refused was opened first: both counters move, and the second says `DENY`. */
function serverZtunnel(call: Call, server: Peer): readonly Report[] {
  if (!call.captured) return [];
  const tunnelled = call.carried === "HBONE";
  const client = call.client.hostNetwork && !tunnelled ? NOBODY : peer(call.waypoint ?? call.client, tunnelled);
  const opened = ztunnel("destination", call, { client, server: peer(server, tunnelled) });
  return call.result === "accepted" ? [opened] : [opened, { ...opened, responseFlags: "DENY" }];
}

function waypointReports(call: Call, server: Peer): readonly Report[] {
  if (call.waypoint === null) return [];
  return [{
    what: "traffic", reporter: "waypoint", proxy: "envoy", family: call.serverFamily, connectionSecurityPolicy: "mutual_tls",
    client: peer(call.client, true), server: peer(server, true), ...service(call.dialled, ""), responseCode: call.result === "denied" ? "403" : "200", responseFlags: "-",
  }];
}

// ---------------------------------------------------------------------------------------------------------------------

function atClient(call: Call, settings: ProxySettings): readonly Report[] {
  switch (call.client.plane) {
    case "none":
    case "waypoint":
      return [];
    case "ambient":
      return clientZtunnel(call);
    case "sidecar":
    case "gateway":
      return clientSidecar(call, settings);
  }
}

function atServer(call: Call, server: Peer, settings: ProxySettings): readonly Report[] {
  switch (server.plane) {
    case "none":
    case "waypoint":
      return [];
    case "ambient":
      return [...waypointReports(call, server), ...serverZtunnel(call, server)];
    case "sidecar":
    case "gateway":
      return serverSidecar(call, server, settings);
  }
}

/** Everything that Istio's proxies at both ends write about such a connection: nothing that only the simulation knows. */
export function reportsOf(call: Call, settings: ProxySettings): readonly Report[] {
  return [...atClient(call, settings), ...(call.server === null ? [] : atServer(call, call.server, settings))];
}
