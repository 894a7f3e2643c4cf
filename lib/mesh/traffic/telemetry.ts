import type { Gap } from "../verdict.ts";
import type { ProtocolFamily } from "../vocabulary.ts";

/** The proxies that write Istio's standard metrics. */
export type Reporter = "source" | "destination" | "waypoint" | (string & {});

/** Which software counted: decides what `connection_security_policy` means (`unknown` of ztunnel's destination is plaintext). */
export type ReportingProxy = "envoy" | "ztunnel";

/** One end of a connection as telemetry names it. `unknown` and empty labels are `null`. */
export interface ReportedPeer {
  readonly namespace: string | null;
  readonly workload: string | null;
  /** a SPIFFE id proved by TLS, else `null` */
  readonly principal: string | null;
  /** the label that would hold the principal is missing: without one it is not known whether a certificate was in use */
  readonly principalDropped?: true;
}

/**
 * One row of telemetry: traffic of the window, summed over everything that does not matter to the question.
 *
 * Counts are requests (`http`) or connections (`tcp`) in the window, with births counted from zero; `bytes` only for `tcp`.
 * Each stands in one row of its reporter, except what ztunnel refused or failed to connect: ztunnel counts that as opened first (`-`), then again with its flags.
 * `count` 0 with `bytes` above 0 is a connection opened before the window that still carries traffic.
 */
export interface TrafficRow {
  readonly what: "traffic";
  readonly reporter: Reporter;
  readonly proxy: ReportingProxy;
  readonly family: ProtocolFamily;
  /** `null` where the label is missing */
  readonly connectionSecurityPolicy: string | null;
  readonly client: ReportedPeer;
  readonly server: ReportedPeer;
  /** `destination_service` as written, `null` where it is `unknown` or empty */
  readonly serviceHost: string | null;
  /** `destination_service_name`; `PassthroughCluster`, `InboundPassthroughCluster`, `BlackHoleCluster` are special */
  readonly serviceName: string | null;
  readonly responseCode: string | null;
  readonly responseFlags: string | null;
  readonly count: number;
  readonly bytes: number;
  /** part of the count was extrapolated: shown with `≈` */
  readonly extrapolated: boolean;
  /** when traffic was last seen, `null` when nobody asked */
  readonly lastSeenMs: number | null;
  /** where the time is not known exactly: it was after this, and not after `lastSeenMs` */
  readonly lastSeenAfterMs?: number;
}

/** A line of an access log, or of ztunnel's, that says a connection was refused. */
export interface RefusalRow {
  readonly what: "refusal";
  /** the server's side: the pod whose proxy wrote the line, and the target port */
  readonly serverAddress: string;
  readonly targetPort: number;
  /** the sender's address without its ephemeral port */
  readonly clientAddress: string;
  /** `%REQUESTED_SERVER_NAME%`, `null` for plaintext */
  readonly requestedServerName: string | null;
  /** Envoy's response flags and details, as written: `NR filter_chain_not_found` */
  readonly detail: string;
  readonly count: number;
  readonly lastSeenMs: number;
}

export type TelemetryRow = TrafficRow | RefusalRow;

/** Whether a row of traffic says that anything happened. */
export function happened({ count, bytes }: TrafficRow): boolean {
  return count > 0 || bytes > 0;
}

/** A stretch of time, end exclusive. */
export interface TimeSpan {
  readonly startMs: number;
  readonly endMs: number;
}

/** Where rows came from; a source that gave none is named in `gaps`. */
export interface Telemetry {
  /** the window that the counts cover, end exclusive */
  readonly windowStartMs: number;
  readonly windowEndMs: number;
  /** rows of the window */
  readonly rows: readonly TelemetryRow[];
  /** traffic seen in the look-back before the window: what makes an edge *idle* rather than absent */
  readonly lookBackRows: readonly TrafficRow[];
  readonly lookBackStartMs: number;
  /** the parts of the window that the rows tell of, oldest first; left out where that is not known */
  readonly covered?: readonly TimeSpan[];
  /** why this window cannot be answered at all, and which could; there are no rows then */
  readonly refused?: string;
  /** what telemetry could not say, at all or for a part */
  readonly gaps: readonly Gap[];
  /** what such sources never tell, however well they answer; what they do tell is in no doubt for it */
  readonly blindSpots?: readonly Gap[];
  /** the questions that were asked, word for word, so that a person can ask them again */
  readonly queries: readonly { readonly purpose: string; readonly text: string }[];
}
