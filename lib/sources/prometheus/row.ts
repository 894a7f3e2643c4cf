import type { ProtocolFamily, TrafficRow } from "#mesh";
import type { LabelSet } from "./sample.ts";
import { known, label, type Labels } from "./schema.ts";

/** When something was last seen: after the one and not after the other. */
export interface Seen {
  readonly afterMs: number;
  readonly untilMs: number;
}

/** float noise of Prometheus' extrapolation, far below one event */
export const NOISE = 0.01;

/** A sidecar's server never writes `unknown`, its client nothing else: what does is ztunnel, labelled or not. */
export function isZtunnel(labels: Labels, family: ProtocolFamily, { responseFlags }: Response): boolean {
  if (label(labels, "app") === "ztunnel") return true;
  if (family !== "tcp") return false;
  const policy = label(labels, "connection_security_policy");
  const reporter = label(labels, "reporter");
  return (reporter === "destination" && policy === "unknown") || (reporter === "source" && policy === "mutual_tls") || responseFlags === "DENY";
}

/** What an outcome is told by. */
export type Response = Pick<TrafficRow, "responseCode" | "responseFlags">;

/** Of what went through. */
export const NO_RESPONSE: Response = { responseCode: null, responseFlags: null };

/** How much, and when it was last seen; `null` where nobody asked. */
export interface Amount {
  readonly count: number;
  readonly bytes: number;
  readonly seen: Seen | null;
}

/** Something that happened is never rounded to nothing. */
function whole(count: number): number {
  return count <= NOISE ? 0 : Math.max(1, Math.round(count));
}

/** What a row is a row of. */
export interface Counted {
  readonly set: LabelSet;
  readonly family: ProtocolFamily;
  readonly response: Response;
}

export function rowOf({ set: { labels, client, server }, family, response }: Counted, { count, bytes, seen }: Amount): TrafficRow {
  return {
    what: "traffic",
    reporter: label(labels, "reporter") ?? "",
    proxy: isZtunnel(labels, family, response) ? "ztunnel" : "envoy",
    family,
    connectionSecurityPolicy: label(labels, "connection_security_policy"),
    client,
    server,
    serviceHost: known(labels, "destination_service"),
    serviceName: known(labels, "destination_service_name"),
    responseCode: response.responseCode,
    responseFlags: response.responseFlags,
    count: whole(count),
    bytes: Math.max(0, Math.round(bytes)),
    extrapolated: Math.abs(count - Math.round(count)) > NOISE,
    lastSeenMs: seen === null ? null : seen.untilMs,
    ...(seen === null ? {} : { lastSeenAfterMs: seen.afterMs }),
  };
}
