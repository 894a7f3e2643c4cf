import type { Edge, MeshJudge, Observation } from "#mesh";
import { namespaceOfHost } from "#mesh";
import { configuredText } from "./configured.ts";
import { trafficText } from "./quantity.ts";

/** Traffic of which nobody reported the security, who saw it, and how its server is reached, where that is known. */
export interface Unreported {
  readonly edge: Edge;
  readonly judge: MeshJudge;
  readonly client: string;
  readonly server: string;
}

/** The report that made the largest part of it unclear. */
function report({ observations }: Edge): Observation | undefined {
  return observations.filter(({ counts }) => counts === "unclear").toSorted((left, right) => right.count - left.count)[0];
}

/** The name that Envoy's metrics have for whatever a proxy passed on as it was. */
const PASSED_ON = "PassthroughCluster";

function isPassedOn({ server }: Edge): boolean {
  return server.kind === "external" && server.host === PASSED_ON;
}

/** A Service of the cluster, and not the workload behind it, is all that is known of the server. */
function isUnplaced({ server }: Edge): boolean {
  return server.kind === "external" && namespaceOfHost(server.host) !== null;
}

function isBare({ server }: Edge, judge: MeshJudge): boolean {
  const instances = server.kind === "workload" ? (judge.workloads.get(server.id)?.instances ?? []) : [];
  return instances.length > 0 && instances.every(({ dataPlaneMode }) => dataPlaneMode === "none");
}

function uncapturedPort({ configured }: Edge): number | undefined {
  return configured.find(({ verdict: { serverMode } }) => serverMode.kind === "known" && serverMode.value === "UNCAPTURED")?.targetPort;
}

/** Why the server's side did not report. */
function silence({ edge, judge, server }: Unreported): string {
  if (isPassedOn(edge)) return `its proxy passed it on and does not say where to (${PASSED_ON})`;
  if (isUnplaced(edge)) return `no report names the workload of ${server} that took it`;
  if (edge.server.kind === "external" && !server.includes(".")) return `no report says more of where it went than ${server}`;
  if (edge.server.kind === "external") return `${server} is no Service of this cluster, and nothing there reports`;
  if (edge.server.kind !== "workload") return `${server} is no workload that is known, and nothing there reports`;
  if (isBare(edge, judge)) return `${server} runs no proxy that could report it`;
  const port = uncapturedPort(edge);
  return port === undefined ? `no report of the proxy of ${server} arrived` : `port ${port} of ${server} is not captured by its proxy`;
}

/** The server's side alone already says why it would be plaintext. */
export function isServersDoing(edge: Edge, judge: MeshJudge): boolean {
  return isBare(edge, judge) || uncapturedPort(edge) !== undefined;
}

/** It arrived, and no label is missing: that nobody reported its security is the configuration's doing. */
export function isArrived(edge: Edge): boolean {
  const rule = report(edge)?.rule;
  return rule !== "OBS-9" && rule !== "OBS-18";
}

/** All of it, or some requests beside what is mTLS. */
const ALL = { it: "it", its: "its", was: "it was" };
const PART = { it: "them", its: "their", was: "they were" };

/** By the one that told of it: the client, or a waypoint on the way. */
function word(unreported: Unreported, seen: Observation | undefined, { it, its }: Pick<typeof ALL, "it" | "its">): string {
  const { client, server } = unreported;
  const who = seen?.proxy === "ztunnel" ? `the ztunnel of ${client}` : client;
  if (seen?.rule === "OBS-23") return `${who} used no certificate for ${it}, and no proxy of ${server} reported ${it}`;
  if (seen?.rule === "OBS-25") return seen.detail ?? "the waypoint reported the hop to itself, and nobody the one from it";
  return `only ${who} reported ${it}, which proves nothing of ${its} security; ${silence(unreported)}`;
}

/** Why nobody reported the security of traffic, as a clause. */
export function unreportedClause(unreported: Unreported): string {
  const { edge } = unreported;
  const isPart = edge.counts.mtls > 0;
  const { it, its, was } = isPart ? PART : ALL;
  const opening = isPart ? `of ${trafficText(edge.family, edge.counts.unclear)} nobody reported the security: ` : "";
  const seen = report(edge);
  if (seen?.rule === "OBS-9") return `${opening}the label that says what ${was} (connection_security_policy) is missing or holds no word of Istio's`;
  if (seen?.rule === "OBS-18") return `${opening}${seen.detail ?? "it failed"}, which proves nothing of what would have been carried`;
  return `${opening}${word(unreported, seen, { it, its })}`;
}

export function configurationClause({ configured }: Edge): string {
  return configured.length === 0 ? "the configuration knows no port for it" : `configuration says ${configuredText(configured)}`;
}

/** What would let somebody report the security of traffic. */
export function reportFix({ edge, client, server }: Unreported): string {
  const rule = report(edge)?.rule;
  if (rule === "OBS-9") return "let the metric keep Istio's labels: see Telemetry tagOverrides, and the relabelling of what scrapes it";
  if (rule === "OBS-18") {
    const ports = [...new Set(edge.configured.map(({ targetPort }) => targetPort))];
    return `see why connections from ${client} to ${server} fail: whether anything listens${ports.length === 0 ? "" : ` on port ${ports.join(", ")}`}, and what lies between`;
  }
  if (isPassedOn(edge)) return `see in the access log of ${client} which address it dials, and give that a ServiceEntry, so that it has a name here`;
  if (isUnplaced(edge)) return `see which pods the Service ${server} leads to, and whether their proxies are there and scraped`;
  if (edge.server.kind !== "workload") return `let the application speak TLS to ${server}, or set it in a ServiceEntry and a DestinationRule for that host`;
  return `let Prometheus scrape the proxies of ${server}, and see that no Telemetry object switches off what they count`;
}
