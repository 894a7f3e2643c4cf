import type { Ends, Facts } from "../connectionVerdict.ts";
import { arrivingAt } from "../connectionVerdict.ts";
import type { Engine } from "../engine.ts";
import type { Deduction } from "../deduction.ts";
import { Trail } from "../deduction.ts";
import type { Instance } from "../instances.ts";
import type { Authorization, ServerMode } from "../vocabulary.ts";
import type { Enforcer } from "./authorization.ts";
import { authorization, isSilent, unenforced } from "./authorization.ts";
import type { Peer } from "./peer.ts";

/** Whose certificate the server sees: the client's, or that of the waypoint in between. */
function identityOf(engine: Engine, { class: of }: Instance, { sent }: Facts): Peer["identity"] {
  const { trustDomain } = engine.seenBy(of).view.settings.mesh;
  const { waypoint } = sent.value;
  if (waypoint !== null) return { trustDomain, namespace: waypoint.gateway.namespace, serviceAccount: waypoint.serviceAccountName };
  return { trustDomain, namespace: of.namespace, serviceAccount: of.serviceAccountName === "" ? "default" : of.serviceAccountName };
}

/** Which proxy of a pod asks the policies, and how it reads what arrives. */
function proxyOf(engine: Engine, server: Instance, targetPort: number): Deduction<Enforcer | null> {
  const trail = new Trail();
  switch (server.class.dataPlaneMode) {
    case "none":
      return trail.found(null);
    case "ambient":
      return trail.found({ by: "ztunnel" });
    case "sidecar": {
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

/** No proxy asks where the port is not redirected to it; a tunnel always ends in it. */
function enforcer(engine: Engine, server: Instance, facts: Facts): Deduction<Enforcer | null> {
  const trail = new Trail();
  const mode: Deduction<ServerMode> = facts.serverMode;
  if (mode.value === "UNCAPTURED" && arrivingAt(facts) !== "tunnel") return trail.lacks(mode.gaps).found(null);
  return proxyOf(engine, server, facts.to.value.targetPort);
}

interface Judged {
  readonly peer: Peer;
  readonly enforcer: Enforcer;
}

/** Where it is not known whether the client proves who it is, the answer may be the same either way. */
function answered(engine: Engine, { client, server }: Ends, judged: Judged & { readonly facts: Facts }): Deduction<Authorization> {
  const trail = new Trail();
  const { view } = engine.seenBy(server.class);
  const { peer, enforcer: by, facts } = judged;
  const answer = authorization(view, server, { peer, enforcer: by });
  const other = peer.identity === null ? identityOf(engine, client, facts) : null;
  if (facts.to.gaps.length > 0) trail.lacks(facts.to.gaps);
  else if (facts.sent.gaps.length > 0 && authorization(view, server, { peer: { ...peer, identity: other }, enforcer: by }).value !== answer.value) trail.lacks(facts.sent.gaps);
  return trail.found(trail.follow(answer));
}

/** Whether it can matter who the client is: a proxy asks, and a policy is in force. */
export function asksClient(engine: Engine, server: Instance, facts: Facts): boolean {
  return enforcer(engine, server, facts).value !== null && !isSilent(engine.seenBy(server.class).view, server);
}

/** What AuthorizationPolicy does to what the client sends, with the identity that it proves, whether the transport lets it through or not. */
export function authorizationOf(engine: Engine, ends: Ends, facts: Facts): Deduction<Authorization> {
  const trail = new Trail();
  const { client, server } = ends;
  const enforcing = enforcer(engine, server, facts);
  const by = enforcing.value;
  if (by === null) return trail.lacks(enforcing.gaps).found(trail.follow(unenforced(server)));
  const { mesh } = engine.seenBy(server.class).view.settings;
  const arrives = arrivingAt(facts);
  const peer: Peer = {
    identity: arrives === "tunnel" || arrives === "istio-mtls" ? identityOf(engine, client, facts) : null,
    address: facts.sent.value.waypoint === null ? (client.told.addresses[0] ?? null) : null,
    targetPort: facts.to.value.targetPort,
    trustDomains: [mesh.trustDomain, ...mesh.trustDomainAliases],
  };
  const answer = trail.follow(answered(engine, ends, { peer, enforcer: by, facts }));
  // a protocol that is not known matters to rules that only a request can answer
  if (answer === "conditional") trail.lacks(enforcing.gaps);
  return trail.found(answer);
}
