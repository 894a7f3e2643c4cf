import type { ReportedPeer, Telemetry, TrafficRow } from "#mesh";
import type { Random } from "../random.ts";

/** One counter: what it grows by in a window, and until when it grew. */
export interface Counter {
  readonly labels: Readonly<Record<string, string>>;
  readonly perWindow: number;
  /** its value before anything is added; 0 when not given */
  readonly base?: number;
  /** it stood still in the window: what makes an edge idle */
  readonly idle: boolean;
}

/** plaintext among mTLS: one request in so many */
const MIXED = 300;

/** of so many edges some requests fail: a series more */
const FAILING = 0.1;

function peerLabels(side: "source" | "destination", { namespace, workload, principal }: ReportedPeer): Readonly<Record<string, string>> {
  const name = workload ?? "unknown";
  return {
    [`${side}_workload`]: name, [`${side}_workload_namespace`]: namespace ?? "unknown", [`${side}_principal`]: principal ?? "unknown", [`${side}_app`]: name,
    [`${side}_version`]: workload === null ? "unknown" : "v1", [`${side}_canonical_service`]: name, [`${side}_canonical_revision`]: "v1", [`${side}_cluster`]: "Kubernetes",
  };
}

function commonLabels(row: TrafficRow): Readonly<Record<string, string>> {
  const reportedBy = row.reporter === "source" ? row.client : row.server;
  const instance = `${reportedBy.workload ?? "unknown"}-5c7d9b6f44`;
  return {
    ...peerLabels("source", row.client), ...peerLabels("destination", row.server), reporter: row.reporter, connection_security_policy: row.connectionSecurityPolicy ?? "unknown",
    destination_service: row.serviceHost ?? "unknown", destination_service_name: row.serviceName ?? "unknown", destination_service_namespace: row.server.namespace ?? "unknown",
    response_flags: row.responseFlags ?? "-", app: row.proxy === "ztunnel" ? "ztunnel" : (reportedBy.workload ?? "unknown"), job: "kubernetes-pods", instance, pod: instance, namespace: reportedBy.namespace ?? "unknown",
  };
}

function httpCounters(row: TrafficRow, random: Random, idle: boolean): readonly Counter[] {
  const labels = { __name__: "istio_requests_total", ...commonLabels(row), request_protocol: "http", grpc_response_status: "" };
  const counted = { labels: { ...labels, response_code: "200" }, perWindow: row.count, idle };
  if (row.reporter === "source" || row.connectionSecurityPolicy !== "mutual_tls") return random.chance(FAILING) ? [counted, { ...counted, labels: { ...labels, response_code: "500" }, perWindow: row.count / 50 }] : [counted];
  const mixed = random.chance(0.02) ? [{ ...counted, labels: { ...counted.labels, connection_security_policy: "none", source_principal: "unknown" }, perWindow: Math.ceil(row.count / MIXED) }] : [];
  const refused = random.chance(0.01) ? [{ ...counted, labels: { ...labels, response_code: "403", response_flags: "-" }, perWindow: Math.ceil(row.count / 10) }] : [];
  const failed = random.chance(FAILING) ? [{ ...counted, labels: { ...labels, response_code: "500" }, perWindow: row.count / 50 }] : [];
  return [counted, ...mixed, ...refused, ...failed];
}

function tcpCounters(row: TrafficRow, idle: boolean): readonly Counter[] {
  const labels = { ...commonLabels(row), request_protocol: "tcp" };
  const of = (metric: string, perWindow: number): Counter => ({ labels: { __name__: `istio_tcp_${metric}_total`, ...labels }, perWindow, idle });
  return [of("connections_opened", row.count), of("connections_closed", row.count), of("sent_bytes", row.count * 900), of("received_bytes", row.count * 600)];
}

function countersOf(row: TrafficRow, random: Random, idle: boolean): readonly Counter[] {
  return row.family === "http" ? httpCounters(row, random, idle) : tcpCounters(row, idle);
}

/** What proxies and ztunnels would have counted of the generated traffic. Refusals stand in access logs, not here. */
export function generatedCounters({ rows, lookBackRows }: Telemetry, random: Random): readonly Counter[] {
  const traffic = rows.filter((row) => row.what === "traffic");
  return [...traffic.flatMap((row) => countersOf(row, random, false)), ...lookBackRows.flatMap((row) => countersOf(row, random, true))];
}
