import type { ClientMode, ConfiguredPath, ConnectionAnswer, Edge, Known, MeshJudge, MeshVerdicts, Party, Reason, RuleId, Workload } from "#mesh";
import { RULES } from "#mesh";
import { seenCounts } from "../seenCounts.ts";
import { configuredText } from "./configured.ts";
import { partyName } from "./party.ts";
import { isPastStrict } from "./pastStrict.ts";
import { OLDER, trafficText } from "./quantity.ts";
import { objectName, reasonClause } from "./reason.ts";
import { servedBy, wayVerdict } from "./way.ts";
import { injectionsIn, joinFix } from "./injection.ts";
import { openPolicy, policyStep } from "./policyFix.ts";
import type { Parties, Scene } from "./scene.ts";
import { SENDING, SENDS_MTLS, bareClause, clientFix } from "./sending.ts";
import { configurationClause, isClientsWord, isServersDoing, reportFix, unreportedClause } from "./unclear.ts";

/** Why there is plaintext, a refusal, or traffic of unknown security, and what to do about it. Clauses: no capital, no full stop. */
export interface Explanation {
  readonly cause: string;
  /** the server's part in it, where it has one */
  readonly admission: string | null;
  /** what labels say of injection is asked only where it matters */
  readonly fix: Fix;
}

type Fix = (verdicts: MeshVerdicts) => string;

/** Among the reasons of a server's answer, the one that names the field. */
function telling(reasons: Known<string>["reasons"]): Reason {
  return reasons.findLast(({ object, field }) => object !== null && field !== null) ?? reasons[0];
}

/** `PERMISSIVE on 8080` */
function accepting({ verdict: { serverMode }, targetPort }: ConfiguredPath): string {
  return serverMode.kind === "known" ? `${serverMode.value} on ${targetPort}` : `port ${targetPort}, mode unknown`;
}

/** `foo/httpbin is STRICT on 8080: PeerAuthentication foo/default sets STRICT (spec.mtls.mode)` */
function standing({ server, path, edge, judge }: Scene): string {
  const serverMode = servedBy(edge, path, judge);
  const reason = serverMode.kind === "known" ? `: ${reasonClause(telling(serverMode.reasons))}` : "";
  return `${server} is ${accepting(path)}${reason}`;
}

function injectServer({ server, serverWorkload: workload }: Scene): Fix {
  return (verdicts) => joinFix({ name: server, workload, otherwise: null }, injectionsIn(verdicts));
}

/** A way to mend it that no label can change. */
function always(fix: string): Fix {
  return () => fix;
}

/** The server, or the pod of it that has no proxy where others have one. */
function bareServer({ server, serverWorkload, path }: Scene): string {
  const instances = serverWorkload?.instances ?? [];
  const bare = instances.find(({ ref: { name } }) => name === path.serverInstance);
  const isWhole = bare === undefined || instances.every(({ dataPlaneMode }) => dataPlaneMode === "none");
  return isWhole ? server : `${bare.kind} ${bare.ref.namespace}/${bare.ref.name}`;
}

/** Plaintext that gets through: the client's doing, or the server's where that has no proxy to take anything else. */
function accepted(scene: Scene, sends: ClientMode): Explanation {
  const { server, path } = scene;
  const [cause, fix] = SENDING[sends];
  const mend: Fix = (verdicts) => fix(scene, verdicts);
  const mode = path.verdict.serverMode.kind === "known" ? path.verdict.serverMode.value : null;
  const isClients = sends === "NONE" || sends === "BYPASS";
  if (!isClients && mode === "NONE") return { cause: `${bareServer(scene)} runs no proxy and can take nothing but plaintext`, admission: null, fix: injectServer(scene) };
  if (!isClients && mode === "UNCAPTURED") {
    return { cause: `port ${path.targetPort} of ${server} is not captured by its proxy`, admission: null, fix: always(`take port ${path.targetPort} out of the excluded inbound ports of ${server}`) };
  }
  return { cause: cause(scene), admission: `${server} accepts it (${accepting(path)})`, fix: mend };
}

