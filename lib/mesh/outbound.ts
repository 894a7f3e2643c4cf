import { capturesOutbound } from "./capture.ts";
import type { ClientScope, ServiceAndPort } from "./clientScope.ts";
import type { Destination } from "./destination.ts";
import type { Deduction } from "./deduction.ts";
import { Trail } from "./deduction.ts";
import type { Instance } from "./instances.ts";
import type { IstiodView } from "./istiodView.ts";
import { byAge } from "./order.ts";
import type { HeadlessPort } from "./registry/registry.ts";
import { isPublic } from "./registry/registry.ts";
import type { RegistryService } from "./registry/service.ts";
import { portOf } from "./registry/service.ts";
import type { Routes } from "./virtualService.ts";
import { routes } from "./virtualService.ts";
import { serviceHost } from "./vocabulary.ts";

/** What a client's proxy makes of a dial: one of its clusters, or none. */
export type Outbound =
  | { readonly kind: "bypass" }
  | { readonly kind: "unmatched" }
  | { readonly kind: "cluster"; readonly routes: Routes };

export interface Dial {
  readonly view: IstiodView;
  readonly scope: ClientScope;
  readonly client: Instance;
  readonly to: Destination;
  /** the Host header of an HTTP request to an address */
  readonly hostHeader: string | null;
  readonly subset: string | null;
}

function cluster(at: ServiceAndPort, subset: string | null): Outbound {
  return { kind: "cluster", routes: { all: [{ at, subset }], by: null } };
}

/** A subset that was asked for is one that a VirtualService chose already. */
function routed({ view, scope, to, subset }: Dial, at: ServiceAndPort): Deduction<Outbound> {
  const trail = new Trail();
  if (subset !== null || scope.isGateway) return trail.found(cluster(at, subset));
  return trail.found({ kind: "cluster", routes: trail.follow(routes({ view, scope, host: to.host ?? at.service.host, to: { at, subset } })) });
}

const UNMATCHED: Outbound = { kind: "unmatched" };

/** Headless Services with a listener at this address: the client's own private ones, those exported to it by name, public ones; the oldest of each. */
function headlessListener({ view, scope, to }: Dial, address: string): Deduction<HeadlessPort | null> {
  const trail = new Trail();
  const visible = view.registry.headlessAt(address, to.dialledPort).filter((at) => trail.follow(scope.sees(at)));
  const rank = ({ service }: HeadlessPort): number => {
    if (isPublic(service.exportTo.length > 0 ? service.exportTo : view.settings.mesh.defaultServiceExportTo)) return 2;
    return service.namespace === scope.namespace ? 0 : 1;
  };
  const [first] = [...visible].sort((a, b) => rank(a) - rank(b) || byAge(a.service.meta, b.service.meta));
  return { ...trail.found(first ?? null), reasons: [] };
}

/** A dial to an address that no name brought along. */
function byAddress(dial: Dial, address: string): Deduction<Outbound> {
  const trail = new Trail();
  const { view, scope, to, hostHeader } = dial;
  trail.lacks(view.knowledge.gapsAnywhere("Service"));
  const headless = trail.follow(headlessListener(dial, address));
  if (headless !== null) return trail.because("REG-10", { object: headless.service.ref, field: "spec.clusterIP", value: "None" }).found(cluster(headless, null));
  const vip = view.registry.at(address).map((service) => ({ service, port: portOf(service, to.dialledPort) }));
  for (const { service, port } of vip) {
    if (port !== undefined && port.protocol.class !== "UDP" && port.protocol.class !== "HTTP" && trail.follow(scope.sees({ service, port }))) {
      return trail.because("REG-11", { object: service.ref, field: "spec.addresses", value: address }).found(cluster({ service, port }, null));
    }
  }
  if (hostHeader === null || !trail.follow(scope.opensHttp(to.dialledPort))) return trail.because("REG-12").found(UNMATCHED);
  const service = trail.follow(scope.visible(serviceHost(hostHeader), to.dialledPort));
  const port = service === null ? undefined : portOf(service, to.dialledPort);
  if (service === null || port?.protocol.class !== "HTTP") return trail.because("REG-12").found(UNMATCHED);
  return trail.because("REG-13", { object: service.ref, field: "spec.ports" }).found(trail.follow(routed(dial, { service, port })));
}

