import type { Facts } from "../joining/connectionFacts.ts";
import { arrivingAt } from "../joining/connectionFacts.ts";
import type { Engine } from "../engine.ts";
import type { Deduction } from "../deduction.ts";
import { lacking, surely, Trail } from "../deduction.ts";
import type { Instance } from "../instances/instances.ts";
import { passedHost } from "../gateway/gatewayClusters.ts";
import { joinGateway } from "../gateway/joinGateway.ts";
import type { Sent } from "../client/sent.ts";
import { namesAsked } from "../client/serverName.ts";
import type { Arriving } from "../joining/transport.ts";
import type { Authorization } from "../vocabulary.ts";
import type { Asking, Enforcer } from "./authorization.ts";
import { authorization, unenforced } from "./authorization.ts";
import type { ApplicablePolicies } from "./authorizationPolicies.ts";
import type { Peer } from "./peer.ts";

type Served = Pick<Facts, "to" | "serverMode">;

/** A port of a server as those find it who come: the proxy that asks the policies there, and what it asks. */
export interface Enforcement extends Served {
  readonly server: Instance;
  readonly policies: ApplicablePolicies;
  readonly proxy: Deduction<Enforcer | null>;
  /** trust domains that stand for each other in policies */
  readonly trustDomains: readonly string[];
  /** of the server, where policies ask for it */
  readonly destinations: readonly string[];
}

/** Whose certificate the server sees: the client's, or that of the waypoint in between. */
function identityOf(engine: Engine, { client: { class: of }, sent }: Comer): Peer["identity"] {
  const { trustDomain } = engine.seenBy(of).view.settings.mesh;
  const { waypoint } = sent.value;
  if (waypoint !== null) return { trustDomain, namespace: waypoint.gateway.namespace, serviceAccount: waypoint.serviceAccountName };
  return { trustDomain, namespace: of.namespace, serviceAccount: of.serviceAccountName === "" ? "default" : of.serviceAccountName };
}

/** Which proxy of a pod asks the policies, and how it reads what arrives, where they ask anything of a request. */
function proxyOf(engine: Engine, server: Instance, asked: { readonly targetPort: number; readonly policies: ApplicablePolicies }): Deduction<Enforcer | null> {
  const trail = new Trail();
  const { targetPort, policies } = asked;
  switch (server.class.dataPlaneMode) {
    case "none":
      return trail.found(null);
    case "ambient":
      return trail.found({ by: "ztunnel" });
    case "sidecar": {
      if (!policies.asksRequests) return trail.found({ by: "envoy", protocol: "AUTO" });
      const { value, gaps } = engine.seenBy(server.class).inbound.protocol(server, targetPort);
      return trail.lacks(gaps).found({ by: "envoy", protocol: gaps.length === 0 ? value.class : "AUTO" });
    }
    case "gateway":
    case "waypoint":
      return trail.found({ by: "envoy", protocol: "AUTO" });
    case "grpc-proxyless":
      return trail.found({ by: "envoy", protocol: "HTTP" });
  }
}

/** Of an instance with addresses of two families those of the family that is dialled; all, where that has neither. */
function ofFamily(addresses: readonly string[], dialled: readonly string[]): readonly string[] {
  if (addresses.length < 2) return addresses;
  const isLong = (address: string): boolean => address.includes(":");
  const found = addresses.filter((address) => dialled.some((other) => isLong(other) === isLong(address)));
  return found.length === 0 ? addresses : found;
}

/** Those that are alike have addresses in the same ranges; a waypoint asks of what it sends on. */
function addressesOf({ told: { addresses }, class: { dataPlaneMode } }: Instance, { value }: Served["to"]): readonly string[] {
  return dataPlaneMode === "waypoint" ? [] : ofFamily(addresses, value.addresses);
}