const REFUSAL_FIXES: Partial<Record<RuleId, string>> = {
  "ID-1": "let the server run under a service account that the Service's endpoints have in common, or name it in the DestinationRule's subjectAltNames",
  "ID-2": "add the server's identity to the DestinationRule's subjectAltNames, or remove that list",
  "ID-3": "add the client's trust domain to trustDomainAliases in the mesh config",
  "GW-2": "give the Gateway a server on that port, or let the client dial one that is there",
  "GW-4": "give the Gateway a server with tls.mode ISTIO_MUTUAL, or set what the client sends by a DestinationRule",
};

function refusalOf({ path, edge, judge }: Scene): Reason | undefined {
  const { transport } = wayVerdict(edge, path, judge);
  return transport.kind === "known" ? transport.reasons.at(-1) : undefined;
}

/** Mesh mTLS that is refused all the same. */
function refusedMtls(scene: Scene, sends: ClientMode): Explanation {
  const { server, path } = scene;
  const [cause, fix] = SENDING[sends];
  const mend: Fix = (verdicts) => fix(scene, verdicts);
  const mode = path.verdict.serverMode.kind === "known" ? path.verdict.serverMode.value : null;
  if (mode === "NONE") return { cause: cause(scene), admission: `${server} runs no proxy that could end it`, fix: sends === "AUTO_MTLS" ? injectServer(scene) : mend };
  if (mode === "UNCAPTURED") {
    return { cause: cause(scene), admission: `port ${path.targetPort} of ${server} is not captured by its proxy`, fix: always(`set DISABLE for port ${path.targetPort} in portLevelMtls of a policy of ${server}, or stop excluding the port`) };
  }
  if (mode === "DISABLE") return { cause: cause(scene), admission: standing(scene), fix: always(openPolicy(scene, policyStep(scene))) };
  const refusal = refusalOf(scene);
  if (refusal === undefined) return { cause: cause(scene), admission: standing(scene), fix: mend };
  const known = REFUSAL_FIXES[refusal.rule];
  return { cause: cause(scene), admission: `it is refused: ${reasonClause(refusal)}`, fix: known === undefined ? mend : always(known) };
}

function refusedByPolicy({ client, path, edge, judge }: Scene): Explanation | null {
  const { authorization } = wayVerdict(edge, path, judge);
  if (authorization.kind === "unknown") return null;
  const { reasons } = authorization;
  const reason = reasons.findLast(({ object }) => object !== null) ?? reasons[0];
  const policy = reason.object === null ? "AuthorizationPolicy" : objectName(reason.object);
  return { cause: `${policy} refuses ${client}: ${RULES[reason.rule].says}`, admission: null, fix: always(`leave it refused where that is meant; else let ${policy} allow ${client}`) };
}

function isDenied({ transport, authorization }: ConnectionAnswer): boolean {
  return authorization.kind === "known" && authorization.value === "deny" && !(transport.kind === "known" && transport.value === "blocked");
}

function judged(scene: Scene, refused: boolean): Explanation {
  const { verdict } = scene.path;
  const { clientMode } = verdict;
  const denied = refused && isDenied(verdict) ? refusedByPolicy(scene) : null;
  if (denied !== null) return denied;
  if (clientMode.kind === "unknown") {
    const gap = clientMode.gaps[0];
    return { cause: `what ${scene.client} sends is not known: ${gap.wanted}, because ${gap.because}`, admission: standing(scene), fix: always("close that gap, then look again") };
  }
  if (!refused) return accepted(scene, clientMode.value);
  if (SENDS_MTLS.has(clientMode.value)) return refusedMtls(scene, clientMode.value);
  const [cause, fix] = SENDING[clientMode.value];
  return { cause: cause(scene), admission: standing(scene), fix: (verdicts) => fix(scene, verdicts) };
}

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
    return { cause: bare, admission: isKnown ? `by configuration it would be ${configuredText(edge.configured)}` : "the configuration knows no port by which it came", fix: (verdicts) => clientFix(parties, "the port it calls", verdicts) };
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
