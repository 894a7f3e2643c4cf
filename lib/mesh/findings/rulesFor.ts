import type { MergedRule } from "../client/mergedRule.ts";
import { tlsMode } from "../client/clientTls.ts";
import { isWildcard, matchesHost, resolveHost } from "../host.ts";
import type { Instance } from "../instances/instances.ts";
import type { IstiodView } from "../controlPlane/istiodView.ts";
import { groupBy, isEmptySelector, memoised, selects } from "../order.ts";
import type { RegistryService } from "../registry/service.ts";
import type { DestinationRule } from "../snapshot.ts";
import type { ClientMode, ServiceHost, Transport } from "../vocabulary.ts";
import type { Clients } from "./finding.ts";
import type { Caller, Fate, Survey, Way } from "./survey.ts";

/** A DestinationRule and its host in full. */
export interface HostedRule {
  readonly rule: DestinationRule;
  readonly host: string;
}

/** Where a service is looked for: who asks, and on whose behalf. */
export interface Asker {
  readonly caller: Caller;
  readonly clients: Clients;
}

/** An endpoint of a service port, once for each kind of workload. */
export interface Served extends Way {
  readonly server: Instance;
}

const TAKEN: ReadonlySet<Transport | null> = new Set(["mTLS", "plaintext", "tls"]);

function refersTls({ trafficPolicy, subsets }: DestinationRule): boolean {
  const policies = [trafficPolicy, ...subsets.map((subset) => subset.trafficPolicy)];
  return policies.some((policy) => policy !== null && (policy.tls !== null || policy.portLevelSettings.some(({ tls }) => tls !== null)));
}

/** The TLS that a rule writes anywhere; a rule without leaves it to others. */
function written({ trafficPolicy, subsets }: DestinationRule): string {
  const policies = [trafficPolicy, ...subsets.map((subset) => subset.trafficPolicy)].filter((policy) => policy !== null);
  const blocks = policies.flatMap((policy) => [policy.tls, ...policy.portLevelSettings.map(({ tls }) => tls)]);
  return JSON.stringify(blocks.map((tls) => (tls === null ? null : tlsMode(tls))));
}

/** DestinationRules by the services that their hosts mean. */
export class RulesFor {
  readonly all: readonly HostedRule[];
  readonly #exact: ReadonlyMap<string, readonly HostedRule[]>;
  readonly #wildcards: readonly HostedRule[];
  readonly view: IstiodView;
  readonly #survey: Survey;
  readonly modesOf = memoised(written);
  readonly hasTls = memoised(refersTls);
  readonly #own = new Map<string, readonly Asker[]>();
  readonly #balking = new Map<RegistryService, Map<ClientMode, boolean>>();
  readonly #fates = new Map<string, Fate | null>();
  #routed: readonly string[] | null = null;
  readonly #served = new Map<RegistryService, readonly Served[]>();

  constructor(survey: Survey, view: IstiodView) {
    const { objects, clusterDomain } = view.configuration;
    this.view = view;
    this.#survey = survey;
    this.all = objects.DestinationRule.map((rule) => ({ rule, host: resolveHost(rule.host, rule.namespace, clusterDomain) }));
    this.#exact = groupBy(this.all.filter(({ host }) => !isWildcard(host)), ({ host }) => host);
    this.#wildcards = this.all.filter(({ host }) => isWildcard(host));
  }

