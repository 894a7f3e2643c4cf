import type { IstiodView } from "../controlPlane/istiodView.ts";
import { isPublic } from "../registry/registry.ts";
import type { RegistryService } from "../registry/service.ts";

/** A VirtualService may be exported to some namespaces only, and so may what it sends to. */
function isRouted(view: Pick<IstiodView, "virtualServices">, { host }: RegistryService): boolean {
  return view.virtualServices.hosts.holds(host);
}

/** Endpoints that are told of in another namespace have policies that not every client knows. */
function isServedAtHome({ registry }: Pick<IstiodView, "registry">, service: RegistryService): boolean {
  const { source } = service;
  if (source.kind === "Service" && !registry.endpoints.slices.isOutward(source)) return true;
  return service.ports.every((port) => registry.endpoints.of(service, port).every(({ namespace }) => namespace === service.namespace));
}

/**
 * Whether a dial of a service by its name means the same to every namespace that has no Sidecar and no DestinationRule of its own for it:
 * all see the service, it is the only one of its name, nothing routes it elsewhere, and rules for it are exported to all.
 */
export function isForAllReaders(view: Pick<IstiodView, "registry" | "settings" | "destinationRules" | "virtualServices">, service: RegistryService): boolean {
  const { registry, settings, destinationRules } = view;
  const named = registry.named(service.host);
  if (named.length !== 1 || named[0] !== service || service.headless || service.resolution === "ALIAS") return false;
  const exportTo = service.exportTo.length > 0 ? service.exportTo : settings.mesh.defaultServiceExportTo;
  return isPublic(exportTo) && !isRouted(view, service) && destinationRules.areForAllReaders(service) && isServedAtHome(view, service);
}
