// Rows as Istio's proxies report them; a test says only what is special about its own.
import { EMPTY_CONFIGURATION, observeEdges, type Configuration, type Edge, type MeshJudge, type RefusalRow, type TelemetryRow, type TrafficRow } from "#mesh";

const AT_MS = Date.UTC(2026, 5, 1);
export const WINDOW_START_MS = AT_MS - 900_000;

const SLEEP = { namespace: "foo", workload: "sleep", principal: "spiffe://cluster.local/ns/foo/sa/sleep" } as const;
const HTTPBIN = { namespace: "foo", workload: "httpbin", principal: null } as const;
export const NOBODY = { namespace: null, workload: null, principal: null } as const;
/** foo/sleep without an identity: named by its address or by a header */
export const UNPROVED = { ...SLEEP, principal: null } as const;

/** 900 mTLS requests from foo/sleep to foo/httpbin, reported by the server's sidecar. */
export function row(special: Partial<TrafficRow> = {}): TrafficRow {
  return {
    what: "traffic", reporter: "destination", proxy: "envoy", family: "http", connectionSecurityPolicy: "mutual_tls", client: SLEEP, server: HTTPBIN,
    serviceHost: "httpbin.foo.svc.cluster.local", serviceName: "httpbin", responseCode: null, responseFlags: null, count: 900, bytes: 0, extrapolated: false, lastSeenMs: null,
    ...special,
  };
}

/** The same traffic as the client's sidecar reports it. */
export function clientRow(special: Partial<TrafficRow> = {}): TrafficRow {
  return row({ reporter: "source", connectionSecurityPolicy: "unknown", ...special });
}

/** 90 plaintext connections from foo/sleep, reported by the server's ztunnel. */
export function ztunnelRow(special: Partial<TrafficRow> = {}): TrafficRow {
  return row({ proxy: "ztunnel", family: "tcp", connectionSecurityPolicy: "unknown", client: UNPROVED, count: 90, ...special });
}

/** Plaintext from 10.0.0.30 refused at port 8080 of 10.0.0.10. */
export function refusal(special: Partial<RefusalRow> = {}): RefusalRow {
  return { what: "refusal", serverAddress: "10.0.0.10", targetPort: 8080, clientAddress: "10.0.0.30", requestedServerName: null, detail: "NR filter_chain_not_found", count: 3, lastSeenMs: AT_MS - 60_000, ...special };
}

export interface Observed {
  readonly rows?: readonly TelemetryRow[];
  readonly before?: readonly TrafficRow[];
  readonly configuration?: Configuration;
}

export function observe({ rows = [], before = [], configuration = EMPTY_CONFIGURATION }: Observed, judge: MeshJudge): readonly Edge[] {
  const telemetry = { windowStartMs: WINDOW_START_MS, windowEndMs: AT_MS, rows, lookBackRows: before, lookBackStartMs: WINDOW_START_MS - 3_600_000, gaps: [], queries: [] };
  return observeEdges({ capturedAtMs: AT_MS, configuration, telemetry }, judge);
}

/** @throws unless there is exactly one edge */
export function onlyEdge(edges: readonly Edge[]): Edge {
  const [edge, ...others] = edges;
  if (edge === undefined || others.length > 0) throw new Error(`${edges.length} edges: ${edges.map((one) => one.key).join(" ; ")}`);
  return edge;
}

/** `mtls: plaintext or tls, denied`: what was observed, and what configuration says; `STRICT` where every port is, and no more is known. */
export function contradiction({ disagreement }: Edge): string | null {
  if (disagreement === null) return null;
  const { observed, transports, isDenied } = disagreement;
  return `${observed}: ${transports.length === 0 ? "STRICT" : transports.join(" or ")}${isDenied ? ", denied" : ""}`;
}
