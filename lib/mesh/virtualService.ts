import type { ClientScope, ServiceAndPort } from "./clientScope.ts";
import type { Deduction } from "./deduction.ts";
import { refOf, Trail } from "./deduction.ts";
import { resolveHost } from "./host.ts";
import type { IstiodView } from "./istiodView.ts";
import type { PortProtocol } from "./protocol.ts";
import { portOf } from "./registry/service.ts";
import type { Destination, VirtualService } from "./snapshot.ts";
import type { ObjectRef } from "./verdict.ts";
import { serviceHost } from "./vocabulary.ts";

/** A cluster that a dial may be sent to. */
export interface Route {
  readonly at: ServiceAndPort;
  readonly subset: string | null;
}

export interface Routes {
  /** never empty; more than one where a VirtualService splits or decides by request */
  readonly all: readonly [Route, ...Route[]];
  readonly by: ObjectRef | null;
}

interface Routed {
  readonly destinations: readonly Destination[];
  readonly field: string;
}

/** Destinations up to the first route that takes everything. */
function untilUnconditional(routes: readonly { readonly conditional: boolean; readonly destinations: readonly Destination[] }[]): readonly Destination[] {
  const last = routes.findIndex(({ conditional }) => !conditional);
  return routes.slice(0, last < 0 ? undefined : last + 1).flatMap(({ destinations }) => destinations);
}

function routed(one: VirtualService, protocol: PortProtocol, host: string): Routed {
  if (protocol.tls) return { destinations: one.tls.filter(({ sniHosts }) => sniHosts.includes(host)).flatMap(({ destinations }) => destinations), field: "spec.tls" };
  if (protocol.class === "TCP") return { destinations: untilUnconditional(one.tcp), field: "spec.tcp" };
  return { destinations: untilUnconditional(one.http), field: "spec.http" };
}

/** Without a port of its own a destination takes the service's only one, else the one that was dialled. */
function destinationPort({ port }: Destination, ports: readonly { readonly number: number }[], dialled: number): number {
  return port ?? (ports.length === 1 ? (ports[0]?.number ?? dialled) : dialled);
}

interface Asked {
  readonly view: IstiodView;
  readonly scope: ClientScope;
  readonly host: string;
  readonly to: Route;
}

function target({ view, scope, host, to }: Asked, one: VirtualService, destination: Destination): Deduction<Route | null> {
  const trail = new Trail();
  const name = serviceHost(resolveHost(destination.host, one.namespace, view.configuration.clusterDomain));
  const { subset } = destination;
  const dialled = to.at.port.number;
  if (name === host || name === to.at.service.host) {
    const port = portOf(to.at.service, destinationPort(destination, to.at.service.ports, dialled)) ?? to.at.port;
    return trail.found({ at: { service: to.at.service, port }, subset });
  }
  const service = trail.follow(scope.exportedOnly(name));
  const port = service === null ? undefined : portOf(service, destinationPort(destination, service.ports, dialled));
  return trail.found(service === null || port === undefined ? null : { at: { service, port }, subset });
}

/** Where a VirtualService of the mesh sends what is dialled under a host; without one, where it was dialled. */
export function routes(asked: Asked): Deduction<Routes> {
  const trail = new Trail();
  const { scope, host, to } = asked;
  const plain: Routes = { all: [to], by: null };
  const one = trail.follow(scope.virtualServiceFor(host));
  if (one === null) return trail.found(plain);
  const { destinations, field } = routed(one, to.at.port.protocol, host);
  const targets = destinations.map((destination) => trail.follow(target(asked, one, destination)));
  const known = targets.filter((route) => route !== null);
  if (known.length < targets.length) trail.lacks([{ wanted: `where \`VirtualService\` \`${one.namespace}/${one.name}\` sends \`${host}\``, because: "one of its destinations is no service that the client knows" }]);
  const [first, ...others] = to.at.port.protocol.class === "AUTO" ? [to, ...known] : known;
  if (first === undefined || known.length === 0) return trail.found(plain);
  return trail.because("REG-16", { object: one, field }).found({ all: [first, ...others], by: refOf(one) });
}
