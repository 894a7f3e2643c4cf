import type { ConnectionAnswer } from "../connection.ts";
import type { Gap } from "../verdict.ts";
import type { ProtocolFamily, ServiceHost, SpiffeId, Transport, WorkloadId } from "../vocabulary.ts";
import type { TrafficRuleId } from "./rules.ts";
import type { Reporter, ReportingProxy } from "./telemetry.ts";

/**
 * One end of an edge: a workload, or what kind of thing it is where that is all that is known.
 * An unidentified sender belongs to one server: there is never one for the whole mesh.
 */
export type Party =
  | { readonly kind: "workload"; readonly id: WorkloadId }
  | { readonly kind: "node"; readonly name: string }
  | { readonly kind: "address"; readonly address: string }
  | { readonly kind: "external"; readonly host: string }
  | { readonly kind: "unidentified" };

/** How surely the client of an edge is who the page says. A name that came from an address is never an identity. */
export const SENDER_CONFIDENCES = ["proved by identity", "address, one owner", "address, several candidates", "inferred", "unidentified"] as const;
export type SenderConfidence = (typeof SENDER_CONFIDENCES)[number];

/** Who the client of an edge is: how surely, and by which evidence. */
export interface Sender {
  readonly confidence: SenderConfidence;
  readonly principals: readonly SpiffeId[];
  /** addresses that evidence gives, without ports */
  readonly addresses: readonly string[];
  readonly candidates: readonly WorkloadId[];
  /** what named the sender, as a rule of the specification */
  readonly evidence: readonly SenderEvidence[];
}

/** How often one method named the sender, and when last. */
export interface SenderEvidence {
  /** `own report`: the client's own proxy counted it */
  readonly method: "principal" | "peer metadata" | "ztunnel" | "access log" | "own report";
  readonly count: number;
  readonly lastSeenMs: number | null;
}

/** What was observed in the window. Requests for `http`, connections for `tcp`; the five are never added to bytes. */
export interface ObservedCounts {
  readonly mtls: number;
  readonly plaintext: number;
  readonly tls: number;
  readonly unclear: number;
  readonly refused: number;
}

/** One contribution to an edge's counts, and the rule that made it what it is. */
export interface Observation {
  readonly rule: TrafficRuleId;
  readonly counts: keyof ObservedCounts;
  readonly count: number;
  readonly bytes: number;
  readonly reporter: Reporter | "log";
  readonly proxy: ReportingProxy;
  readonly connectionSecurityPolicy: string | null;
  /** refused by mTLS, by authorization, or inferred from the client's side */
  readonly refusal?: "transport" | "authorization" | "inferred";
  readonly extrapolated: boolean;
  readonly lastSeenMs: number | null;
  readonly lastSeenAfterMs?: number;
  readonly detail?: string;
}

/** The states of an edge, as `states` of the specification orders them. */
export const EDGE_STATES = [
  "blocked",
  "mixed, partly blocked",
  "mixed",
  "plaintext",
  "application TLS",
  "mTLS",
  "unclear",
  "expected blocked",
  "idle",
] as const;
export type EdgeState = (typeof EDGE_STATES)[number];

/** The configuration's answer for one port and one kind of endpoint of an edge. */
export interface ConfiguredPath {
  readonly port: number;
  readonly targetPort: number;
  readonly portName: string | null;
  /** how many pairs of instances share this answer, and one of them */
  readonly pairs: number;
  readonly clientInstance: string | null;
  readonly serverInstance: string;
  /** of the connection between these two; `pathVerdict` gives its reasons */
  readonly verdict: ConnectionAnswer;
}

/** Traffic that got through, or may have, other than as mesh mTLS. */
export type Unproved = "plaintext" | "tls" | "unclear";

/** What was observed in the window, and what configuration says now, which is something else. */
export interface Disagreement {
  readonly observed: keyof ObservedCounts;
  /** on all ways, ascending; none where one of them is not known, and every port is STRICT, whoever the client is */
  readonly transports: readonly Transport[];
  /** authorization denies every way */
  readonly isDenied: boolean;
}

/** Client × server × service host × protocol family. */
export interface Edge {
  readonly key: string;
  readonly client: Party;
  readonly server: Party;
  readonly host: ServiceHost | null;
  readonly family: ProtocolFamily;
  readonly state: EdgeState;
  /** the row of the state table that fitted, `EDGE-1` to `EDGE-11` */
  readonly rule: TrafficRuleId;
  readonly counts: ObservedCounts;
  readonly bytes: number;
  readonly extrapolated: boolean;
  readonly observations: readonly Observation[];
  readonly lastSeenMs: number | null;
  readonly lastPlaintextMs: number | null;
  /** where a time is not known exactly: it was after this, and not after the one above */
  readonly lastSeenAfterMs?: number;
  readonly lastPlaintextAfterMs?: number;
  /** what the look-back held that proves no mTLS, whether or not a row says when; what failed to connect (OBS-18) carried nothing */
  readonly seenBefore?: readonly Unproved[];
  readonly sender: Sender;
  readonly configured: readonly ConfiguredPath[];
  readonly gaps: readonly Gap[];
  /** observed is not what configuration says */
  readonly disagreement: Disagreement | null;
}
