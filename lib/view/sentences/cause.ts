import type { Edge, MeshJudge, Party, Workload } from "#mesh";
import { seenCounts } from "../seenCounts.ts";
import { always, standing } from "./judged.ts";
import type { Explanation } from "./judged.ts";
import { partyName } from "./party.ts";
import { isPastStrict } from "./pastStrict.ts";
import { OLDER, trafficText } from "./quantity.ts";
import { servingInstance } from "./scene.ts";
import type { Parties, Scene } from "./scene.ts";
import { configurationClause, isArrived, isServersDoing, reportFix, unreportedClause } from "./unclear.ts";
import { acceptingClause, goneClient, goneServer, stranger, unexplained } from "./unexplained.ts";
import { wayAnswers } from "./way.ts";
import { causeOn, waysLeftOpen, waysThat } from "./ways.ts";

/** What to turn on so that a sender gets a name. */
export const RAISE = "let Istio's proxies resolve peers by address (PEER_METADATA_DISCOVERY), or turn on access logs for the server's inbound traffic and read the sender's address there: mtlscope reads no logs of a cluster";

function unidentified({ edge, server }: Parties): Explanation {
  return { cause: `nothing names who sends this to ${server}: plaintext carries no identity`, admission: acceptingClause(server, waysLeftOpen(edge)), fix: always(RAISE) };
}

const BY_PROXY = "whether it has taken the policy (istioctl proxy-status), what its listeners ask for (istioctl proxy-config listeners)";
const BY_ZTUNNEL = "whether it has the policy (istioctl ztunnel-config policy)";

/** That STRICT is not enforced is the finding, whoever the client is and whatever it should have sent. */
function tookAllTheSame(scene: Scene): Explanation {
  const { server, edge } = scene;
  const taken = edge.counts.plaintext === 0 ? `plaintext on ${OLDER}` : trafficText(edge.family, edge.counts.plaintext, "plaintext");
  return {
    cause: standing(scene),
    admission: `it took ${taken} all the same`,
    fix: always(`look at ${servingInstance(scene)?.dataPlaneMode === "ambient" ? `the ztunnel of ${server}: ${BY_ZTUNNEL}` : `the proxy of ${server}: ${BY_PROXY}`}, and whether the policy is younger than this traffic`),
  };
}

/** The client has a name or an address, and nothing that is there has it. */
function absentClient(parties: Parties): Explanation | null {
  const { edge: { client }, clientWorkload } = parties;
  if (client.kind === "workload") return clientWorkload === undefined ? goneClient(parties, client.id) : null;
  return client.kind === "unidentified" ? null : stranger(parties, client.kind);
}

/** One end has a name, and nothing of that name is there. */
function absent(parties: Parties, judge: MeshJudge): Explanation | null {
  const { edge: { server }, serverWorkload } = parties;
  return absentClient(parties) ?? (server.kind === "workload" && serverWorkload === undefined ? goneServer(parties, server.id, judge) : null);
}

/** Nobody reported its security. What configuration says of it is no observation, and is told as what it is. */
function unreported(parties: Parties, judge: MeshJudge): Explanation {
  const { edge } = parties;
  const asked = { ...parties, judge };
  const byConfiguration = absentClient(parties) ?? causeOn(waysThat(edge, false), { parties, judge, refused: false }) ?? causeOn(waysThat(edge, true), { parties, judge, refused: true });
  const says = configurationClause(edge);
  const admission = byConfiguration === null || isServersDoing(edge, judge) ? says : `${says}: ${byConfiguration.cause}`;
  return { cause: unreportedClause(asked), admission, fix: byConfiguration === null || !isArrived(edge) ? always(reportFix(asked)) : byConfiguration.fix };
}

/** Silent in the window: what configuration would do with it, where that is not mTLS. */
function idle(parties: Parties, judge: MeshJudge): Explanation | null {
  const ways = waysThat(parties.edge, false);
  return (ways.length === 0 ? null : absentClient(parties)) ?? causeOn(ways, { parties, judge, refused: false });
}

/** Whether somebody reported that it is not mTLS, now or before. */
function isConcerned(edge: Edge): boolean {
  const { lastPlaintextMs, state } = edge;
  const counts = seenCounts(edge);
  return counts.plaintext > 0 || counts.tls > 0 || counts.refused > 0 || state === "expected blocked" || (lastPlaintextMs !== null && counts.unclear === 0);
}

function concerned(parties: Parties, judge: MeshJudge): Explanation {
  const { edge } = parties;
  const [strict, ...also] = edge.configured;
  if (strict !== undefined && isPastStrict(edge)) return tookAllTheSame({ ...parties, path: strict, also, judge });
  if (edge.client.kind === "unidentified") return unidentified(parties);
  const gone = absent(parties, judge);
  if (gone !== null) return gone;
  const { plaintext, tls } = seenCounts(edge);
  const refused = plaintext === 0 && tls === 0 && (edge.counts.refused > 0 || edge.state === "expected blocked");
  return causeOn(waysThat(edge, refused), { parties, judge, refused }) ?? unexplained(parties);
}

/**
 * Why an edge carries plaintext, is refused, or may be either, and the fix that goes with that cause.
 *
 * @returns `null` where nothing but mTLS was seen, or nothing at all and it would be mTLS
 */
export function explanation(edge: Edge, judge: MeshJudge): Explanation | null {
  const workload = (party: Party): Workload | undefined => (party.kind === "workload" ? judge.workloads.get(party.id) : undefined);
  const { client, server } = edge;
  const parties = { client: partyName(client, server), server: partyName(server, server), clientWorkload: workload(client), serverWorkload: workload(server), edge, answers: wayAnswers(edge, judge) };
  if (!isConcerned(edge)) return edge.counts.unclear > 0 ? unreported(parties, judge) : edge.state === "idle" ? idle(parties, judge) : null;
  return concerned(parties, judge);
}

/** Cause and admission as one clause. */
export function causeClause({ cause, admission }: Explanation): string {
  return admission === null ? cause : `${cause}, and ${admission}`;
}
