import type { OutboundCapture } from "./capture.ts";
import { outboundCapture } from "./capture.ts";
import type { Settings } from "./controlPlane.ts";
import { discovers } from "./controlPlane.ts";
import { DestinationRules } from "./destinationRule.ts";
import type { InstanceClass, Instances } from "./instances.ts";
import type { Knowledge } from "./knowledge.ts";
import { byAge, groupBy, memoised, selects } from "./order.ts";
import { PeerAuthentications } from "./peerAuthentication.ts";
import { Endpoints } from "./registry/endpoints.ts";
import { Registry } from "./registry/registry.ts";
import { Sidecars } from "./sidecarScope.ts";
import type { AuthorizationPolicy, Configuration, EnvoyFilter, Labels, Namespace, VirtualService } from "./snapshot.ts";
import type { Gap } from "./verdict.ts";

const NO_LABELS: Labels = {};
const NO_GAPS: readonly Gap[] = [];

function namespaceFilter({ objects }: Configuration, settings: Settings): (namespace: string) => boolean {
  const selectors = settings.mesh.discoverySelectors;
  if (selectors.length === 0) return () => true;
  const labels = new Map(objects.Namespace.map((namespace) => [namespace.name, namespace.labels]));
  return memoised((namespace: string) => discovers(selectors, labels.get(namespace) ?? NO_LABELS));
}

interface Source {
  readonly configuration: Configuration;
  readonly knowledge: Knowledge;
  readonly instances: Instances;
  readonly settings: Settings;
}

/** The configuration as istiod of one revision sees it, indexed. Everything here is computed at most once. */
export class IstiodView {
  readonly configuration: Configuration;
  readonly knowledge: Knowledge;
  readonly instances: Instances;
  readonly settings: Settings;
  readonly registry: Registry;
  /** what exists, whether istiod looks into its namespace or not: names resolve all the same */
  readonly everything: Registry;
  readonly peerAuthentications: PeerAuthentications;
  readonly destinationRules: DestinationRules;
  readonly sidecars: Sidecars;
  /** for traffic inside the mesh, oldest first */
  readonly virtualServices: readonly VirtualService[];
  readonly namespaces: ReadonlyMap<string, Namespace>;
  readonly authorizationPolicies: ReadonlyMap<string, readonly AuthorizationPolicy[]>;
  readonly #capture = memoised(({ representative }: InstanceClass) => (representative.kind === "Pod" ? outboundCapture(representative) : null));
  readonly #envoyFilters: ReadonlyMap<string, readonly EnvoyFilter[]>;

  constructor({ configuration, knowledge, instances, settings }: Source) {
    const { objects, clusterDomain } = configuration;
    const sees = namespaceFilter(configuration, settings);
    const seen = <T extends { readonly namespace: string }>(all: readonly T[]): readonly T[] => all.filter(({ namespace }) => sees(namespace));
    this.configuration = configuration;
    this.knowledge = knowledge;
    this.instances = instances;
    this.settings = settings;
    const endpoints = new Endpoints({ instances, knowledge, slices: seen(objects.EndpointSlice) });
    this.registry = new Registry(configuration, endpoints, sees);
    this.everything = settings.mesh.discoverySelectors.length === 0 ? this.registry : new Registry(configuration, new Endpoints({ instances, knowledge, slices: objects.EndpointSlice }), () => true);
    this.peerAuthentications = new PeerAuthentications(seen(objects.PeerAuthentication), settings, knowledge);
    this.destinationRules = new DestinationRules(seen(objects.DestinationRule), clusterDomain, { settings, knowledge });
    this.sidecars = new Sidecars(seen(objects.Sidecar), settings, knowledge);
    this.virtualServices = seen(objects.VirtualService).filter(({ gateways }) => gateways.length === 0 || gateways.includes("mesh")).sort(byAge);
    this.namespaces = new Map(objects.Namespace.map((namespace) => [namespace.name, namespace]));
    this.authorizationPolicies = groupBy([...seen(objects.AuthorizationPolicy)].sort(byAge), ({ namespace }) => namespace);
    this.#envoyFilters = groupBy(seen(objects.EnvoyFilter), ({ namespace }) => namespace);
  }

  outboundCapture(of: InstanceClass): OutboundCapture | null {
    return this.#capture(of);
  }

  /** EnvoyFilters that touch the transport of a proxy in this direction: after them nothing is sure. */
  envoyFilterGaps(of: InstanceClass, context: string): readonly Gap[] {
    if (this.#envoyFilters.size === 0 && this.knowledge.isComplete) return NO_GAPS;
    const namespaces = [...new Set([of.namespace, this.settings.mesh.rootNamespace])];
    const unread = namespaces.flatMap((namespace) => this.knowledge.gaps("EnvoyFilter", namespace));
    const touching = namespaces
      .flatMap((namespace) => this.#envoyFilters.get(namespace) ?? [])
      .filter(({ workloadSelector, patches }) => selects(workloadSelector ?? NO_LABELS, of.labels) && patches.some((patch) => patch.touchesTransport && (patch.context === "ANY" || patch.context === context)));
    return [...unread, ...touching.map((filter) => ({ wanted: "what the proxy really does", because: `\`EnvoyFilter\` \`${filter.namespace}/${filter.name}\` changes its transport` }))];
  }
}
