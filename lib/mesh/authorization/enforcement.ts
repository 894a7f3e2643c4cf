import type { Facts } from "../connectionVerdict.ts";
import { arrivingAt } from "../connectionVerdict.ts";
import type { Engine } from "../engine.ts";
import type { Deduction } from "../deduction.ts";
import { lacking, Trail } from "../deduction.ts";
import type { Instance } from "../instances.ts";
import type { Arriving } from "../transport.ts";
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

export function enforcementAt(engine: Engine, server: Instance, { to, serverMode }: Served): Enforcement {
  const { view } = engine.seenBy(server.class);
  const { trustDomain, trustDomainAliases } = view.settings.mesh;
  const policies = view.authorizationPolicies.of(server);
  const proxy = proxyOf(engine, server, { targetPort: to.value.targetPort, policies });
  return { to, serverMode, server, policies, proxy, trustDomains: [trustDomain, ...trustDomainAliases] };
}

/** Who comes, and with what. */
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

/** TLS that is not the mesh's passes a sidecar's port as it is: no request is read in it. */
function reading(proxy: Enforcer, server: Instance, arrives: Arriving): Enforcer {
  const isUnread = arrives === "other-tls" && server.class.dataPlaneMode === "sidecar" && proxy.by === "envoy" && proxy.protocol === "AUTO";
  return isUnread ? { by: "envoy", protocol: "TCP" } : proxy;
}

/** What AuthorizationPolicy does to what the client sends, with the identity that it proves, whether the transport lets it through or not. */
export function authorizationOf(engine: Engine, at: Enforcement, comer: Comer): Deduction<Authorization> {
  const { server, proxy, serverMode, to, trustDomains } = at;
  const { client, sent } = comer;
  const arrives = arrivingAt({ to, sent });
  // no proxy asks where the port is not redirected to it; a tunnel always ends in it
  if (serverMode.value === "UNCAPTURED" && arrives !== "tunnel") return lacking(serverMode.gaps, unenforced(server));
  if (proxy.value === null) return lacking(proxy.gaps, unenforced(server));
  const enforcer = reading(proxy.value, server, arrives);
  const peer: Peer = {
    identity: arrives === "tunnel" || arrives === "istio-mtls" ? identityOf(engine, comer) : null,
    address: sent.value.waypoint === null ? (client.told.addresses[0] ?? null) : null,
    targetPort: to.value.targetPort,
    trustDomains,
  };
  const answer = answered(engine, at, { comer, asking: { peer, enforcer } });
  // a protocol that is not known matters to rules that only a request can answer
  return answer.value === "conditional" && proxy.gaps.length > 0 ? { ...answer, gaps: [...answer.gaps, ...proxy.gaps] } : answer;
}
