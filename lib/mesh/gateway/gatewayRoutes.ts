import type { Deduction } from "../deduction.ts";
import { Trail } from "../deduction.ts";
import type { GatewayServer } from "./gatewayServers.ts";
import { hostPart } from "./gatewayServers.ts";
import { isWildcard, matchesHost, resolveHost } from "../host.ts";
import type { IstiodView } from "../controlPlane/istiodView.ts";
import { isExported } from "../registry/registry.ts";
import type { IstioGateway, RouteMatch, VirtualService } from "../snapshot.ts";

/** A Gateway as a VirtualService names it: `namespace/name`, a name of its own namespace, or the beginning of a host. */
function gatewayNamed(written: string, namespace: string): string {
  if (written.includes("/")) return written.startsWith("./") ? `${namespace}${written.slice(1)}` : written;
  const [name, of = namespace] = written.split(".");
  return `${of}/${name ?? ""}`;
}

function names(written: readonly string[], { namespace }: VirtualService, gateway: IstioGateway): boolean {
  return written.some((one) => gatewayNamed(one, namespace) === `${gateway.namespace}/${gateway.name}`);
}

/** Whether a host of a Gateway's server and one of a VirtualService have names in common: either may be the wildcard of the other. */
function overlap(a: string, b: string): boolean {
  return a === b || matchesHost(a, isWildcard(b) ? b.slice(1) : b) || matchesHost(b, isWildcard(a) ? a.slice(1) : a);
}

function isFor(one: VirtualService, { hosts }: GatewayServer, clusterDomain: string): boolean {
  const own = one.hosts.map((host) => resolveHost(host, one.namespace, clusterDomain));
  return hosts.some((host) => (host.includes("/") ? host.startsWith(`${one.namespace}/`) : true) && own.some((other) => overlap(hostPart(host).toLowerCase(), other)));
}

interface Bound {
  readonly view: IstiodView;
  readonly server: GatewayServer;
  /** of the gateway's pod */
  readonly namespace: string;
}

/** VirtualServices that lead on from a server of a Gateway. */
function bound({ view, server, namespace }: Bound): Deduction<readonly VirtualService[]> {
  const { configuration, knowledge, settings } = view;
  const trail = new Trail().lacks(knowledge.gapsAnywhere("VirtualService"));
  const { gateway } = server;
  const byDefault = settings.mesh.defaultVirtualServiceExportTo;
  const all = gateway === null ? [] : configuration.objects.VirtualService.filter((one) => names(one.gateways, one, gateway) && isFor(one, server, configuration.clusterDomain));
  return trail.found(all.filter((one) => trail.follow(isExported(one, namespace, { byDefault, of: settings }))));
}

function fits({ port, gateways }: RouteMatch, one: VirtualService, { gateway, port: ofServer }: GatewayServer): boolean {
  return (port === null || port === ofServer) && (gateways.length === 0 || gateway === null || names(gateways, one, gateway));
}

/** Whether a VirtualService's `tcp` leads on from a server of a Gateway: without one istiod makes no listener for it. */
export function hasTcpRoute(asked: Bound): Deduction<boolean> {
  const trail = new Trail();
  const { server } = asked;
  const leadsOn = (one: VirtualService): boolean => one.tcp.some(({ destinations, matches }) => destinations.length > 0 && (matches?.some((match) => fits(match, one, server)) ?? true));
  return trail.found(trail.follow(bound(asked)).some(leadsOn));
}

/** The names (SNI) that a server of a Gateway passes on, as the `tls` of VirtualServices lists them. */
export function passedOn(asked: Bound): Deduction<readonly string[]> {
  const trail = new Trail();
  const { server } = asked;
  const routes = trail.follow(bound(asked)).flatMap((one) => one.tls.filter(({ destinations }) => destinations.length > 0).map((route) => ({ one, route })));
  return trail.found(routes.flatMap(({ one, route: { sniHosts, matches } }) => (matches === undefined ? sniHosts : matches.filter((match) => fits(match, one, server)).flatMap((match) => match.sniHosts))));
}