/** Which proxy stands before a port, and which AuthorizationPolicies it asks. */
export function enforcementAt(engine: Engine, server: Instance, { to, serverMode }: Served): Enforcement {
  const { view } = engine.seenBy(server.class);
  const { trustDomain, trustDomainAliases } = view.settings.mesh;
  const policies = view.authorizationPolicies.of(server);
  const proxy = proxyOf(engine, server, { targetPort: to.value.targetPort, policies });
  const destinations = policies.keys.asksDestination ? addressesOf(server, to) : [];
  return { to, serverMode, server, policies, proxy, trustDomains: [trustDomain, ...trustDomainAliases], destinations };
}

/** A client instance, and what it sends. */
export interface Comer {
  readonly client: Instance;
  readonly sent: Facts["sent"];
}

/** Where it is not known whether the client proves who it is, the answer may be the same either way. */
function answered(engine: Engine, { policies, to }: Enforcement, by: { readonly comer: Comer; readonly asking: Asking }): Deduction<Authorization> {
  const { comer, asking } = by;
  const { sent } = comer;
  const { peer, enforcer } = asking;
  const answer = authorization(policies, asking);
  if (to.gaps.length > 0) return lacking(to.gaps, answer);
  if (sent.gaps.length === 0) return answer;
  // a waypoint that was not read would come in its own name, whoever that is
  if (sent.value.mayMeetWaypoint === true && policies.keys.asksPeer) return lacking(sent.gaps, answer);
  const other = peer.identity === null ? identityOf(engine, comer) : null;
  return authorization(policies, { peer: { ...peer, identity: other }, enforcer }).value === answer.value ? answer : lacking(sent.gaps, answer);
}

/** A gateway's server reads requests, or takes a connection as it is; what it passes on as mTLS it asks nothing of. */
function readingAtGateway(engine: Engine, { to, server }: Enforcement, sent: Sent): Enforcer | null {
  const seen = engine.seenBy(server.class);
  const port = seen.inbound.gatewayPort(server, to.value.targetPort);
  const names = namesAsked(sent, to.value.host);
  const joined = names.map((name) => joinGateway(port.value, { arrives: arrivingAt({ to, sent: surely(sent) }), name, passes: passedHost(seen, server.class, { port: port.value, name }).value }));
  const [first, ...others] = joined.map(({ listener }) => listener);
  if (port.gaps.length > 0 || joined.some(({ gaps }) => gaps.length > 0) || first == null || others.some((other) => other !== first)) return { by: "envoy", protocol: "AUTO" };
  return first.accepts === "auto-passthrough" ? null : { by: "envoy", protocol: first.protocol };
}

/** TLS that is not the mesh's passes a sidecar's port as it is: no request is read in it. */
function reading(proxy: Enforcer, server: Instance, arrives: Arriving): Enforcer {
  const isUnread = arrives === "other-tls" && server.class.dataPlaneMode === "sidecar" && proxy.by === "envoy" && proxy.protocol === "AUTO";
  return isUnread ? { by: "envoy", protocol: "TCP" } : proxy;
}

/** Who asks of what arrives, and how it reads that; `null`: nobody. */
function asking(engine: Engine, at: Enforcement, { sent }: Comer): Enforcer | null {
  const { server, proxy, serverMode, to } = at;
  const arrives = arrivingAt({ to, sent });
  // no proxy asks where the port is not redirected to it; a tunnel always ends in it
  if (proxy.value === null || (serverMode.value === "UNCAPTURED" && arrives !== "tunnel")) return null;
  return server.class.dataPlaneMode === "gateway" ? readingAtGateway(engine, at, sent.value) : reading(proxy.value, server, arrives);
}

/** What nobody asks needs no more than to know that. */
function notAsked({ server, proxy, serverMode }: Enforcement, { sent }: Comer): Deduction<Authorization> {
  const gaps = serverMode.value === "UNCAPTURED" ? serverMode.gaps : proxy.gaps;
  return lacking(server.class.dataPlaneMode === "gateway" ? sent.gaps : gaps, unenforced(server));
}

/** Where it is known: plaintext that may hold the application's own TLS asks for what the application wants. */
function serverNameOf({ to }: Enforcement, { sent }: Comer, enforcer: Enforcer): string | null {
  const arrives = arrivingAt({ to, sent });
  if (sent.gaps.length > 0 || enforcer.by === "ztunnel") return null;
  if (arrives === "plaintext") return enforcer.protocol === "HTTP" ? "" : null;
  return arrives === "istio-mtls" ? namesAsked(sent.value, to.value.host)[0] : null;
}

