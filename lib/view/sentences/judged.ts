import type { ClientMode, ConfiguredPath, ConnectionAnswer, Known, MeshVerdicts, Reason, RuleId } from "#mesh";
import { RULES } from "#mesh";
import { captureServer, portPolicy, uncapturedClause } from "./captureFix.ts";
import { openPolicy, policyStep } from "./policyFix.ts";
import { objectName, reasonClause } from "./reason.ts";
import { plaintextPort, withoutMutual } from "./ruleFix.ts";
import { decisive, joinedBecause, lastStep, modeOf, ported, servingInstance, targetPorts } from "./scene.ts";
import type { Scene } from "./scene.ts";
import { SENDING, SENDS_MTLS, clientFix, joinClient } from "./sending.ts";
import { advertise, joinServer, needsTunnel, promiseLess, sendTunnel, takeAtGateway, takeTunnel } from "./serverFix.ts";

/** Why there is plaintext, a refusal, or traffic of unknown security, and what to do about it. Clauses: no capital, no full stop. */
export interface Explanation {
  readonly cause: string;
  /** the server's part in it, where it has one */
  readonly admission: string | null;
  /** what labels say of injection is asked only where it matters */
  readonly fix: Fix;
}

export type Fix = (verdicts: MeshVerdicts) => string;

/** Among the reasons of a server's answer, the one that names the field. */
function telling(reasons: Known<string>["reasons"]): Reason {
  return reasons.findLast(({ object, field }) => object !== null && field !== null) ?? reasons[0];
}

/** `PERMISSIVE on 8080`, of ways that are alike */
export function accepting(ways: readonly [ConfiguredPath, ...ConfiguredPath[]]): string {
  const [{ verdict: { serverMode } }] = ways;
  const ports = ported(ways.map(({ targetPort }) => targetPort));
  return serverMode.kind === "known" ? `${serverMode.value} on ${ports.replace(/^ports? /, "")}` : `${ports}, mode unknown`;
}

/** `foo/httpbin is STRICT on 8080: PeerAuthentication foo/default sets STRICT (spec.mtls.mode)` */
export function standing({ server, path, also, answers }: Scene): string {
  const serverMode = answers.served(path);
  const reason = serverMode.kind === "known" ? `: ${reasonClause(telling(serverMode.reasons))}` : "";
  return `${server} is ${accepting([path, ...also])}${reason}`;
}

/** A fix that is the same whatever labels there are. */
export function always(fix: string): Fix {
  return () => fix;
}

/** The server, or the pod of it that has no proxy where others have one. */
function bareServer({ server, serverWorkload, path }: Scene): string {
  const instances = serverWorkload?.instances ?? [];
  const bare = instances.find(({ ref: { name } }) => name === path.serverInstance);
  const isWhole = bare === undefined || instances.every(({ dataPlaneMode }) => dataPlaneMode === "none");
  return isWhole ? server : `${bare.kind} ${bare.ref.namespace}/${bare.ref.name}`;
}

/** What the client does by itself, whether or not the server has a proxy: that one is there does not mend it. */
const OWN_DOING: ReadonlySet<RuleId> = new Set(["AUTO-3", "AUTO-4", "AUTO-9", "AUTO-10", "AUTO-11", "GRPC-4"]);
/** What a client does because the server says of itself that it takes no mTLS. */
const SERVERS_WORD: ReadonlySet<RuleId> = new Set(["AUTO-2", "AUTO-6", "AMB-9", "AMB-13"]);
const FOLLOWING: ReadonlySet<ClientMode> = new Set(["AUTO_PLAINTEXT", "ZT_PLAINTEXT", "HBONE"]);

function isOwnDoing(scene: Scene, sends: ClientMode): boolean {
  const rule = lastStep(scene)?.rule;
  return !FOLLOWING.has(sends) || (rule !== undefined && OWN_DOING.has(rule));
}

function then(first: Fix, second: Fix, word = "then"): Fix {
  return (verdicts) => `${first(verdicts)}; ${word} ${second(verdicts)}`;
}

function mendClient(scene: Scene, sends: ClientMode): Fix {
  const [, fix] = SENDING[sends];
  return (verdicts) => fix(scene, verdicts);
}

/** Where the server has no policy that could stay open, there is no other way than into the mesh. */
function intoMesh(scene: Scene, sends: ClientMode): Fix {
  return sends === "NONE" ? (verdicts) => joinClient(scene, null, verdicts) : mendClient(scene, sends);
}

/** What it dials the client's proxy does not know: it would find the server as it is. */
const UNKNOWN_SERVICE: ReadonlySet<ClientMode> = new Set(["PASSTHROUGH", "BLACKHOLE"]);
/** A proxy in front of it would refuse it. */
const ENDED_BY_APPLICATION: ReadonlySet<ClientMode> = new Set(["DR_SIMPLE", "DR_MUTUAL"]);
const PAST: ReadonlySet<ClientMode> = new Set(["NONE", "BYPASS"]);

