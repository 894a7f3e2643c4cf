import type { Deduction } from "./deduction.ts";
import { Trail } from "./deduction.ts";
import type { GatewayPort } from "./gateway.ts";
import type { InstanceClass } from "./instances.ts";
import { portOf } from "./registry/service.ts";
import type { Revision } from "./revision.ts";
import { partsOfClusterName } from "./serverName.ts";
import type { ServiceHost } from "./vocabulary.ts";

type Seen = Pick<Revision, "view" | "scopes">;

/** The service of a cluster that a gateway's proxy has itself: of what is exported to its namespace, no host outside the mesh, and of subsets those of the DestinationRule that it goes by. */
function hostOfOwnCluster({ view, scopes }: Seen, gateway: InstanceClass, name: string): Deduction<ServiceHost | null> {
  const trail = new Trail();
  const asked = partsOfClusterName(name);
  if (asked === null) return trail.found(null);
  const { host, port: number, subset } = asked;
  const looked = scopes.of(gateway).value.visible(host, number);
  const service = looked.value;
  const port = service === null ? undefined : portOf(service, number);
  trail.lacks(looked.gaps);
  if (service === null || service.external || port === undefined || port.protocol.class === "UDP") {
    const [other] = view.registry.named(host);
    return trail.because("GW-10", { object: service?.ref ?? other?.ref ?? null }).found(null);
  }
  const rule = subset === null ? null : trail.follow(view.destinationRules.of(gateway, service));
  if (subset === null || rule?.subsets.has(subset) === true) return trail.found(host);
  return trail.because("GW-10", { object: rule?.first ?? service.ref, field: "spec.subsets", value: subset }).found(null);
}

/**
 * The host for which a server that passes mTLS on is asked, by the name of one of its own clusters; `null`: there is no such server, or no such cluster.
 *
 * @see rule GW-10; Istio's `builtAutoPassthroughFilterChains`
 */
export function passedHost(seen: Seen, gateway: InstanceClass, { port: { listeners }, name }: { readonly port: GatewayPort; readonly name: string | null }): Deduction<ServiceHost | null> {
  if (name === null || !listeners.some(({ accepts }) => accepts === "auto-passthrough")) return new Trail().found(null);
  return hostOfOwnCluster(seen, gateway, name);
}
