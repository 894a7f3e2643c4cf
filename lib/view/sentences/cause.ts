import type { ConfiguredPath, Edge, Known, MeshJudge, Reason, ServerMode } from "#mesh";
import { partyName } from "./party.ts";
import { reasonClause } from "./reason.ts";
import { SENDING } from "./sending.ts";
import type { Scene } from "./sending.ts";

/** Why there is plaintext or a refusal, and what to do about it. Clauses: no capital, no full stop. */
export interface Explanation {
  readonly cause: string;
  /** the server's part in it, where it has one */
  readonly admission: string | null;
  readonly fix: string;
}

/** Among the reasons of a server's answer, the one that names the field. */
function telling(reasons: Known<string>["reasons"]): Reason {
  return reasons.findLast(({ object, field }) => object !== null && field !== null) ?? reasons[0];
}

/** `PERMISSIVE on 8080` */
function accepting({ verdict: { serverMode }, targetPort }: ConfiguredPath): string {
  return serverMode.kind === "known" ? `${serverMode.value} on ${targetPort}` : `port ${targetPort}, mode unknown`;
}

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
