import type { ClientScope, ServiceAndPort } from "./clientScope.ts";
import type { Deduction } from "../deduction.ts";
import { refOf, Trail } from "../deduction.ts";
import { matchesHost, resolveHost } from "../host.ts";
import type { IstiodView } from "../controlPlane/istiodView.ts";
import type { PortProtocol } from "../joining/protocol.ts";
import { portOf } from "../registry/service.ts";
import type { Destination, RouteMatch, VirtualService } from "../snapshot.ts";
import type { ObjectRef } from "../verdict.ts";
import { serviceHost } from "../vocabulary.ts";

/** A cluster that a dial may be sent to. */
export interface Route {
  readonly at: ServiceAndPort;
  readonly subset: string | null;
}

/** The clusters that a dial may be sent to, and the VirtualService that says so. */
export interface Routes {
  /** never empty; more than one where a VirtualService splits or decides by request */
  readonly all: readonly [Route, ...Route[]];
  readonly by: ObjectRef | null;
}

interface Routed {
  readonly destinations: readonly Destination[];
  /** some of what is dialled goes where it was dialled */
  readonly orPlain: boolean;
  readonly field: string;
}

interface Conditional {
  readonly conditional: boolean;
  readonly destinations: readonly Destination[];
}

/** Destinations up to the first route that takes everything. */
function untilUnconditional(routes: readonly Conditional[], field: string): Routed {
  const last = routes.findIndex(({ conditional }) => !conditional);
  const destinations = routes.slice(0, last < 0 ? undefined : last + 1).flatMap((route) => route.destinations);
  return { destinations, orPlain: destinations.length === 0, field };
}

/** How a dial comes. */
interface Spoken {
  readonly port: number;
  /** the name that TLS asks for; `null` where an address was dialled */
  readonly name: string | null;
}

function isOfMesh({ port, gateways }: RouteMatch, spoken: Spoken): boolean {
  return (port === null || port === spoken.port) && (gateways.length === 0 || gateways.includes("mesh"));
}

function tcpRoutes({ tcp }: VirtualService, spoken: Spoken): Routed {
  const routes = tcp.flatMap(({ conditional, destinations, matches }): readonly Conditional[] => {
    if (matches === undefined) return [{ conditional, destinations }];
    const fitting = matches.filter((match) => isOfMesh(match, spoken));
    return fitting.length === 0 ? [] : [{ conditional: fitting.every((match) => match.conditional), destinations }];
  });
  return untilUnconditional(routes, "spec.tcp");
}

/** Names that are routed on a port leave no room for others. */
function tlsRoutes({ tls }: VirtualService, spoken: Spoken): Routed | null {
  const field = "spec.tls";
  const routes = tls.flatMap(({ destinations, sniHosts, matches }) => (matches ?? [{ port: null, gateways: [], sniHosts, conditional: false }]).filter((match) => isOfMesh(match, spoken)).map((match) => ({ ...match, destinations })));
  if (routes.length === 0) return { destinations: [], orPlain: true, field };
  const { name } = spoken;
  const asked = name === null ? [] : routes.filter(({ sniHosts }) => sniHosts.some((host) => matchesHost(host, name)));
  return asked.length === 0 ? null : untilUnconditional(asked, field);
}

/** What is told from its first bytes goes both ways: requests by their routes, other bytes by theirs; an address is dialled with bytes. */
function eitherWay(one: VirtualService, spoken: Spoken): Routed {
  const [http, tcp] = [untilUnconditional(one.http, "spec.http"), tcpRoutes(one, spoken)];
  if (spoken.name === null) return tcp;
  return { destinations: [...http.destinations, ...tcp.destinations], orPlain: http.orPlain || tcp.orPlain, field: http.destinations.length > 0 ? http.field : tcp.field };
}

function routed(one: VirtualService, protocol: PortProtocol, spoken: Spoken): Routed | null {
  if (protocol.tls) return tlsRoutes(one, spoken);
  switch (protocol.class) {
    case "HTTP":
      return untilUnconditional(one.http, "spec.http");
    case "AUTO":
      return eitherWay(one, spoken);
    case "TCP":
    case "UDP":
      return tcpRoutes(one, spoken);
  }
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
  /** that TLS asks for, where a name was dialled */
  readonly name: string | null;
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

/**
 * Where a VirtualService of the mesh sends what is dialled under a host; without one, where it was dialled.
 *
 * @returns `null` where it routes other names of TLS only
 */
export function routes(asked: Asked): Deduction<Routes | null> {
  const trail = new Trail();
  const { scope, host, to, name } = asked;
  const plain: Routes = { all: [to], by: null };
  const one = trail.follow(scope.virtualServiceFor(host));
  if (one === null) return trail.found(plain);
  const found = routed(one, to.at.port.protocol, { port: to.at.port.number, name });
  if (found === null) return trail.because("REG-19", { object: one, field: "spec.tls" }).found(null);
  const targets = found.destinations.map((destination) => trail.follow(target(asked, one, destination)));
  const known = targets.filter((route) => route !== null);
  if (known.length < targets.length) trail.lacks([{ wanted: `where \`VirtualService\` \`${one.namespace}/${one.name}\` sends \`${host}\``, because: "one of its destinations is no service that the client knows" }]);
  const [first, ...others] = found.orPlain ? [to, ...known] : known;
  if (first === undefined || known.length === 0) return trail.found(plain);
  return trail.because("REG-16", { object: one, field: found.field }).found({ all: [first, ...others], by: refOf(one) });
}
