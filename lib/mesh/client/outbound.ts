import { capturesOutbound } from "./outboundCapture.ts";
import type { ClientScope, ServiceAndPort } from "./clientScope.ts";
import type { Destination } from "../joining/destination.ts";
import type { Deduction } from "../deduction.ts";
import { Trail } from "../deduction.ts";
import type { Instance } from "../instances/instances.ts";
import type { IstiodView } from "../controlPlane/istiodView.ts";
import { byAge } from "../order.ts";
import type { HeadlessPort } from "../registry/registry.ts";
import { isPublic } from "../registry/registry.ts";
import type { RegistryService } from "../registry/service.ts";
import { portOf } from "../registry/service.ts";
import type { Gap } from "../verdict.ts";
import { takes, takesAnything } from "./sidecarListener.ts";
import type { Routes } from "./virtualService.ts";
import { routes } from "./virtualService.ts";
import type { ServiceHost } from "../vocabulary.ts";
import { serviceHost } from "../vocabulary.ts";

/** What a client's proxy makes of a dial: one of its clusters, or none. */
export type Outbound =
  | { readonly kind: "bypass" }
  | { readonly kind: "unmatched" }
  | { readonly kind: "cluster"; readonly routes: Routes };

/** A dial as one client makes it: where it leads, what the client sees of the registry, and what else the proxy goes by. */
export interface Dial {
  readonly view: IstiodView;
  readonly scope: ClientScope;
  readonly client: Instance;
  readonly to: Destination;
  /** why it may lead elsewhere */
  readonly toGaps: readonly Gap[];
  /** the Host header of an HTTP request to an address */
  readonly hostHeader: string | null;
  readonly subset: string | null;
}

const UNMATCHED: Outbound = { kind: "unmatched" };

function cluster(at: ServiceAndPort, subset: string | null): Outbound {
  return { kind: "cluster", routes: { all: [{ at, subset }], by: null } };
}

/** An alias goes by its own name, an address by that of the service that it is. */
function hostOf(to: Destination, { service }: ServiceAndPort): ServiceHost {
  return to.host === null || to.service?.host !== service.host ? service.host : to.host;
}

/** A subset that was asked for is one that a VirtualService chose already. */
function routed({ view, scope, to, subset }: Dial, at: ServiceAndPort): Deduction<Outbound> {
  const trail = new Trail();
  if (subset !== null || scope.isGateway) return trail.found(cluster(at, subset));
  const found = trail.follow(routes({ view, scope, host: hostOf(to, at), to: { at, subset }, name: to.host }));
  return trail.found(found === null ? UNMATCHED : { kind: "cluster", routes: found });
}

/** A port that exists for proxies: one that is named UDP does not. */
function portAt(service: RegistryService, number: number): readonly ServiceAndPort[] {
  const port = portOf(service, number);
  return port === undefined || port.protocol.class === "UDP" ? [] : [{ service, port }];
}

/** A listener of the client's Sidecar for the port takes it in its own protocol, whatever the Service's port says. */
function passesListener({ scope, to }: Dial, { service, port }: ServiceAndPort): Deduction<boolean> {
  const trail = new Trail();
  const own = trail.follow(scope.ownListener(service, to.dialledPort));
  return trail.found(own === null || takes(own, { protocol: port.protocol, hasAddress: service.addresses.length > 0 }));
}

/** Every address of a headless Service has a listener, but not where only a port of a Sidecar's own is for it. */
function listensAtAddresses({ scope, to }: Dial, { service }: HeadlessPort): Deduction<boolean> {
  const { value, ...rest } = scope.ownListener(service, to.dialledPort);
  return { ...rest, value: value === null || value.isAtLarge };
}

/** Headless Services with a listener at this address: the client's own private ones, those exported to it by name, public ones; the oldest of each. */
function headlessListener(dial: Dial, address: string): Deduction<HeadlessPort | null> {
  const trail = new Trail();
  const { view, scope, to } = dial;
  if (!view.knowledge.isComplete) for (const service of view.registry.headlessOn(to.dialledPort)) trail.lacks(view.registry.endpoints.gaps(service));
  const visible = view.registry.headlessAt(address, to.dialledPort).filter((at) => trail.follow(scope.sees(at)) && trail.follow(listensAtAddresses(dial, at)));
  const rank = ({ service }: HeadlessPort): number => {
    if (isPublic(service.exportTo.length > 0 ? service.exportTo : view.settings.mesh.defaultServiceExportTo)) return 2;
    return service.namespace === scope.namespace ? 0 : 1;
  };
  const [first] = [...visible].sort((a, b) => rank(a) - rank(b) || byAge(a.service.meta, b.service.meta));
  return { ...trail.found(first ?? null), reasons: [] };
}

