import type { ConnectionFacts } from "../connectionVerdict.ts";
import type { Engine } from "../engine.ts";
import type { Deduction } from "../deduction.ts";
import { Trail } from "../deduction.ts";
import type { Instance } from "../instances.ts";
import { arriving } from "../transport.ts";
import type { Authorization, ServerMode } from "../vocabulary.ts";
import type { Enforcer } from "./authorization.ts";
import { authorization, unenforced } from "./authorization.ts";
import type { Peer } from "./peer.ts";

interface Ends {
  readonly client: Instance;
  readonly server: Instance;
}

function identityOf(engine: Engine, { class: of }: Instance): Peer["identity"] {
  const { trustDomain } = engine.seenBy(of).view.settings.mesh;
  return { trustDomain, namespace: of.namespace, serviceAccount: of.serviceAccountName === "" ? "default" : of.serviceAccountName };
}

/** Which proxy asks the policies, if any stands in front of the port. */
function enforcer(engine: Engine, server: Instance, at: { readonly mode: Deduction<ServerMode>; readonly targetPort: number; readonly tunnel: boolean }): Deduction<Enforcer | null> {
  const trail = new Trail();
  const bypassed = at.mode.value === "UNCAPTURED" && !at.tunnel;
  if (at.mode.value === "UNCAPTURED") trail.lacks(at.mode.gaps);
  switch (server.class.dataPlaneMode) {
    case "none":
      return trail.found(null);
    case "ambient":
      return trail.found(bypassed ? null : { by: "ztunnel" });
    case "sidecar": {
      if (bypassed) return trail.found(null);
      const protocol = trail.follow(engine.seenBy(server.class).inbound.protocol(server, at.targetPort));
      return { value: { by: "envoy", protocol: protocol.class }, reasons: [], gaps: trail.found(null).gaps };
    }
    case "gateway":
    case "waypoint":
      return trail.found({ by: "envoy", protocol: "AUTO" });
    case "grpc-proxyless":
      return trail.found({ by: "envoy", protocol: "HTTP" });
  }
}

/**
 * What AuthorizationPolicy does to what the client sends, with the identity that it proves. Where it is not known whether
 * it proves one, the answer may be the same either way.
 */
export function authorizationOf(engine: Engine, { client, server }: Ends, facts: ConnectionFacts): Deduction<Authorization> {
  const trail = new Trail();
  const { view } = engine.seenBy(server.class);
  const arrives = arriving(facts.sent.value.mode);
  const proves = arrives === "tunnel" || arrives === "istio-mtls";
  const { targetPort } = facts.to.value;
  const by = trail.follow(enforcer(engine, server, { mode: facts.serverMode, targetPort, tunnel: arrives === "tunnel" }));
  if (by === null) return trail.found(trail.follow(unenforced(server)));
  const peer: Peer = {
    identity: proves ? identityOf(engine, client) : null,
    address: client.told.addresses[0] ?? null,
    targetPort,
    trustDomains: [view.settings.mesh.trustDomain, ...view.settings.mesh.trustDomainAliases],
  };
  const answer = authorization(view, server, { peer, enforcer: by });
  const doubts = [...facts.sent.gaps, ...facts.to.gaps];
  if (doubts.length > 0) {
    const other = authorization(view, server, { peer: { ...peer, identity: proves ? null : identityOf(engine, client) }, enforcer: by });
    if (other.value !== answer.value || facts.to.gaps.length > 0) trail.lacks(doubts);
  }
  return trail.found(trail.follow(answer));
}
