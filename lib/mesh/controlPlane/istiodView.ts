import { AuthorizationPolicies } from "../authorization/authorizationPolicies.ts";
import type { OutboundCapture } from "../client/outboundCapture.ts";
import { outboundCapture } from "../client/outboundCapture.ts";
import type { Settings } from "./controlPlane.ts";
import { discovers } from "./controlPlane.ts";
import type { Deduction } from "../deduction.ts";
import { Derivations } from "../change/derivations.ts";
import { DestinationRules } from "../client/destinationRule.ts";
import { Dials } from "../ways/dials.ts";
import type { InstanceClass, Instances } from "../instances/instances.ts";
import type { Knowledge } from "./knowledge.ts";
import { byAge, groupBy, memoised, selects } from "../order.ts";
import { PeerAuthentications } from "../server/peerAuthentication.ts";
import type { Endpoint } from "../registry/endpoint.ts";
import { Endpoints } from "../registry/endpoints.ts";
import { Registry } from "../registry/registry.ts";
import { ServiceIndex } from "../registry/serviceIndex.ts";
import { SliceIndex } from "../registry/sliceIndex.ts";
import { Sidecars } from "../client/sidecarScope.ts";
import type { Configuration, EnvoyFilter, Labels, MeshConfig, Namespace, ObjectKind, VirtualService } from "../snapshot.ts";
import { VirtualServices } from "../client/virtualServices.ts";
import type { Gap } from "../verdict.ts";
import type { PeerMode } from "../vocabulary.ts";

const NO_LABELS: Labels = {};
const NO_GAPS: readonly Gap[] = [];

type Namespaces = ReadonlyMap<string, Namespace>;

/** Which objects istiod looks at: those of the namespaces it discovers. */
type Discover = <T extends { readonly namespace: string }>(kind: ObjectKind, all: readonly T[]) => readonly T[];

function discovery(derived: Derivations, { discoverySelectors: selectors }: MeshConfig, namespaces: Namespaces): Discover {
  if (selectors.length === 0) return (_, all) => all;
  const sees = derived.of("discovered namespaces", [selectors, namespaces], () => memoised((namespace: string) => discovers(selectors, namespaces.get(namespace)?.labels ?? NO_LABELS)));
  return (kind, all) => derived.of(`discovered ${kind}`, [all, sees], () => all.filter(({ namespace }) => sees(namespace)));
}

/** What the view of one istiod is made from. */
export interface Source {
  readonly configuration: Configuration;
  readonly knowledge: Knowledge;
  readonly instances: Instances;
  readonly settings: Settings;
  /** the same istiod's view of the configuration before */
  readonly before: IstiodView | null;
}

function registryOf(derived: Derivations, { configuration: { objects, clusterDomain }, instances, knowledge }: Source, discover: Discover): Registry {
  const services = discover("Service", objects.Service);
  const entries = discover("ServiceEntry", objects.ServiceEntry);
  const index = derived.of("services", [services, entries, clusterDomain], () => new ServiceIndex({ services, entries, clusterDomain }));
  const slices = discover("EndpointSlice", objects.EndpointSlice);
  const sliceIndex = derived.of("slices", [slices], () => new SliceIndex(slices));
  return derived.of("registry", [index, sliceIndex, instances, knowledge], () => new Registry(index, new Endpoints({ instances, knowledge, slices: sliceIndex })));
}

function isForMesh({ gateways }: VirtualService): boolean {
  return gateways.length === 0 || gateways.includes("mesh");
}