/** Plaintext to what has no proxy: nobody could send it anything else. */
function acceptedBare(scene: Scene, sends: ClientMode): Explanation {
  const joins: Fix = (verdicts) => joinServer(scene, verdicts);
  const bare = `${bareServer(scene)} runs no proxy`;
  if (PAST.has(sends)) return { cause: SENDING[sends][0](scene), admission: `${bare} either`, fix: then(intoMesh(scene, sends), joins, "and") };
  if (ENDED_BY_APPLICATION.has(sends)) return { cause: SENDING[sends][0](scene), admission: `${bare}: its application ends it, or nothing does`, fix: then(joins, mendClient(scene, sends), "together with that") };
  return { cause: `${bare} and can take nothing but plaintext`, admission: null, fix: isOwnDoing(scene, sends) ? then(joins, mendClient(scene, sends)) : joins };
}

/** Plaintext to a port past the server's proxy. */
function acceptedPast(scene: Scene, sends: ClientMode): Explanation {
  const captures: Fix = () => captureServer(scene);
  if (PAST.has(sends)) return { cause: SENDING[sends][0](scene), admission: uncapturedClause(scene), fix: then(intoMesh(scene, sends), captures, "and") };
  const rule = lastStep(scene)?.rule;
  if (ENDED_BY_APPLICATION.has(sends)) return { cause: SENDING[sends][0](scene), admission: uncapturedClause(scene), fix: then(captures, mendClient(scene, sends), "together with that") };
  const isMore = isOwnDoing(scene, sends) || (rule !== undefined && SERVERS_WORD.has(rule));
  return { cause: uncapturedClause(scene), admission: null, fix: isMore ? then(captures, mendClient(scene, sends)) : captures };
}

/** Gateways take part in no auto mTLS, and PeerAuthentication is not for them. */
function mendAtGateway(scene: Scene, sends: ClientMode): Fix {
  const takes: Fix = () => takeAtGateway(scene);
  return PAST.has(sends) || UNKNOWN_SERVICE.has(sends) ? then(intoMesh(scene, sends), takes, "and") : takes;
}

/** The client goes by the very thing by which the server does: to mend it once is enough. */
function isTheSame(scene: Scene): boolean {
  const [clients, servers] = [decisive(scene), policyStep(scene)];
  if (servers === undefined) return clients?.rule === "AUTO-2";
  return clients?.object?.kind === "PeerAuthentication" && clients.object.name === servers.object?.name && clients.object.namespace === servers.object.namespace && clients.field === servers.field;
}

/** What keeps the server from mTLS: a policy, or, for gRPC without a proxy, that it does not say that it takes any. */
function opens(scene: Scene): Fix {
  const step = policyStep(scene);
  return (verdicts) => (step === undefined ? advertise(scene, verdicts) : openPolicy(scene, step));
}

/** Plaintext that gets through: the client's doing, or the server's where that has no proxy to take anything else. */
function accepted(scene: Scene, sends: ClientMode): Explanation {
  const { server, path, also } = scene;
  const mode = modeOf(scene);
  const accepts = `${server} accepts it (${accepting([path, ...also])})`;
  if (mode === "NONE") return acceptedBare(scene, sends);
  // the tunnel has a port of its own, and asks no mode
  if (needsTunnel(scene) && mode !== "GATEWAY") return { cause: SENDING[sends][0](scene), admission: mode === "UNCAPTURED" ? uncapturedClause(scene) : accepts, fix: always(takeTunnel(scene)) };
  if (mode === "UNCAPTURED") return acceptedPast(scene, sends);
  const mend = mendClient(scene, sends);
  const told = { cause: SENDING[sends][0](scene), admission: accepts };
  if (mode === "GATEWAY") return { ...told, fix: mendAtGateway(scene, sends) };
  return { ...told, fix: mode === "DISABLE" && !isTheSame(scene) ? then(opens(scene), mend) : mend };
}

const REFUSAL_FIXES: Partial<Record<RuleId, string>> = {
  "ID-1": "let the server run under a service account that the Service's endpoints have in common, or name it in the DestinationRule's subjectAltNames",
  "ID-2": "add the server's identity to the DestinationRule's subjectAltNames, or remove that list",
  "ID-3": "add the client's trust domain to trustDomainAliases in the mesh config",
  "GW-2": "give the Gateway a server on that port, or let the client dial one that is there",
  "GW-4": "give the Gateway a server with tls.mode ISTIO_MUTUAL, or set what the client sends by a DestinationRule",
};

