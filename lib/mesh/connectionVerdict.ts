import type { Sent } from "./clientMode.ts";
import { proxyMode, proxylessMode, ztunnelMode } from "./clientMode.ts";
import type { ConnectionQuestion } from "./connection.ts";
import type { Destination } from "./destination.ts";
import { destination } from "./destination.ts";
import type { Engine } from "./engine.ts";
import type { Deduction } from "./deduction.ts";
import { foundBy, Trail } from "./deduction.ts";
import { gatewayListeners } from "./gateway.ts";
import { handshakes } from "./identity.ts";
import type { Instance } from "./instances.ts";
import type { Server } from "./transport.ts";
import { arriving, join, joinGateway } from "./transport.ts";
import type { ServerMode, Transport } from "./vocabulary.ts";

/** The three facts of one connection, and where it leads. */
export interface ConnectionFacts {
  readonly to: Deduction<Destination>;
  readonly sent: Deduction<Sent>;
  readonly serverMode: Deduction<ServerMode>;
  readonly transport: Deduction<Transport>;
}

interface Ends {
  readonly client: Instance;
  readonly server: Instance;
}

function sentBy(engine: Engine, { client }: Ends, question: ConnectionQuestion, to: Destination): Deduction<Sent> {
  const trail = new Trail();
  const { object } = client;
  const { view, scopes } = engine.seenBy(client.class);
  if (client.class.dataPlaneMode === "none") {
    const hostNetwork = object.kind === "Pod" && object.hostNetwork;
    return foundBy({ mode: "NONE", at: null, policy: null, endpoint: null }, hostNetwork ? "PLANE-2" : "PLANE-1", { object });
  }
  const scope = trail.follow(scopes.of(client.class));
  const { via } = question;
  const dial = { view, scope, client, to, hostHeader: via.type === "podIP" ? (via.host ?? null) : null, subset: via.type === "service" ? (via.subset ?? null) : null };
  if (client.class.dataPlaneMode === "ambient") return ztunnelMode(dial);
  return trail.found(trail.follow(client.class.dataPlaneMode === "grpc-proxyless" ? proxylessMode(dial) : proxyMode(dial)));
}

const PEER_MODES = ["STRICT", "PERMISSIVE", "DISABLE"] as const;

/** Where the server's mode is not known, the answer may be the same for every mode it can have. */
function possibleModes(mode: Deduction<ServerMode>): readonly ServerMode[] {
  return mode.gaps.length === 0 ? [mode.value] : PEER_MODES;
}

function joinAt(engine: Engine, ends: Ends, facts: Omit<ConnectionFacts, "transport">): Deduction<Transport> {
  const { server } = ends;
  const trail = new Trail().lacks(facts.sent.gaps).lacks(facts.to.gaps);
  const arrives = arriving(facts.sent.value.mode);
  const { targetPort } = facts.to.value;
  const { inbound } = engine.seenBy(server.class);
  const protocol = server.class.dataPlaneMode === "sidecar" ? inbound.protocol(server, targetPort) : null;
  const answers = possibleModes(facts.serverMode).map((mode) => join(arrives, { mode: mode as Server["mode"], plane: server.class.dataPlaneMode, protocol: protocol?.value.class ?? "TCP" }));
  const [first] = answers;
  if (first === undefined) throw new Error("a server without a mode");
  if (answers.some(({ transport }) => transport !== first.transport)) trail.lacks(facts.serverMode.gaps);
  if (first.rule === "JOIN-9" || (first.rule === "JOIN-3" && protocol !== null && facts.serverMode.value !== "UNCAPTURED")) trail.follow(protocol ?? trail.found(null));
  return trail.because(first.rule, { object: server.object }).found(first.transport);
}

function joinAtGateway(engine: Engine, { server }: Ends, facts: Omit<ConnectionFacts, "transport">): Deduction<Transport> {
  const trail = new Trail().lacks(facts.sent.gaps).lacks(facts.to.gaps);
  const listeners = trail.follow(gatewayListeners(engine.seenBy(server.class).view, server, facts.to.value.targetPort));
  const { transport, rule, listener } = joinGateway(arriving(facts.sent.value.mode), listeners);
  return trail.because(rule, listener === null ? { object: server.object } : { object: listener.by, field: listener.field, value: listener.value }).found(transport);
}

function transport(engine: Engine, ends: Ends, facts: Omit<ConnectionFacts, "transport">): Deduction<Transport> {
  const trail = new Trail();
  const { client, server } = ends;
  const isGateway = facts.serverMode.value === "GATEWAY";
  const joined = trail.follow(isGateway ? joinAtGateway(engine, ends, facts) : joinAt(engine, ends, facts));
  if (isGateway || joined !== "mTLS" || arriving(facts.sent.value.mode) !== "istio-mtls") return trail.found(joined);
  const { view, identities } = engine.seenBy(client.class);
  const serverView = engine.seenBy(server.class).view;
  return trail.found(trail.follow(handshakes({ view, serverView, identities, sent: facts.sent.value, client, server })) ? joined : "blocked");
}

/** Everything about one connection. */
export function connectionFacts(engine: Engine, question: ConnectionQuestion, ends: Ends): ConnectionFacts {
  const { client, server } = ends;
  const to = destination(engine.seenBy(client.class).view, question, server);
  const sent = sentBy(engine, ends, question, to.value);
  const mode = to.value.isDatagram ? foundBy<ServerMode>("UNCAPTURED", "CAP-10", { object: to.value.service?.ref ?? null }) : engine.seenBy(server.class).inbound.mode(server, to.value.targetPort);
  const facts = { to, sent, serverMode: { ...mode, gaps: [...to.gaps, ...mode.gaps] } };
  return { ...facts, transport: transport(engine, ends, facts) };
}
