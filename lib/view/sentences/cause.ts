import type { ClientMode, ConfiguredPath, Edge, Known, MeshJudge, Reason, ServerMode, Workload } from "#mesh";
import { workloadIdParts } from "#mesh";
import { partyName } from "./party.ts";
import { reasonClause } from "./reason.ts";

/** Why there is plaintext or a refusal, and what to do about it. Clauses: no capital, no full stop. */
export interface Explanation {
  readonly cause: string;
  /** the server's part in it, where it has one */
  readonly admission: string | null;
  readonly fix: string;
}

interface Scene {
  readonly client: string;
  readonly server: string;
  readonly clientWorkload: Workload | undefined;
  readonly path: ConfiguredPath;
  readonly edge: Edge;
}

/** The reason that names an object says most; the last one is the decision where none does. */
function telling(reasons: Known<string>["reasons"]): Reason {
  return reasons.find(({ object, field }) => object !== null && field !== null) ?? reasons[0];
}

function because(verdict: ConfiguredPath["verdict"]["clientMode" | "serverMode"]): string {
  return verdict.kind === "known" ? reasonClause(telling(verdict.reasons)) : "it is not known why";
}

/** `PERMISSIVE on 8080` */
function accepting({ verdict: { serverMode }, targetPort }: ConfiguredPath): string {
  return serverMode.kind === "known" ? `${serverMode.value} on ${targetPort}` : `port ${targetPort}, mode unknown`;
}

const CONTROLLED_AGAIN = new Set(["CronJob", "Job"]);

function joinFix({ client, clientWorkload, path }: Scene): string {
  if (clientWorkload?.instances.some(({ hostNetwork }) => hostNetwork) === true) {
    return `${client} uses its node's network and can have no sidecar: move it off the host network, or keep port ${path.targetPort} PERMISSIVE for it with a portLevelMtls entry`;
  }
  if (clientWorkload === undefined) return `bring ${client} into the mesh, or keep port ${path.targetPort} PERMISSIVE for it with a portLevelMtls entry`;
  const { namespace } = workloadIdParts(clientWorkload.id);
  const restart = CONTROLLED_AGAIN.has(clientWorkload.ownerKind) ? "its next run has a sidecar" : `restart ${client}`;
  return `label namespace ${namespace} istio-injection=enabled (or the pods sidecar.istio.io/inject=true), then ${restart}`;
}

const AUTO_FIX: Readonly<Record<string, (object: string, scene: Scene) => string>> = {
  PeerAuthentication: (object) => `set ${object} to PERMISSIVE, watch plaintext fade, then set STRICT`,
  MeshConfig: () => "set enableAutoMtls to true in the mesh config",
  ServiceEntry: (object) => `set location: MESH_INTERNAL in ${object} and give its endpoints a serviceAccount`,
  WorkloadEntry: (object) => `give ${object} a serviceAccount, or the label security.istio.io/tlsMode=istio`,
  Pod: (object, { server }) => `inject ${object}: as long as one instance of ${server} cannot take mTLS, clients send it plaintext`,
  Service: (object, { server }) => `inject every pod behind headless ${object}: one without a proxy turns mTLS off for all of ${server}`,
};

function deciding(path: ConfiguredPath): { readonly kind: string; readonly text: string } | null {
  const { clientMode } = path.verdict;
  if (clientMode.kind === "unknown") return null;
  const object = clientMode.reasons.find((reason) => reason.object !== null)?.object;
  if (object === null || object === undefined) return null;
  return { kind: object.kind, text: `${object.kind} ${[object.namespace, object.name].filter((part) => part !== "").join("/")}` };
}

function autoFix(scene: Scene): string {
  const object = deciding(scene.path);
  const fix = object === null || !Object.hasOwn(AUTO_FIX, object.kind) ? undefined : AUTO_FIX[object.kind];
  return fix === undefined || object === null ? `see that every instance of ${scene.server} runs a proxy and carries the label security.istio.io/tlsMode=istio` : fix(object.text, scene);
}

