import { clientMode } from "../client/clientMode.ts";
import type { ConnectionQuestion } from "../connection.ts";
import type { Destination } from "./destination.ts";
import { destination } from "./destination.ts";
import type { Engine } from "../engine.ts";
import type { Deduction } from "../deduction.ts";
import { foundBy, Trail } from "../deduction.ts";
import { handshakes } from "./identity.ts";
import { passedHost } from "../gateway/gatewayClusters.ts";
import type { GatewayJoin } from "../gateway/joinGateway.ts";
import { joinGateway } from "../gateway/joinGateway.ts";
import type { Instance } from "../instances/instances.ts";
import type { PortProtocol } from "./protocol.ts";
import type { Sent } from "../client/sent.ts";
import type { Arriving, Joined, Server } from "./transport.ts";
import { namesAsked } from "../client/serverName.ts";
import { arriving, join } from "./transport.ts";
import type { ServerMode, Transport } from "../vocabulary.ts";
import { PEER_MODES } from "../vocabulary.ts";

/** The two instances of a connection. */
export interface Ends {
  readonly client: Instance;
  readonly server: Instance;
}

/** What one connection is about before client and server are put together. */
export interface Facts {
  readonly to: Deduction<Destination>;
  readonly sent: Deduction<Sent>;
  readonly serverMode: Deduction<ServerMode>;
}

/** The same, with what follows on the wire. */
export interface ConnectionFacts extends Facts {
  readonly transport: Deduction<Transport>;
}

function sentBy(engine: Engine, client: Instance, asked: { readonly question: ConnectionQuestion; readonly to: Deduction<Destination> }): Deduction<Sent> {
  const trail = new Trail();
  const { view, scopes } = engine.seenBy(client.class);
  const { via } = asked.question;
  const scope = scopes.of(client.class);
  if (client.class.dataPlaneMode === "sidecar") trail.follow(scope);
  const hostHeader = via.type === "podIP" ? (via.host ?? null) : null;
  const subset = via.type === "service" ? (via.subset ?? null) : null;
  return trail.found(trail.follow(clientMode({ view, scope: scope.value, client, to: asked.to.value, toGaps: asked.to.gaps, hostHeader, subset })));
}

/** What reaches the server: a waypoint ends the client's tunnel, and goes on through one of its own or in plaintext. */
export function arrivingAt({ sent, to }: Pick<Facts, "sent" | "to">): Arriving {
  const { mode, waypoint } = sent.value;
  if (waypoint === null) return arriving(mode);
  return (to.value.endpoint?.tunnel ?? to.value.server.class.tunnel) ? "tunnel" : "plaintext";
}

/** Where the server's mode is not known, the answer may be the same for every mode it can have. */
function possibleModes({ gaps, value }: Deduction<ServerMode>): readonly [ServerMode, ...ServerMode[]] {
  return gaps.length === 0 ? [value] : [value, ...PEER_MODES];
}

/** A protocol that is read only where it can matter. */
function inboundProtocol(engine: Engine, { server }: Ends, facts: Facts): Deduction<PortProtocol> | null {
  if (server.class.dataPlaneMode !== "sidecar" || arrivingAt(facts) !== "other-tls") return null;
  return engine.seenBy(server.class).inbound.protocol(server, facts.to.value.targetPort);
}

function joinAt(engine: Engine, ends: Ends, facts: Facts): Deduction<Transport> {
  const trail = new Trail().lacks(facts.sent.gaps).lacks(facts.to.gaps);
  const { server } = ends;
  const protocol = inboundProtocol(engine, ends, facts);
  const answer = (mode: ServerMode): Joined => join(arrivingAt(facts), { mode: mode as Server["mode"], plane: server.class.dataPlaneMode, protocol: protocol?.value.class ?? "AUTO" });
  const [mode, ...others] = possibleModes(facts.serverMode);
  const joined = answer(mode);
  if (others.some((other) => answer(other).transport !== joined.transport)) trail.lacks(facts.serverMode.gaps);
  if (protocol !== null && mode !== "UNCAPTURED" && joined.rule !== "JOIN-8") trail.follow(protocol);
  if (facts.sent.value.waypoint !== null) trail.because("AMB-13", { object: facts.sent.value.waypoint.gateway });
  return trail.because(joined.rule, { object: server.object }).found(joined.transport);
}

function joinAtGateway(engine: Engine, { server }: Ends, facts: Facts): Deduction<Transport> {
  const trail = new Trail().lacks(facts.sent.gaps).lacks(facts.to.gaps);
  const seen = engine.seenBy(server.class);
  trail.lacks(seen.view.envoyFilterGaps(server.class, "GATEWAY"));
  const { inbound } = seen;
  const port = trail.follow(inbound.gatewayPort(server, facts.to.value.targetPort));
  const [name, ...others] = namesAsked(facts.sent.value, facts.to.value.host);
  const joined = (asked: string | null): GatewayJoin => joinGateway(port, { arrives: arrivingAt(facts), name: asked, passes: trail.follow(passedHost(seen, server.class, { port, name: asked })) });
  const first = joined(name);
  if (others.some((other) => joined(other).transport !== first.transport)) trail.lacks([{ wanted: "the name that the client's TLS asks for", because: "it is that of the request where there is one, and none otherwise" }]);
  return trail.lacks(first.gaps).because(first.rule, first.evidence ?? { object: server.object }).found(first.transport);
}

function transport(engine: Engine, ends: Ends, facts: Facts): Deduction<Transport> {
  const trail = new Trail();
  const { client, server } = ends;
  if (facts.serverMode.value === "GATEWAY") return joinAtGateway(engine, ends, facts);
  const joined = trail.follow(joinAt(engine, ends, facts));
  if (joined !== "mTLS" || arrivingAt(facts) !== "istio-mtls") return trail.found(joined);
  const { view, identities } = engine.seenBy(client.class);
  const { view: serverView } = engine.seenBy(server.class);
  return trail.found(trail.follow(handshakes({ view, serverView, identities, sent: facts.sent.value, server })) ? joined : "blocked");
}

/** What no proxy is given, whatever the policies of the port. */
function uncaptured(to: Destination, client: Instance): Deduction<ServerMode> | null {
  if (to.isDatagram) return foundBy("UNCAPTURED", "CAP-10", { object: to.service?.ref ?? null, field: "spec.ports.protocol", value: "UDP" });
  return to.isOwnAddress && client.class.dataPlaneMode !== "none" ? foundBy("UNCAPTURED", "CAP-11", { object: client.object }) : null;
}

/** A question, and where it leads. */
export interface Dialled {
  readonly question: ConnectionQuestion;
  readonly ends: Ends;
  readonly to: Deduction<Destination>;
}

/** Everything about one connection. */
export function connectionFacts(engine: Engine, question: ConnectionQuestion, ends: Ends): ConnectionFacts {
  return factsOf(engine, { question, ends, to: destination(engine.seenBy(ends.client.class).view, question, ends.server) });
}

export function factsOf(engine: Engine, { question, ends, to }: Dialled): ConnectionFacts {
  const { client, server } = ends;
  const sent = sentBy(engine, client, { question, to });
  const mode = uncaptured(to.value, client) ?? engine.seenBy(server.class).inbound.mode(server, to.value.targetPort);
  const facts = { to, sent, serverMode: to.gaps.length === 0 ? mode : { ...mode, gaps: [...to.gaps, ...mode.gaps] } };
  return { ...facts, transport: transport(engine, ends, facts) };
}