/** HTTP to a name that only a VirtualService knows: it is routed where port 80 is open for another service. */
function byVirtualServiceOnly({ view, scope, to }: Dial): Deduction<ServiceAndPort | null> {
  const trail = new Trail();
  const { host } = to;
  if (host === null) return trail.found(null);
  if (view.virtualServices.length === 0) return trail.lacks(view.knowledge.gapsAnywhere("VirtualService")).found(null);
  const virtualService = trail.follow(scope.virtualServiceFor(host));
  const imported = trail.follow(scope.virtualServices()).flatMap((one) => scope.routeServices(one));
  const service = trail.follow(scope.exportedOnly(host));
  const port = service === null ? undefined : portOf(service, to.dialledPort);
  if (service === null || port === undefined || port.protocol.class === "UDP" || !imported.includes(service)) return trail.found(null);
  if (scope.isGateway) return trail.because("REG-15", { object: service.ref }).found({ service, port });
  const isRouted = virtualService !== null && port.protocol.class === "HTTP" && to.dialledPort === 80 && trail.follow(scope.opensHttp(80));
  return isRouted ? trail.because("REG-15", { object: virtualService, field: "spec.hosts" }).found({ service, port }) : trail.found(null);
}

/** An alias is routed by its own name for HTTP, by the address of what it stands for otherwise. */
function seesAlias({ scope, to }: Dial, at: ServiceAndPort): Deduction<boolean> {
  const trail = new Trail();
  if (to.host === null || to.host === at.service.host || at.port.protocol.class !== "HTTP") return trail.found(true);
  const imported = trail.follow(scope.imports(at.service.namespace, to.host, to.dialledPort));
  if (!imported) trail.because("REG-14", { object: scope.sidecar, field: "spec.egress", value: to.host });
  return trail.found(imported);
}

function unmatchedName(dial: Dial): Deduction<Outbound> {
  const { to } = dial;
  const [address] = to.addresses;
  return to.service?.headless === true && address !== undefined ? byAddress({ ...dial, hostHeader: null }, address) : { value: UNMATCHED, reasons: [], gaps: [] };
}

function byName(dial: Dial, host: RegistryService["host"]): Deduction<Outbound> {
  const trail = new Trail();
  const { scope, to, subset } = dial;
  if (to.service?.headless === true && to.addresses[0] !== undefined) {
    const headless = trail.follow(headlessListener(dial, to.addresses[0]));
    if (headless !== null) {
      const same = headless.service.host === to.service.host && headless.service.namespace === to.service.namespace;
      if (!same) trail.because("REG-10", { object: headless.service.ref, field: "spec.clusterIP", value: "None" });
      return trail.found(cluster(headless, same ? subset : null));
    }
  }
  const looked = scope.visible(to.service?.host ?? host, to.dialledPort);
  const service = looked.value;
  const port = service === null ? undefined : portOf(service, to.dialledPort);
  if (service !== null && port !== undefined && port.protocol.class !== "UDP") {
    trail.lacks(looked.gaps);
    if (!trail.follow(seesAlias(dial, { service, port }))) return trail.found(UNMATCHED);
    return trail.because("REG-4", { object: service.ref }).found(trail.follow(routed(dial, { service, port })));
  }
  const imported = trail.follow(byVirtualServiceOnly(dial));
  if (imported !== null) return trail.found(trail.follow(routed(dial, imported)));
  trail.follow(looked);
  if (service !== null && port?.protocol.class === "UDP") trail.because("REG-17", { object: service.ref, field: "spec.ports.name" });
  return trail.found(trail.follow(unmatchedName(dial)));
}

function captured({ client, scope, to }: Dial): Deduction<boolean> {
  const trail = new Trail();
  if (scope.isGateway || client.object.kind !== "Pod") return trail.found(true);
  if (to.isOwnAddress) return trail.because("CAP-11", { object: client.object }).found(false);
  return trail.found(trail.follow(capturesOutbound(client.object, { port: to.dialledPort, addresses: to.addresses })));
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
