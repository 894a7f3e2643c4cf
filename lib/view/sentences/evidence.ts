import type { Edge, Observation } from "#mesh";
import { partyName } from "./party.ts";
import { OLDER, countText, noun } from "./quantity.ts";

export const WORDS: Readonly<Record<Observation["counts"], string>> = {
  mtls: "mTLS",
  plaintext: "plaintext",
  tls: "application TLS",
  unclear: "unclear",
  refused: "refused",
};

const REFUSALS: Readonly<Record<NonNullable<Observation["refusal"]>, string>> = {
  transport: "refused by mTLS",
  authorization: "refused by authorization",
  inferred: "refused, inferred from the client's side",
};

/** Whose report it is: "foo/httpbin (destination, sidecar)". */
function reporter(observation: Observation, edge: Edge): string {
  const software = observation.proxy === "ztunnel" ? "ztunnel" : "Envoy";
  const [client, server] = [partyName(edge.client, edge.server), partyName(edge.server, edge.server)];
  switch (observation.reporter) {
    case "destination":
      return `by ${server} (destination, ${software})`;
    case "source":
      return `by ${client} (source, ${software})`;
    case "waypoint":
      return "by the waypoint in between";
    case "log":
      return `in the access log of ${server}`;
    default:
      return `by reporter ${observation.reporter} (${software})`;
  }
}

function amount({ count, bytes, extrapolated }: Observation, family: Edge["family"], word: string): string {
  return count === 0 && bytes > 0 ? `${word === "" ? "" : `${word} `}bytes of ${OLDER}` : `${countText(count, extrapolated)} ${word === "" ? "" : `${word} `}${noun(family, count)}`;
}

/** `450 plaintext requests reported by foo/httpbin (destination, Envoy), connection_security_policy none`. */
export function evidenceSentence(observation: Observation, edge: Edge): string {
  const { counts, refusal, connectionSecurityPolicy, detail } = observation;
  const word = refusal === undefined ? WORDS[counts] : REFUSALS[refusal];
  const what = refusal === undefined ? amount(observation, edge.family, word) : `${amount(observation, edge.family, "")} ${word},`;
  const label = observation.reporter === "log" ? "" : `, connection_security_policy ${connectionSecurityPolicy ?? "missing"}`;
  const more = detail === undefined || detail === "" ? "" : `: ${detail}`;
  return `${what} reported ${reporter(observation, edge)}${label}${more}`;
}