  /** Rules whose host means a service, whoever may see them. */
  matching(host: ServiceHost): readonly HostedRule[] {
    return [...(this.#exact.get(host) ?? []), ...this.#wildcards.filter((one) => matchesHost(one.host, host))];
  }

  services(host: string): readonly RegistryService[] {
    const { registry } = this.view;
    return isWildcard(host) ? registry.services.filter((service) => matchesHost(host, service.host)) : registry.named(host as ServiceHost);
  }

  /** What a client's proxy goes by. */
  inForce({ caller }: Asker, service: RegistryService): MergedRule | null {
    const found = this.view.destinationRules.of(this.#survey.callerOf(caller).class, service);
    return found.gaps.length > 0 ? null : found.value;
  }

  /** Whose rule it is: of clients of its own namespace, and of everybody where the service's or the root namespace holds it. */
  askers({ rule }: HostedRule, service: RegistryService, revision: string): readonly Asker[] {
    const { namespace, workloadSelector } = rule;
    const { rootNamespace } = this.view.settings.mesh;
    const selected = isEmptySelector(workloadSelector) ? undefined : this.#survey.clientsIn(namespace).find(({ of }) => selects(workloadSelector ?? {}, of.labels));
    if (workloadSelector !== null && !isEmptySelector(workloadSelector)) {
      return selected === undefined ? [] : [{ caller: { namespace, revision, as: selected.one }, clients: { kind: "selected", namespace } }];
    }
    const isForAll = namespace === service.namespace || namespace === rootNamespace;
    return [...(isForAll ? [{ caller: { namespace: "", revision }, clients: { kind: "all" } } as const] : []), ...this.ownClients(namespace, revision)];
  }

  ownClients(namespace: string, revision: string): readonly Asker[] {
    const known = this.#own.get(`${namespace} ${revision}`) ?? this.#ownClients(namespace, revision);
    this.#own.set(`${namespace} ${revision}`, known);
    return known;
  }

  /** Endpoints that would not take what a mode sends as it is meant. */
  balks(service: RegistryService, sends: ClientMode): boolean {
    const known = this.#balking.get(service) ?? new Map<ClientMode, boolean>();
    this.#balking.set(service, known);
    const balks = known.get(sends) ?? this.served(service).some(({ server, targetPort }) => !TAKEN.has(this.#survey.arrival(server, targetPort, sends)));
    known.set(sends, balks);
    return balks;
  }

  #ownClients(namespace: string, revision: string): readonly Asker[] {
    const clients = this.#survey.clientsIn(namespace);
    const plane = clients.some(({ of }) => of.dataPlaneMode === "sidecar") ? "sidecar" : clients[0]?.of.dataPlaneMode;
    return plane === undefined ? [] : [{ caller: { namespace, revision, plane }, clients: { kind: "namespace", namespace } }];
  }

  /** The endpoints of a service: one of each kind and port. */
  served(service: RegistryService): readonly Served[] {
    const known = this.#served.get(service) ?? service.ports.flatMap((port) => this.#endpoints(service, port));
    this.#served.set(service, known);
    return known;
  }

  /** What becomes of a dial under one TLS block. Endpoints of one kind share the answer, unless a VirtualService has a word on the host. */
  fate({ caller }: Asker, served: Served, by: { readonly subset: string | null; readonly block: string }): Fate | null {
    const asked = by.subset === null ? caller : { ...caller, subset: by.subset };
    if (this.#isRouted(served.service.host)) return this.#survey.fate(served, served.server, asked);
    const { dataPlaneMode, tlsMode, tunnel, revision } = served.server.class;
    const { inbound } = this.#survey.engine.seenBy(served.server.class);
    const protocol = inbound.protocol(served.server, served.targetPort).value.class;
    const mode = inbound.mode(served.server, served.targetPort);
    const at = [served.service.resolution, served.service.external, dataPlaneMode, tlsMode, tunnel, revision, mode.value, mode.gaps.length > 0, protocol];
    const key = JSON.stringify([caller.namespace, caller.revision, caller.as?.told.ref, by, mode.value === "GATEWAY" ? served.server.class.id : 0, at]);
    const known = this.#fates.get(key);
    if (known !== undefined) return known;
    const fate = this.#survey.fate(served, served.server, asked);
    this.#fates.set(key, fate);
    return fate;
  }

  #isRouted(host: ServiceHost): boolean {
    const { virtualServices } = this.view;
    this.#routed ??= virtualServices.all.flatMap(virtualServices.hostsOf);
    return this.#routed.some((pattern) => matchesHost(pattern, host));
  }

  #endpoints(service: RegistryService, port: RegistryService["ports"][number]): readonly Served[] {
    const seen = new Map<string, Served>();
    for (const { instance, targetPort } of this.view.registry.endpoints.of(service, port)) {
      if (instance !== null) seen.set(`${instance.class.id} ${targetPort} ${instance.told.workload}`, { service, port, targetPort, server: instance });
    }
    return [...seen.values()];
  }
}
