import type { Gap } from "../verdict.ts";
import type { Carrier } from "./carrier.ts";
import type { Summary } from "./configured.ts";
import type { Directory } from "./directory.ts";
import type { Observation, ObservedCounts } from "./edge.ts";
import { principalOf } from "./party.ts";
import type { TrafficRuleId } from "./rules.ts";
import type { TrafficRow } from "./telemetry.ts";
import { isFlagged } from "./ztunnel.ts";

/** What one row means: which of the counts it adds to, and by which rule. */
export interface Meaning {
  readonly rule: TrafficRuleId;
  readonly counts: keyof ObservedCounts;
  readonly refusal?: NonNullable<Observation["refusal"]>;
  readonly detail?: string;
  readonly gap?: Gap;
}

/** What decides beside the row itself. */
export interface Circumstances {
  readonly configured: Summary;
  /** of connections: every port that they can have reached is declared HTTPS or TLS */
  readonly declaredTls: boolean;
  /** what requests of this edge came on, as far as that can be inferred */
  readonly carrier: Carrier | null;
  /** knows certificates of the mesh from others */
  readonly directory: Pick<Directory, "isOfMesh">;
  /** why a waypoint that reported is not known to have sent on as mTLS */
  readonly unknownOnward: string | null;
  /** where nothing is known of the server that it sends on to */
  readonly onwardGap: Gap | null;
}

/** The connection was reset or never came to be; or nothing left the client at all: no healthy endpoint, no room, no route, no cluster. */
const FAILED = ["UC", "UF", "UR", "UH", "UO", "NR", "NC"] as const;

/** What most rows mean is one of a few. */
const MTLS_BY_SERVER: Meaning = { rule: "OBS-1", counts: "mtls" };
const PLAINTEXT_BY_SERVER: Meaning = { rule: "OBS-2", counts: "plaintext" };
const APPLICATION_TLS: Meaning = { rule: "OBS-3", counts: "tls" };
const MTLS_BY_CLIENT: Meaning = { rule: "OBS-4", counts: "mtls" };
const OWN_CERTIFICATE: Meaning = { rule: "OBS-26", counts: "tls", detail: "the client's proxy used a certificate that is none of the mesh's" };
const UNCLEAR_TO_CLIENT: Meaning = { rule: "OBS-5", counts: "unclear" };
const MTLS_BY_ZTUNNEL: Meaning = { rule: "OBS-6", counts: "mtls" };
const PLAINTEXT_BY_ZTUNNEL: Meaning = { rule: "OBS-7", counts: "plaintext", detail: "ztunnel cannot tell plaintext from application TLS" };
const UNCLEAR_TO_ZTUNNEL: Meaning = { rule: "OBS-8", counts: "unclear" };

const CARRIED: Readonly<Record<Carrier, Meaning>> = {
  mtls: { rule: "OBS-21", counts: "mtls", detail: "inferred: by configuration the client sends through the tunnel on every way, and every connection from it that the server's ztunnel reported is mTLS" },
  plaintext: { rule: "OBS-21", counts: "plaintext", detail: "inferred: by configuration the client sends plaintext on every way, and every connection from it that the server's ztunnel reported is plaintext" },
};

const HANDSHAKE_FAILURES: ReadonlySet<string> = new Set(["TLS_FAILURE", "H2_HANDSHAKE_FAILURE", "IDENTITY_ERROR", "CERT_REVOKED"]);

function missing(row: TrafficRow): Meaning {
  const value = row.connectionSecurityPolicy;
  const because = value === null ? "the metrics do not carry the label `connection_security_policy`" : `\`connection_security_policy\` is \`${value}\`, which Istio does not write there`;
  return { rule: "OBS-9", counts: "unclear", gap: { wanted: "the security of observed traffic", because } };
}

function nobodyKnown(reporter: string): Meaning {
  const because = reporter === "" ? "the metrics do not carry the label `reporter`" : `\`reporter\` is \`${reporter}\`, which Istio does not write there`;
  return { rule: "OBS-9", counts: "unclear", gap: { wanted: "who reported observed traffic", because } };
}

function hasFlag({ responseFlags }: TrafficRow, flag: string): boolean {
  if (responseFlags === null || responseFlags === "-") return false;
  return responseFlags === flag || responseFlags.split(",").includes(flag);
}

function denial(row: TrafficRow, configured: Summary): Meaning {
  const detail = "ztunnel closed it with `DENY`";
  if (row.connectionSecurityPolicy === "mutual_tls" || (configured.allDenied && !configured.someBlocked)) return { rule: "OBS-10", counts: "refused", refusal: "authorization", detail };
  return configured.someBlocked ? { rule: "OBS-10", counts: "refused", refusal: "transport", detail } : { rule: "OBS-10", counts: "refused", detail };
}

