import type { Deduction } from "../deduction.ts";
import { Trail } from "../deduction.ts";
import type { GatewayPort } from "./gateway.ts";
import type { InstanceClass } from "../instances/instances.ts";
import type { RegistryService } from "../registry/service.ts";
import type { Revision } from "../controlPlane/revision.ts";
import { partsOfClusterName } from "../client/serverName.ts";
import type { ServiceHost } from "../vocabulary.ts";

type Seen = Pick<Revision, "view" | "scopes">;

/** A service has clusters for its ports, but not outside the mesh, and not for datagrams. */
function hasCluster(service: RegistryService, port: number): boolean {
  return !service.external && service.ports.some(({ number, protocol }) => number === port && protocol.class !== "UDP");
}

/** Of subsets a gateway has those of the DestinationRule that it goes by itself. */
function hasSubset({ view }: Seen, gateway: InstanceClass, { service, subset }: { readonly service: RegistryService; readonly subset: string }): Deduction<boolean> {
  const trail = new Trail();
  const rule = trail.follow(view.destinationRules.of(gateway, service));
  if (rule?.subsets.has(subset) === true) return trail.found(true);
  return trail.because("GW-10", { object: rule?.first ?? service.ref, field: "spec.subsets", value: subset }).found(false);
}

/** The service of a cluster that a gateway's proxy has itself, among what is exported to its namespace. */
function hostOfOwnCluster(seen: Seen, gateway: InstanceClass, name: string): Deduction<ServiceHost | null> {
  const trail = new Trail();
  const asked = partsOfClusterName(name);
  if (asked === null) return trail.found(null);
  const { host, port, subset } = asked;
  const { value: service, gaps } = seen.scopes.of(gateway).value.visible(host, port);
  trail.lacks(gaps);
  if (service === null || !hasCluster(service, port)) {
    const [hidden] = seen.view.registry.named(host);
    return trail.because("GW-10", { object: hidden?.ref ?? null }).found(null);
  }
  const isThere = subset === null || trail.follow(hasSubset(seen, gateway, { service, subset }));
  return trail.found(isThere ? host : null);
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