function passthroughFix({ client, edge, path }: Scene): string {
  if (deciding(path)?.kind === "Sidecar" && edge.host !== null) return `add ${edge.host} to the egress hosts of ${deciding(path)?.text ?? "the Sidecar"}`;
  return `let ${client} dial the Service by name and port instead of a pod's address, or make the Service headless if it must know the pods`;
}

function ruleFix(scene: Scene, instead: string): string {
  return `in ${deciding(scene.path)?.text ?? "the DestinationRule"} ${instead}`;
}

type Sending = readonly [cause: (scene: Scene) => string, fix: (scene: Scene) => string];

const why = (scene: Scene): string => because(scene.path.verdict.clientMode);

/** What the client does, and how to change it. */
const SENDING: Readonly<Record<ClientMode, Sending>> = {
  NONE: [({ client }) => `${client} runs no proxy`, joinFix],
  BYPASS: [(scene) => `${scene.client} sends past its own proxy: ${why(scene)}`, ({ client }) => `take the exclusion off ${client}, so that its proxy captures the call`],
  PASSTHROUGH: [(scene) => `${scene.client} dials something its proxy does not know as a Service of the mesh, so it is passed on as it is: ${why(scene)}`, passthroughFix],
  BLACKHOLE: [(scene) => `the proxy of ${scene.client} drops the call: ${why(scene)}`, passthroughFix],
  AUTO_MTLS: [({ client }) => `${client} sends mTLS by auto mTLS`, autoFix],
  AUTO_PLAINTEXT: [(scene) => `auto mTLS of ${scene.client} sends plaintext: ${why(scene)}`, autoFix],
  DR_DISABLE: [(scene) => `${scene.client} sends plaintext because ${why(scene)}`, (scene) => ruleFix(scene, "set tls.mode ISTIO_MUTUAL, or remove the tls block")],
  DR_SIMPLE: [(scene) => `${scene.client} sends TLS without a mesh certificate because ${why(scene)}`, (scene) => ruleFix(scene, "set tls.mode ISTIO_MUTUAL, or remove the tls block")],
  DR_MUTUAL: [(scene) => `${scene.client} sends TLS with a certificate of its own because ${why(scene)}`, (scene) => ruleFix(scene, "set tls.mode ISTIO_MUTUAL, or remove the tls block")],
  DR_ISTIO_MUTUAL: [(scene) => `${scene.client} sends mTLS because ${why(scene)}`, (scene) => ruleFix(scene, `remove the tls block until every instance of ${scene.server} can take mTLS`)],
  DR_DROPPED: [(scene) => `the TLS that a DestinationRule asks of ${scene.client} cannot be built and is dropped: ${why(scene)}`, (scene) => ruleFix(scene, "name certificate files instead of credentialName, or give it a workloadSelector")],
  HBONE: [({ client }) => `${client} sends mTLS in an HBONE tunnel`, autoFix],
  ZT_PLAINTEXT: [(scene) => `ztunnel passes the traffic of ${scene.client} on as plaintext: ${why(scene)}`, ({ server }) => `enrol ${server} in ambient, or restart its pods so that they carry the label networking.istio.io/tunnel=http`],
};

/** Where the server is to blame, whoever calls. */
function serverSide(mode: ServerMode, { server, path }: Scene): Explanation | null {
  switch (mode) {
    case "NONE":
      return { cause: `${server} runs no proxy and can take nothing but plaintext`, admission: null, fix: `inject ${server}: label its namespace istio-injection=enabled and restart it` };
    case "UNCAPTURED":
      return { cause: `port ${path.targetPort} of ${server} is not captured by its proxy`, admission: null, fix: `take port ${path.targetPort} out of the excluded inbound ports of ${server}` };
    case "STRICT":
    case "PERMISSIVE":
    case "DISABLE":
    case "GATEWAY":
      return null;
  }
}

function admissionOf({ server, path }: Scene, refused: boolean): string {
  const { serverMode } = path.verdict;
  const reason = serverMode.kind === "known" ? ` (${reasonClause(telling(serverMode.reasons))})` : "";
  return refused ? `${server} is ${accepting(path)}${reason}` : `${server} accepts it (${accepting(path)})`;
}