function ztunnelMeaning(row: TrafficRow, configured: Summary): Meaning {
  if (hasFlag(row, "DENY")) return denial(row, configured);
  if (isFlagged(row)) {
    const detail = `the connection failed with \`${row.responseFlags ?? ""}\``;
    return HANDSHAKE_FAILURES.has(row.responseFlags ?? "") ? { rule: "OBS-18", counts: "refused", refusal: "transport", detail } : { rule: "OBS-18", counts: "unclear", detail };
  }
  if (row.connectionSecurityPolicy === "mutual_tls") return MTLS_BY_ZTUNNEL;
  if (row.connectionSecurityPolicy !== "unknown") return missing(row);
  return row.reporter === "destination" ? PLAINTEXT_BY_ZTUNNEL : UNCLEAR_TO_ZTUNNEL;
}

/** A waypoint tells of the hop to it, whatever it sends on. */
function mtlsAtServer({ reporter }: TrafficRow, { unknownOnward, onwardGap }: Circumstances): Meaning {
  if (reporter !== "waypoint") return MTLS_BY_SERVER;
  if (unknownOnward !== null) return { rule: "OBS-25", counts: "unclear", detail: unknownOnward };
  return onwardGap === null ? MTLS_BY_SERVER : { ...MTLS_BY_SERVER, gap: onwardGap };
}

function serverMeaning(row: TrafficRow, circumstances: Circumstances): Meaning {
  const { configured, declaredTls } = circumstances;
  if (row.responseCode === "403" && configured.allDenied) return { rule: "OBS-13", counts: "refused", refusal: "authorization", detail: "answered 403, as configuration says" };
  switch (row.connectionSecurityPolicy) {
    case "mutual_tls":
      return mtlsAtServer(row, circumstances);
    case "none":
      return declaredTls ? APPLICATION_TLS : PLAINTEXT_BY_SERVER;
    case null:
    default:
      return missing(row);
  }
}

/** How a refusal looks to the client's sidecar: its connection was reset, or could not be established. */
function refusalSeen(row: TrafficRow): "OBS-11" | "OBS-19" | null {
  if (!isFlagged(row) || (row.family === "http" && row.responseCode !== "503")) return null;
  if (hasFlag(row, row.family === "http" ? "UC" : "UR")) return "OBS-11";
  return hasFlag(row, "UF") ? "OBS-19" : null;
}

/** Refusals that only the client's sidecar can have seen: the server has no metric for them. */
function clientRefusal(row: TrafficRow, configured: Summary): Meaning | null {
  if (row.serviceName === "BlackHoleCluster") return { rule: "OBS-17", counts: "refused", refusal: "transport", detail: "the client's own proxy refused it: `BlackHoleCluster`" };
  const rule = refusalSeen(row);
  if (rule === null || principalOf(row) !== null || !configured.someBlocked) return null;
  return { rule, counts: "refused", refusal: "inferred", detail: `the client's proxy saw \`${row.responseFlags ?? ""}\`` };
}

function clientMeaning(row: TrafficRow, { configured, carrier, directory }: Circumstances): Meaning {
  const refused = clientRefusal(row, configured);
  if (refused !== null) return refused;
  if (row.connectionSecurityPolicy !== "unknown") return missing(row);
  if (isFlagged(row) && FAILED.some((flag) => hasFlag(row, flag))) return { rule: "OBS-18", counts: "unclear", detail: `it failed with \`${row.responseFlags ?? ""}\`` };
  const principal = principalOf(row);
  if (principal !== null) return directory.isOfMesh(principal) ? MTLS_BY_CLIENT : OWN_CERTIFICATE;
  return carrier === null ? UNCLEAR_TO_CLIENT : CARRIED[carrier];
}

/** What one row of telemetry means for its edge. @see rules OBS-1 to OBS-13, OBS-17 to OBS-19, OBS-21, OBS-25, OBS-26 */
export function meaningOf(row: TrafficRow, circumstances: Circumstances): Meaning {
  const { reporter, proxy } = row;
  if (reporter !== "destination" && reporter !== "waypoint" && reporter !== "source") return nobodyKnown(reporter);
  if (proxy === "ztunnel") return ztunnelMeaning(row, circumstances.configured);
  return reporter === "source" ? clientMeaning(row, circumstances) : serverMeaning(row, circumstances);
}

/** Whether only the client's side can know what a row means, so that no report of the server's replaces it. */
export function standsBesideServer(meaning: Meaning): boolean {
  return meaning.rule === "OBS-11" || meaning.rule === "OBS-17" || meaning.rule === "OBS-19";
}