/** A service that claims an address as its own and is no HTTP service: proxies listen there for it. */
function ownListener({ view, scope, to }: Dial, address: string): Deduction<ServiceAndPort | null> {
  const trail = new Trail();
  const found = view.registry
    .at(address)
    .flatMap((service) => portAt(service, to.dialledPort))
    .find((at) => at.port.protocol.class !== "HTTP" && trail.follow(scope.sees(at)));
  return trail.found(found ?? null);
}

/** HTTP to an address goes by its Host header, where any HTTP service makes proxies listen on that port. */
function byHostHeader({ scope, to, hostHeader }: Dial): Deduction<ServiceAndPort | null> {
  const trail = new Trail();
  if (hostHeader === null || !trail.follow(scope.opensHttp(to.dialledPort))) return trail.found(null);
  const service = trail.follow(scope.visible(serviceHost(hostHeader), to.dialledPort));
  const [at] = service === null ? [] : portAt(service, to.dialledPort);
  return trail.found(at?.port.protocol.class === "HTTP" ? at : null);
}

/** A Service without an address, for bytes of which the Sidecar has a listener: that takes all that is dialled on the port. */
function rawListener({ view, scope, to }: Dial): Deduction<ServiceAndPort | null> {
  const trail = new Trail();
  const port = to.dialledPort;
  if (!scope.listensOnItsOwn(port)) return trail.found(null);
  const listens = (at: ServiceAndPort): boolean => {
    const own = trail.follow(scope.ownListener(at.service, port));
    return own !== null && takesAnything(own) && trail.follow(scope.sees(at));
  };
  const all = [...view.registry.headlessOn(port), ...view.registry.index.httpOn(port).filter(({ addresses }) => addresses.length === 0)];
  const found = all.flatMap((service) => portAt(service, port)).filter(listens).sort((a, b) => byAge(a.service.meta, b.service.meta));
  return trail.found(found[0] ?? null);
}

/** A dial to an address that no name brought along. */
function byAddress(dial: Dial, address: string): Deduction<Outbound> {
  const trail = new Trail().lacks(dial.view.knowledge.gapsAnywhere("Service"));
  const headless = trail.follow(headlessListener(dial, address));
  if (headless !== null) return trail.because("REG-10", { object: headless.service.ref, field: "spec.clusterIP", value: "None" }).found(trail.follow(routed({ ...dial, subset: null }, headless)));
  const own = trail.follow(ownListener(dial, address));
  if (own !== null) return trail.because("REG-11", { object: own.service.ref, field: "spec.addresses", value: address }).found(cluster(own, null));
  const raw = trail.follow(rawListener(dial));
  if (raw !== null) return trail.because("REG-20", { object: dial.scope.sidecar, field: "spec.egress[].port" }).found(trail.follow(routed({ ...dial, subset: null }, raw)));
  const named = trail.follow(byHostHeader(dial));
  if (named === null) return trail.because("REG-12").found(UNMATCHED);
  return trail.because("REG-13", { object: named.service.ref, field: "spec.ports" }).found(trail.follow(routed(dial, named)));
}

/** A service that is in scope only because a VirtualService sends to it. */
function importedByRoute({ view, scope, to }: Dial): Deduction<ServiceAndPort | null> {
  const trail = new Trail();
  if (to.host === null) return trail.found(null);
  if (view.virtualServices.all.length === 0) return trail.lacks(view.knowledge.gapsAnywhere("VirtualService")).found(null);
  const service = trail.follow(scope.exportedOnly(to.host));
  const [at] = service === null ? [] : portAt(service, to.dialledPort);
  trail.follow(scope.virtualServices());
  return trail.found(service !== null && scope.routedServices().has(service) ? (at ?? null) : null);
}

/** It has a cluster but no listener: HTTP to it is routed where port 80 is open for another service. */
function byVirtualServiceOnly(dial: Dial): Deduction<ServiceAndPort | null> {
  const trail = new Trail();
  const { scope, to } = dial;
  const at = trail.follow(importedByRoute(dial));
  if (at === null || to.host === null) return trail.found(null);
  if (scope.isGateway) return trail.because("REG-15", { object: at.service.ref }).found(at);
  const virtualService = trail.follow(scope.virtualServiceFor(to.host));
  const isRouted = virtualService !== null && at.port.protocol.class === "HTTP" && to.dialledPort === 80 && trail.follow(scope.opensHttp(80));
  return isRouted ? trail.because("REG-15", { object: virtualService, field: "spec.hosts" }).found(at) : trail.found(null);
}

/** An alias is routed by its own name for HTTP, by the address of what it stands for otherwise. */
function seesAlias({ scope, to }: Dial, at: ServiceAndPort): Deduction<boolean> {
  const trail = new Trail();
  if (to.host === null || to.host === at.service.host || at.port.protocol.class !== "HTTP") return trail.found(true);
  const imported = trail.follow(scope.imports(at.service.namespace, to.host, to.dialledPort));
  if (!imported) trail.because("REG-14", { object: scope.sidecar, field: "spec.egress", value: to.host });
  return trail.found(imported);
}

