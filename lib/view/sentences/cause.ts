import type { ConfiguredPath, Edge, MeshJudge, Party, Workload } from "#mesh";
import { seenCounts } from "../seenCounts.ts";
import { configuredText } from "./configured.ts";
import { accepting, always, isDenied, judged, standing } from "./judged.ts";
import type { Explanation } from "./judged.ts";
import { partyName } from "./party.ts";
import { isPastStrict } from "./pastStrict.ts";
import { OLDER, trafficText } from "./quantity.ts";
import type { Parties, Scene } from "./scene.ts";
import { bareClause, clientFix } from "./sending.ts";
import { configurationClause, isClientsWord, isServersDoing, reportFix, unreportedClause } from "./unclear.ts";

/** What to turn on so that a sender gets a name. */
export const RAISE = "let Istio's proxies resolve peers by address (PEER_METADATA_DISCOVERY), or turn on access logs for the server's inbound traffic and read the sender's address there: mtlscope reads no logs of a cluster";

function unidentified({ edge, server }: Parties): Explanation {
  const path = edge.configured[0];
  const taken = path === undefined ? null : `${server} is ${accepting(path)}`;
  return { cause: `nothing names who sends this to ${server}: plaintext carries no identity`, admission: taken, fix: always(RAISE) };
}

/** No way that the configuration knows explains what was seen. */
function unexplained(parties: Parties): Explanation {
  const { client, server, edge } = parties;
  const isKnown = edge.configured.length > 0;
  const bare = bareClause(parties);
  if (bare !== undefined) {
    return { cause: bare, admission: isKnown ? `by configuration it would be ${configuredText(edge.configured)}` : "the configuration knows no port by which it came", fix: (verdicts) => clientFix(parties, "keep the port it calls", verdicts) };
  }
  const says = isKnown ? `configuration says ${configuredText(edge.configured)}` : "the configuration knows no port for it";
  return {
    cause: `${says}, yet this came from ${client}: by a pod's address, from an init container, before the proxy was ready, or past an excluded port`,
    admission: null,
    fix: always(`look at the access log of ${server} for port and time, and at the traffic.sidecar.istio.io annotations of ${client}`),
  };
}

/** That STRICT is not enforced is the finding, whoever the client is and whatever it should have sent. */
function tookAllTheSame(scene: Scene): Explanation {
  const { server, edge } = scene;
  const taken = edge.counts.plaintext === 0 ? `plaintext on ${OLDER}` : trafficText(edge.family, edge.counts.plaintext, "plaintext");
  return {
    cause: standing(scene),
    admission: `it took ${taken} all the same`,
    fix: always(`look at the proxy of ${server}: whether it has taken the policy (istioctl proxy-status), what its listeners ask for (istioctl proxy-config listeners), and whether the policy is younger than this traffic`),
  };
}

function pathThat(edge: Edge, refused: boolean): ConfiguredPath | undefined {
  const wanted = refused ? ["blocked"] : ["plaintext", "tls"];
  const fitting = edge.configured.find(({ verdict: { transport } }) => transport.kind === "known" && wanted.includes(transport.value));
  const denied = refused ? edge.configured.find(({ verdict }) => isDenied(verdict)) : undefined;
  return fitting ?? denied ?? edge.configured.find(({ verdict: { transport } }) => transport.kind === "unknown");
}

/** Nobody reported its security. What configuration says of it is no observation, and is told as what it is. */
function unreported(parties: Parties, judge: MeshJudge): Explanation {
  const { edge } = parties;
  const asked = { ...parties, judge };
  const [open, blocked] = [pathThat(edge, false), pathThat(edge, true)];
  const path = open ?? blocked;
  const byConfiguration = path === undefined ? null : judged({ ...parties, path, judge }, open === undefined);
  const says = configurationClause(edge);
  const admission = byConfiguration === null || isServersDoing(edge, judge) ? says : `${says}: ${byConfiguration.cause}`;
  return { cause: unreportedClause(asked), admission, fix: byConfiguration === null || !isClientsWord(edge) ? always(reportFix(asked)) : byConfiguration.fix };
}

/** Silent in the window: what configuration would do with it, where that is not mTLS. */
function idle(parties: Parties, judge: MeshJudge): Explanation | null {
  const path = pathThat(parties.edge, false);
  return path === undefined ? null : judged({ ...parties, path, judge }, false);
}

/** Whether somebody reported that it is not mTLS, now or before. */
function isConcerned(edge: Edge): boolean {
  const { lastPlaintextMs, state } = edge;
  const counts = seenCounts(edge);
  return counts.plaintext > 0 || counts.tls > 0 || counts.refused > 0 || state === "expected blocked" || (lastPlaintextMs !== null && counts.unclear === 0);
}

function concerned(parties: Parties, judge: MeshJudge): Explanation {
  const { edge } = parties;
  const [strict] = edge.configured;
  if (strict !== undefined && isPastStrict(edge)) return tookAllTheSame({ ...parties, path: strict, judge });
  if (edge.client.kind === "unidentified") return unidentified(parties);
  const { plaintext, tls } = seenCounts(edge);
  const refused = plaintext === 0 && tls === 0 && (edge.counts.refused > 0 || edge.state === "expected blocked");
  const path = pathThat(edge, refused);
  return path === undefined ? unexplained(parties) : judged({ ...parties, path, judge }, refused);
}

/**
 * Why an edge carries plaintext, is refused, or may be either, and the fix that goes with that cause.
 *
 * @returns `null` where nothing but mTLS was seen, or nothing at all and it would be mTLS
 */
export function explanation(edge: Edge, judge: MeshJudge): Explanation | null {
  const workload = (party: Party): Workload | undefined => (party.kind === "workload" ? judge.workloads.get(party.id) : undefined);
  const { client, server } = edge;
  const parties = { client: partyName(client, server), server: partyName(server, server), clientWorkload: workload(client), serverWorkload: workload(server), edge };
  if (!isConcerned(edge)) return edge.counts.unclear > 0 ? unreported(parties, judge) : edge.state === "idle" ? idle(parties, judge) : null;
  return concerned(parties, judge);
}

/** Cause and admission as one clause. */
export function causeClause({ cause, admission }: Explanation): string {
  return admission === null ? cause : `${cause}, and ${admission}`;
}