/** The answer from whichever of its addresses a client comes: one, where all have the same. */
function fromEach(client: Instance, asked: { readonly to: Served["to"]; readonly policies: ApplicablePolicies }, answer: (address: string | null) => Deduction<Authorization>): Deduction<Authorization> {
  const [first = null, ...others] = ofFamily(client.told.addresses, asked.to.value.addresses);
  const found = answer(first);
  const other = asked.policies.keys.asksAddress ? others.find((address) => answer(address).value !== found.value) : undefined;
  if (other === undefined) return found;
  const because = `AuthorizationPolicies answer \`${first ?? ""}\` and \`${other}\` differently, and \`${client.told.ref.namespace}/${client.told.ref.name}\` has both`;
  return lacking([{ wanted: "the address that the client comes from", because }], found);
}

/** What a waypoint in between asks of the client, and how it reads that. */
function atWaypoint(engine: Engine, to: Served["to"], { client, sent }: Comer): { readonly policies: ApplicablePolicies; readonly enforcer: Enforcer } | null {
  const { waypoint } = sent.value;
  if (waypoint === null) return null;
  const { service, port } = to.value;
  const policies = engine.seenBy(client.class).view.authorizationPolicies.at({ gateway: waypoint.gateway, service: service?.ref ?? null });
  return { policies, enforcer: { by: "envoy", protocol: port?.protocol.class ?? "AUTO" } };
}

/** Whether policies of a waypoint in between are asked, which may tell one client from another. */
export function isAskedOnTheWay(engine: Engine, to: Served["to"], comer: Comer): boolean {
  const asked = atWaypoint(engine, to, comer);
  return asked !== null && asked.policies.silent === null;
}

/** The client proves itself to the waypoint, and the waypoint to the server: both must let it through. */
export function authorizationOf(engine: Engine, at: Enforcement, comer: Comer): Deduction<Authorization> {
  const asked = atWaypoint(engine, at.to, comer);
  const last = authorizationAtServer(engine, at, comer);
  if (asked === null || (asked.policies.silent !== null && asked.policies.gaps.length === 0)) return last;
  const { client, sent } = comer;
  const { policies, enforcer } = asked;
  const peer = {
    identity: identityOf(engine, { client, sent: { ...sent, value: { ...sent.value, waypoint: null } } }), targetPort: at.to.value.dialledPort, destinations: [], serverName: null, trustDomains: at.trustDomains,
  };
  const first = fromEach(client, { to: at.to, policies }, (address) => authorization(policies, { peer: { ...peer, address }, enforcer }));
  if (first.value === "allow" || last.value === "deny") return lacking(first.gaps, last);
  return lacking(last.gaps, first);
}

/** What AuthorizationPolicy does to what the client sends, with the identity that it proves, whether the transport lets it through or not. */
function authorizationAtServer(engine: Engine, at: Enforcement, comer: Comer): Deduction<Authorization> {
  const { proxy, to, policies, trustDomains, destinations } = at;
  const { client, sent } = comer;
  const enforcer = asking(engine, at, comer);
  if (enforcer === null) return notAsked(at, comer);
  const arrives = arrivingAt({ to, sent });
  const peer = {
    identity: arrives === "tunnel" || arrives === "istio-mtls" ? identityOf(engine, comer) : null,
    targetPort: to.value.targetPort,
    destinations,
    serverName: serverNameOf(at, comer, enforcer),
    trustDomains,
  };
  const answerTo = (address: string | null): Deduction<Authorization> => answered(engine, at, { comer, asking: { peer: { ...peer, address }, enforcer } });
  const answer = sent.value.waypoint === null ? fromEach(client, { to, policies }, answerTo) : answerTo(null);
  // a protocol that is not known matters to rules that only a request can answer
  return answer.value === "conditional" && proxy.gaps.length > 0 ? { ...answer, gaps: [...answer.gaps, ...proxy.gaps] } : answer;
}