/** The name of a headless Service stands for an address, and the address may belong to another one's listener. */
function byHeadlessName(dial: Dial): Deduction<Outbound | null> {
  const trail = new Trail();
  const { service, addresses } = dial.to;
  const [address] = addresses;
  if (service?.headless !== true || address === undefined) return trail.found(null);
  const listener = trail.follow(headlessListener(dial, address));
  if (listener === null) return trail.found(null);
  const isItsOwn = listener.service.host === service.host && listener.service.namespace === service.namespace;
  if (isItsOwn) return trail.found(trail.follow(routed(dial, listener)));
  return trail.because("REG-10", { object: listener.service.ref, field: "spec.clusterIP", value: "None" }).found(trail.follow(routed({ ...dial, subset: null }, listener)));
}

/** A name that the proxy does not know is dialled by what it resolves to. */
function byUnknownName(dial: Dial, looked: Deduction<RegistryService | null>): Deduction<Outbound> {
  const trail = new Trail();
  const { to } = dial;
  const imported = trail.follow(byVirtualServiceOnly(dial));
  if (imported !== null) return trail.found(trail.follow(routed(dial, imported)));
  trail.follow(looked);
  if (looked.value !== null && portOf(looked.value, to.dialledPort) !== undefined) trail.because("REG-17", { object: looked.value.ref, field: "spec.ports.name" });
  const [address] = to.addresses;
  if (to.service?.headless !== true || address === undefined) return trail.found(UNMATCHED);
  return trail.found(trail.follow(byAddress({ ...dial, hostHeader: null }, address)));
}

/** What the application says on the dialled port is not what a namesake for HTTP, or one for TLS without an address, goes by. */
function speaksOther({ to }: Dial, { service, port }: ServiceAndPort): boolean {
  if (port.protocol.class === "HTTP") return to.port?.protocol.class === "TCP";
  return service.addresses.length === 0 && port.protocol.tls && to.port?.protocol.tls === false;
}

/** The name stands for another service than the one that the client sees under it, and what is dialled does not lead there. */
function listensElsewhere(dial: Dial, at: ServiceAndPort): boolean {
  const { service, port } = at;
  const { to } = dial;
  const isNamesake = to.service !== service && to.service?.host === service.host;
  if (isNamesake && speaksOther(dial, at)) return true;
  return port.protocol.class !== "HTTP" && service.addresses.length > 0 && !to.addresses.some((address) => service.addresses.includes(address));
}

function byName(dial: Dial, host: ServiceHost): Deduction<Outbound> {
  const trail = new Trail();
  const { scope, to } = dial;
  const headless = trail.follow(byHeadlessName(dial));
  if (headless !== null) return trail.found(headless);
  const looked = scope.visible(to.service?.host ?? host, to.dialledPort);
  const [at] = looked.value === null ? [] : portAt(looked.value, to.dialledPort);
  if (at === undefined) return trail.found(trail.follow(byUnknownName(dial, looked)));
  trail.lacks(looked.gaps).lacks(scope.contested(at));
  if (!scope.isGateway && listensElsewhere(dial, at)) return trail.because("REG-18", { object: at.service.ref, field: "spec.addresses" }).found(UNMATCHED);
  if (!trail.follow(seesAlias(dial, at))) return trail.found(UNMATCHED);
  if (!trail.follow(passesListener(dial, at))) return trail.because("REG-20", { object: scope.sidecar, field: "spec.egress[].port" }).found(UNMATCHED);
  return trail.because("REG-4", { object: at.service.ref }).found(trail.follow(routed(dial, at)));
}

function captured({ view, client, scope, to }: Dial): Deduction<boolean> {
  const trail = new Trail();
  if (scope.isGateway || client.object.kind !== "Pod") return trail.found(true);
  if (to.isOwnAddress) return trail.because("CAP-11", { object: client.object }).found(false);
  return trail.found(trail.follow(capturesOutbound(client.object, view.outboundCapture(client.class), { port: to.dialledPort, addresses: to.addresses })));
}

/** Which of its clusters a sidecar or gateway uses for a dial. */
export function outbound(dial: Dial): Deduction<Outbound> {
  const trail = new Trail();
  const { to } = dial;
  if (to.isDatagram) return trail.because("CAP-10", { object: to.service?.ref ?? null, field: "spec.ports.protocol", value: "UDP" }).found({ kind: "bypass" });
  if (!trail.follow(captured(dial))) return trail.found({ kind: "bypass" });
  const [address] = to.addresses;
  if (to.host !== null) return trail.found(trail.follow(byName(dial, to.host)));
  return trail.found(address === undefined ? UNMATCHED : trail.follow(byAddress(dial, address)));
}
