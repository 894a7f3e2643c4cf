import { ClientScopes } from "../client/clientScope.ts";
import { DeclaredPorts } from "../server/declaredPorts.ts";
import { Derivations } from "../change/derivations.ts";
import { ServiceIdentities } from "../joining/identity.ts";
import { Inbound } from "../server/inbound.ts";
import type { Source } from "./istiodView.ts";
import { IstiodView } from "./istiodView.ts";
import { clientKeys, SendingClasses } from "../ways/sendingClass.ts";

/** What one istiod's proxies go by. */
export interface Revision {
  readonly view: IstiodView;
  readonly inbound: Inbound;
  readonly scopes: ClientScopes;
  readonly identities: ServiceIdentities;
  readonly sending: SendingClasses;
  readonly derived: Derivations;
}

/** @param before the same istiod's, of the configuration before: what is derived from what did not change is kept */
export function openRevision(source: Omit<Source, "before">, before: Revision | null): Revision {
  const view = new IstiodView({ ...source, before: before?.view ?? null });
  const derived = new Derivations(before?.derived ?? null);
  const { registry, settings, knowledge, instances, sidecars, virtualServices, destinationRules, envoyFilters, outboundCapture } = view;
  const { objects, clusterDomain } = source.configuration;
  const { index: services } = registry;
  const scopes = derived.of("scopes", [services, sidecars, virtualServices, settings, knowledge, clusterDomain], () => new ClientScopes({ services, sidecars, virtualServices, settings, knowledge, clusterDomain }));
  const identities = derived.of("identities", [registry], () => new ServiceIdentities(registry));
  const declared = derived.of("declared ports", [registry, sidecars, settings, knowledge, instances], () => new DeclaredPorts({ registry, sidecars, settings, knowledge }));
  const keys = derived.of("client keys", [objects.DestinationRule, objects.EnvoyFilter, objects.Sidecar], () => clientKeys(objects));
  const sending = derived.of("sending", [scopes, registry, instances, destinationRules, virtualServices, envoyFilters, settings, knowledge, keys], () =>
    new SendingClasses({ registry, destinationRules, virtualServices, envoyFilters, settings, knowledge, outboundCapture }, scopes, keys),
  );
  derived.close();
  return { view, scopes, identities, sending, derived, inbound: new Inbound(view, declared) };
}