function refusedByPolicy({ client, path: { verdict: { authorization } } }: Scene): Explanation | null {
  if (authorization.kind === "unknown" || authorization.value !== "deny") return null;
  return { cause: `AuthorizationPolicy refuses ${client}: ${reasonClause(telling(authorization.reasons))}`, admission: null, fix: `allow ${client} in that policy, or leave it refused` };
}

function callerHasProxy({ path: { verdict: { clientMode } } }: Scene): boolean {
  return clientMode.kind === "unknown" || (clientMode.value !== "NONE" && clientMode.value !== "BYPASS");
}

function judged(scene: Scene, refused: boolean): Explanation {
  const { clientMode, serverMode } = scene.path.verdict;
  const blamed = serverMode.kind === "known" && callerHasProxy(scene) ? serverSide(serverMode.value, scene) : null;
  const denied = refused ? refusedByPolicy(scene) : null;
  if (blamed !== null) return blamed;
  if (denied !== null) return denied;
  if (clientMode.kind === "unknown") return { cause: `what ${scene.client} sends is not known from configuration`, admission: admissionOf(scene, refused), fix: "close the gap named with this connection, then look again" };
  const [cause, fix] = SENDING[clientMode.value];
  return { cause: cause(scene), admission: admissionOf(scene, refused), fix: fix(scene) };
}

const RAISE = "turn on access logs for the server's inbound traffic (they hold the sender's address), or let Istio's proxies resolve peers by address (PEER_METADATA_DISCOVERY)";

function unidentified(edge: Edge, server: string): Explanation {
  const path = edge.configured[0];
  const taken = path === undefined ? null : `${server} is ${accepting(path)}`;
  return { cause: `nothing names who sends this to ${server}: plaintext carries no identity`, admission: taken, fix: RAISE };
}

function contradicted(client: string, server: string): Explanation {
  return {
    cause: `configuration says that ${client} sends mTLS, yet this came without: by a pod's address, from an init container, before the proxy was ready, or past an excluded port`,
    admission: null,
    fix: `look at the access log of ${server} for the port and time, and at the traffic.sidecar.istio.io annotations of ${client}`,
  };
}

function pathThat(edge: Edge, refused: boolean): ConfiguredPath | undefined {
  const wanted = refused ? ["blocked"] : ["plaintext", "tls"];
  const denied = edge.configured.find(({ verdict: { authorization } }) => refused && authorization.kind === "known" && authorization.value === "deny");
  const fitting = edge.configured.find(({ verdict: { transport } }) => transport.kind === "known" && wanted.includes(transport.value));
  return fitting ?? denied ?? edge.configured.find(({ verdict: { transport } }) => transport.kind === "unknown");
}

function isConcerned({ counts, lastPlaintextMs, state }: Edge): boolean {
  return counts.plaintext > 0 || counts.tls > 0 || counts.refused > 0 || lastPlaintextMs !== null || state === "expected blocked";
}

/**
 * Why an edge carries plaintext or is refused, and the fix that goes with that cause.
 *
 * @returns `null` where nothing but mTLS was seen
 */
export function explanation(edge: Edge, judge: MeshJudge): Explanation | null {
  if (!isConcerned(edge)) return null;
  const [client, server] = [partyName(edge.client, edge.server), partyName(edge.server, edge.server)];
  if (edge.client.kind === "unidentified") return unidentified(edge, server);
  const refused = edge.counts.plaintext === 0 && edge.counts.tls === 0 && (edge.counts.refused > 0 || edge.state === "expected blocked");
  const path = pathThat(edge, refused);
  if (path === undefined) return contradicted(client, server);
  const clientWorkload = edge.client.kind === "workload" ? judge.workloads.get(edge.client.id) : undefined;
  return judged({ client, server, clientWorkload, path, edge }, refused);
}

/** Cause and admission as one clause. */
export function causeClause({ cause, admission }: Explanation): string {
  return admission === null ? cause : `${cause}, and ${admission}`;
}

export { RAISE };
