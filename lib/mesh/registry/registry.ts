import type { Settings } from "../controlPlane.ts";
import { byAge, groupBy, isEmptySelector } from "../order.ts";
import { SelectorIndex } from "../selectorIndex.ts";
import type { Configuration, Labels, WorkloadSelector } from "../snapshot.ts";
import type { ServiceHost } from "../vocabulary.ts";
import type { Endpoints } from "./endpoints.ts";
import type { RegistryPort, RegistryService } from "./service.ts";
import { fromService, fromServiceEntry } from "./service.ts";

/** A port of a Service whose name resolves to pod addresses: proxies have a listener of their own for each address. */
export interface HeadlessPort {
  readonly service: RegistryService;
  readonly port: RegistryPort;
}

/** Every host that istiod knows, before any question of who may see it. */
export class Registry {
  readonly services: readonly RegistryService[];
  readonly endpoints: Endpoints;
  readonly #byHost: ReadonlyMap<ServiceHost, readonly RegistryService[]>;
  #headlessByAddress: ReadonlyMap<string, readonly HeadlessPort[]> | null = null;
  #headlessByPort: ReadonlyMap<number, readonly RegistryService[]> | null = null;
  #httpByPort: ReadonlyMap<number, readonly RegistryService[]> | null = null;
  #byVip: ReadonlyMap<string, readonly RegistryService[]> | null = null;
  #byNamespace: ReadonlyMap<string, readonly RegistryService[]> | null = null;
  #selecting: ReadonlyMap<string, SelectorIndex<RegistryService>> | null = null;
  #byEndpointAddress: ReadonlyMap<string, readonly RegistryService[]> | null = null;

  constructor({ objects, clusterDomain }: Configuration, endpoints: Endpoints, sees: (namespace: string) => boolean) {
    const kubernetes = objects.Service.filter(({ namespace }) => sees(namespace)).map((service) => fromService(service, clusterDomain));
    const entries = objects.ServiceEntry.filter(({ namespace }) => sees(namespace)).flatMap(fromServiceEntry);
    this.services = [...kubernetes, ...entries].sort((a, b) => byAge(a.meta, b.meta));
    this.endpoints = endpoints;
    this.#byHost = groupBy(this.services, ({ host }) => host);
  }

  inNamespace(namespace: string): readonly RegistryService[] {
    this.#byNamespace ??= groupBy(this.services, (service) => service.namespace);
    return this.#byNamespace.get(namespace) ?? [];
  }

  /** All services of a host, oldest first. */
  named(host: ServiceHost): readonly RegistryService[] {
    return this.#byHost.get(host) ?? [];
  }