function captureOf({ representative }: InstanceClass): OutboundCapture | null {
  return representative.kind === "Pod" ? outboundCapture(representative) : null;
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
  readonly dials: Dials;
  readonly peerAuthentications: PeerAuthentications;
  readonly destinationRules: DestinationRules;
  readonly sidecars: Sidecars;
  readonly virtualServices: VirtualServices;
  /** all of them by name, whether this istiod looks into them or not */
  readonly namespaces: Namespaces;
  /** of the namespaces that it looks into */
  readonly authorizationPolicies: AuthorizationPolicies;
  /** what a client's redirection was told of what leaves it */
  readonly outboundCapture: (of: InstanceClass) => OutboundCapture | null;
  readonly #peerMode = memoised((endpoint: Endpoint) => this.peerAuthentications.mode(endpoint, endpoint.targetPort));
  /** by namespace */
  readonly envoyFilters: ReadonlyMap<string, readonly EnvoyFilter[]>;
  readonly #derived: Derivations;
  readonly #derivedFromAll: Derivations | null;

  constructor(source: Source) {
    const { configuration, knowledge, instances, settings, before } = source;
    const { objects, clusterDomain } = configuration;
    this.configuration = configuration;
    this.knowledge = knowledge;
    this.instances = instances;
    this.settings = settings;
    const derived = new Derivations(before === null ? null : before.#derived);
    this.#derived = derived;
    this.namespaces = derived.of("namespaces", [objects.Namespace], () => new Map(objects.Namespace.map((namespace) => [namespace.name, namespace])));
    const discover = discovery(derived, settings.mesh, this.namespaces);
    this.registry = registryOf(derived, source, discover);
    this.#derivedFromAll = settings.mesh.discoverySelectors.length === 0 ? null : new Derivations(before === null ? null : before.#derivedFromAll);
    this.everything = this.#derivedFromAll === null ? this.registry : registryOf(this.#derivedFromAll, source, (_, all) => all);
    this.#derivedFromAll?.close();
    const { everything } = this;
    this.dials = derived.of("dials", [everything, instances, knowledge], () => new Dials({ everything, instances, knowledge }));
    const policies = discover("PeerAuthentication", objects.PeerAuthentication);
    this.peerAuthentications = derived.of("PeerAuthentications", [policies, settings, knowledge], () => new PeerAuthentications(policies, settings, knowledge));
    const rules = discover("DestinationRule", objects.DestinationRule);
    this.destinationRules = derived.of("DestinationRules", [rules, clusterDomain, settings, knowledge], () => new DestinationRules(rules, clusterDomain, { settings, knowledge }));
    const sidecars = discover("Sidecar", objects.Sidecar);
    this.sidecars = derived.of("Sidecars", [sidecars, settings, knowledge], () => new Sidecars(sidecars, settings, knowledge));
    const virtualServices = discover("VirtualService", objects.VirtualService);
    this.virtualServices = derived.of("VirtualServices", [virtualServices, clusterDomain], () => new VirtualServices(virtualServices.filter(isForMesh).sort(byAge), clusterDomain));
    const authorizationPolicies = discover("AuthorizationPolicy", objects.AuthorizationPolicy);
    // what was answered is kept by class of instance, so no longer than the instances are
    this.authorizationPolicies = derived.of("AuthorizationPolicies", [authorizationPolicies, instances, settings, knowledge], () => new AuthorizationPolicies(authorizationPolicies, settings, knowledge));
    this.outboundCapture = derived.of("outbound capture", [instances], () => memoised(captureOf));
    const envoyFilters = discover("EnvoyFilter", objects.EnvoyFilter);
    this.envoyFilters = derived.of("EnvoyFilters", [envoyFilters], () => groupBy(envoyFilters, ({ namespace }) => namespace));
    derived.close();
  }

  /** Whether this istiod looks into a namespace: what is written elsewhere does nothing. */
  reads(namespace: string): boolean {
    return discovers(this.settings.mesh.discoverySelectors, this.namespaces.get(namespace)?.labels ?? NO_LABELS);
  }

  /** What PeerAuthentications say of an endpoint, by the labels and namespace that clients are told. */
  peerModeOf(endpoint: Endpoint): Deduction<PeerMode> {
    return this.#peerMode(endpoint);
  }

  /** EnvoyFilters that touch the transport of a proxy in this direction: after them nothing is sure. */
  envoyFilterGaps(of: InstanceClass, context: string): readonly Gap[] {
    if (this.envoyFilters.size === 0 && this.knowledge.isComplete) return NO_GAPS;
    const namespaces = [...new Set([of.namespace, this.settings.mesh.rootNamespace])];
    const unread = namespaces.flatMap((namespace) => this.knowledge.gaps("EnvoyFilter", namespace));
    const touching = namespaces
      .flatMap((namespace) => this.envoyFilters.get(namespace) ?? [])
      .filter(({ workloadSelector, patches }) => selects(workloadSelector ?? NO_LABELS, of.labels) && patches.some((patch) => patch.touchesTransport && (patch.context === "ANY" || patch.context === context)));
    return [...unread, ...touching.map((filter) => ({ wanted: "what the proxy really does", because: `\`EnvoyFilter\` \`${filter.namespace}/${filter.name}\` changes its transport` }))];
  }
}