/** Mesh mTLS to what has no proxy. */
function refusedBare(scene: Scene, sends: ClientMode): Explanation {
  const fix: Fix = (verdicts) => promiseLess(scene, verdicts, sends === "DR_ISTIO_MUTUAL" ? withoutMutual(scene) : null);
  return { cause: SENDING[sends][0](scene), admission: `${bareServer(scene)} runs no proxy that could end it`, fix };
}

/** How a port past the proxy gets plaintext from who sends mTLS: by what decides for the endpoint, if anything does. */
function leftPast(scene: Scene, sends: ClientMode): string {
  if (sends === "DR_ISTIO_MUTUAL") return `; or, to leave it past the proxy, ${plaintextPort(scene)}`;
  const rule = lastStep(scene)?.rule;
  if (rule === "AUTO-7" || rule === "AUTO-8") return "";
  return `; or, to leave it past the proxy, set DISABLE for port ${scene.path.targetPort} in portLevelMtls of ${portPolicy(scene)}, and clients send it plaintext`;
}

function refusedMtls(scene: Scene, sends: ClientMode): Explanation {
  const cause = SENDING[sends][0](scene);
  switch (modeOf(scene)) {
    case "NONE":
      return refusedBare(scene, sends);
    case "UNCAPTURED":
      return { cause, admission: uncapturedClause(scene), fix: () => `${captureServer(scene)}${leftPast(scene, sends)}` };
    case "DISABLE":
      return { cause, admission: standing(scene), fix: opens(scene) };
    case "GATEWAY":
    case "STRICT":
    case "PERMISSIVE":
    case null:
      return refusedByServer(scene, sends);
  }
}

/** Mesh mTLS that is refused by what takes mTLS: by whose name it is, or in which way it came. */
function refusedByServer(scene: Scene, sends: ClientMode): Explanation {
  const cause = SENDING[sends][0](scene);
  if (servingInstance(scene)?.dataPlaneMode === "ambient" && sends !== "HBONE") return { cause, admission: `${scene.server} is in ambient and takes mTLS in its tunnel alone`, fix: (verdicts) => sendTunnel(scene, verdicts) };
  const refusal = joinedBecause(scene).at(-1);
  if (refusal === undefined) return { cause, admission: standing(scene), fix: mendClient(scene, sends) };
  return { cause, admission: `it is refused: ${reasonClause(refusal)}`, fix: fixOfRefusal(scene) ?? mendClient(scene, sends) };
}

function fixOfRefusal(scene: Scene): Fix | null {
  const rule = joinedBecause(scene).at(-1)?.rule;
  const known = rule === undefined ? undefined : REFUSAL_FIXES[rule];
  return known === undefined ? null : always(known);
}

/** What is to be opened for a client that stays outside. Of gRPC without a proxy no mode takes both. */
function openFor(scene: Scene): Fix {
  if (servingInstance(scene)?.dataPlaneMode === "grpc-proxyless") return intoMesh(scene, "NONE");
  return (verdicts) => clientFix(scene, `set ${targetPorts(scene)}`, verdicts);
}

/** What is not mesh mTLS, and is refused for that. */
function refusedOther(scene: Scene, sends: ClientMode): Explanation {
  const cause = SENDING[sends][0](scene);
  const mend = sends === "NONE" ? openFor(scene) : mendClient(scene, sends);
  if (sends === "BLACKHOLE") return { cause, admission: null, fix: accepted(scene, sends).fix };
  const mode = modeOf(scene);
  if (mode === "GATEWAY") return { cause, admission: standing(scene), fix: fixOfRefusal(scene) ?? mendAtGateway(scene, sends) };
  return { cause, admission: standing(scene), fix: mode === "DISABLE" ? then(opens(scene), mend) : mend };
}

function refusedByPolicy({ client, path, answers }: Scene): Explanation | null {
  const { authorization, transport } = answers.all(path);
  if (authorization.kind === "unknown") return null;
  const { reasons } = authorization;
  const isBare = transport.kind === "known" && transport.value !== "mTLS";
  const reason = reasons.findLast(({ object }) => object !== null) ?? reasons[0];
  const policy = reason.object === null ? "AuthorizationPolicy" : objectName(reason.object);
  return { cause: `${policy} refuses ${client}: ${RULES[reason.rule].says}`, admission: null, fix: always(`leave it refused where that is meant; else let ${policy} allow ${client}${isBare ? ", which has no identity before it sends mTLS" : ""}`) };
}

export function isDenied({ transport, authorization }: ConnectionAnswer): boolean {
  return authorization.kind === "known" && authorization.value === "deny" && !(transport.kind === "known" && transport.value === "blocked");
}

/** What configuration says of one way: why it is plaintext, or refused. */
export function judged(scene: Scene, refused: boolean): Explanation {
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
  return refusedOther(scene, clientMode.value);
}