  /** Ports with listeners at an address, whoever may see them: headless Services whose protocol is not HTTP. */
  headlessAt(address: string, port: number): readonly HeadlessPort[] {
    this.#headlessByAddress ??= this.#indexHeadless();
    return (this.#headlessByAddress.get(address) ?? []).filter(({ port: { number } }) => number === port);
  }

  /** Headless Services that have such a port, whoever their endpoints are. */
  headlessOn(port: number): readonly RegistryService[] {
    this.#headlessByPort ??= groupPairs(this.services.filter(({ headless }) => headless).flatMap((service) => service.ports.filter(isListener).map(({ number }) => [number, service] as const)));
    return this.#headlessByPort.get(port) ?? [];
  }

  /** Services that make proxies open `0.0.0.0:port` for HTTP. */
  httpOn(port: number): readonly RegistryService[] {
    this.#httpByPort ??= groupPairs(this.services.flatMap((service) => service.ports.filter(({ protocol }) => protocol.class === "HTTP").map(({ number }) => [number, service] as const)));
    return this.#httpByPort.get(port) ?? [];
  }

  /** Services whose name resolves to this address. */
  at(address: string): readonly RegistryService[] {
    this.#byVip ??= groupPairs(this.services.flatMap((service) => service.addresses.map((vip) => [vip, service] as const)));
    return this.#byVip.get(address) ?? [];
  }

  /** Services and ServiceEntries of a namespace whose selector matches, oldest first. */
  selecting(namespace: string, labels: Labels): readonly RegistryService[] {
    this.#selecting ??= new Map([...groupBy(this.services, (service) => service.namespace)].map(([name, all]) => [name, new SelectorIndex(all, (service) => selectorOf(service) ?? {})]));
    return this.#selecting.get(namespace)?.matching(labels) ?? [];
  }

  /** Services of a namespace without selector that have one of these addresses as an endpoint. */
  byAddressOnly(namespace: string, addresses: readonly string[]): readonly RegistryService[] {
    this.#byEndpointAddress ??= this.#indexUnselective();
    const index = this.#byEndpointAddress;
    if (index.size === 0) return [];
    return [...new Set(addresses.flatMap((address) => index.get(`${namespace}/${address}`) ?? []))];
  }

  #indexUnselective(): ReadonlyMap<string, readonly RegistryService[]> {
    const unselective = this.services.filter((service) => service.resolution !== "ALIAS" && isEmptySelector(selectorOf(service)));
    return groupPairs(
      unselective.flatMap((service) => {
        const addresses = new Set(service.ports.flatMap((port) => this.endpoints.of(service, port).map(({ address }) => address)));
        return [...addresses].map((address) => [`${service.namespace}/${address}`, service] as const);
      }),
    );
  }

  #indexHeadless(): ReadonlyMap<string, readonly HeadlessPort[]> {
    const found = this.services
      .filter(({ headless }) => headless)
      .flatMap((service) =>
        service.ports
          .filter(isListener)
          .flatMap((port) => this.endpoints.of(service, port).map(({ address }) => [address, { service, port }] as const)),
      );
    return groupPairs(found);
  }
}

/** Proxies listen at each address of a headless Service, except for HTTP. */
function isListener({ protocol }: RegistryPort): boolean {
  return protocol.class === "TCP" || protocol.class === "AUTO";
}

function selectorOf({ source }: RegistryService): WorkloadSelector {
  return source.kind === "Service" ? source.selector : source.workloadSelector;
}

function groupPairs<K, T>(pairs: readonly (readonly [K, T])[]): ReadonlyMap<K, readonly T[]> {
  return new Map([...groupBy(pairs, ([key]) => key)].map(([key, group]) => [key, group.map(([, item]) => item)]));
}

const ALL = "*";
const OWN = ".";
const NOBODY = "~";

export function isPublic(exportTo: readonly string[]): boolean {
  return exportTo.includes(ALL);
}

/** Whether an export list, as one namespace wrote it, names another. `~` beside others hides all the same. */
export function exports(exportTo: readonly string[], owner: string, reader: string): boolean {
  if (isPublic(exportTo)) return true;
  return !exportTo.includes(NOBODY) && (exportTo.includes(reader) || (exportTo.includes(OWN) && owner === reader));
}

/** The mesh's default list, as istiod before 1.30.3 read it: only `.` and `*` counted, else nothing was exported. */
function oldDefault(written: readonly string[]): readonly string[] {
  if (written.includes(OWN)) return [OWN];
  return written.includes(ALL) ? [ALL] : [NOBODY];
}

export interface Exported {
  readonly namespace: string;
  readonly exportTo: readonly string[];
}

/** Whether a namespace may see an object, by its own list or the mesh's default. */
export function isExported({ namespace, exportTo }: Exported, reader: string, settings: { readonly byDefault: readonly string[]; readonly of: Settings }) {
  if (exportTo.length > 0) return { value: exports(exportTo, namespace, reader), reasons: [], gaps: [] };
  const { byDefault, of } = settings;
  return of.since("1.30.3", exports(byDefault, namespace, reader), exports(oldDefault(byDefault), namespace, reader));
}
