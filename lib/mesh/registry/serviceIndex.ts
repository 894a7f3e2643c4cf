import { byAge, groupBy, isEmptySelector, memoised } from "../order.ts";
import { SelectorIndex } from "../selectorIndex.ts";
import type { Labels, Service, ServiceEntry, WorkloadSelector } from "../snapshot.ts";
import type { ServiceHost } from "../vocabulary.ts";
import type { RegistryPort, RegistryService } from "./service.ts";
import { fromService, fromServiceEntry, isPartOf } from "./service.ts";

interface Objects {
  readonly services: readonly Service[];
  readonly entries: readonly ServiceEntry[];
  readonly clusterDomain: string;
}

/** Of entries that are one, whether that is outside the mesh is said by the oldest. */
function together(all: readonly RegistryService[], mayMeet: boolean): readonly RegistryService[] {
  if (!mayMeet) return all;
  const byHost = groupBy(all.filter(({ source }) => source.kind === "ServiceEntry"), ({ host, namespace }) => `${namespace}/${host}`);
  return all.map((one) => {
    const first = byHost.get(`${one.namespace}/${one.host}`)?.find((other) => isPartOf(other, one));
    return first === undefined || first.external === one.external ? one : { ...one, external: first.external };
  });
}

/** Hosts by what Services and ServiceEntries alone say of them. */
export class ServiceIndex {
  /** oldest first */
  readonly all: readonly RegistryService[];
  readonly #byHost: ReadonlyMap<ServiceHost, readonly RegistryService[]>;
  readonly #byNamespace: ReadonlyMap<string, readonly RegistryService[]>;
  readonly #selecting = memoised((namespace: string) => new SelectorIndex(this.inNamespace(namespace), (service) => selectorOf(service) ?? {}));
  #headless: readonly RegistryService[] | null = null;
  #unselective: readonly RegistryService[] | null = null;
  #aliases: readonly RegistryService[] | null = null;
  #inlined: readonly RegistryService[] | null = null;
  #headlessByPort: ReadonlyMap<number, readonly RegistryService[]> | null = null;
  #httpByPort: ReadonlyMap<number, readonly RegistryService[]> | null = null;
  #byVip: ReadonlyMap<string, readonly RegistryService[]> | null = null;

  constructor({ services, entries, clusterDomain }: Objects) {
    const found = [...services.map((service) => fromService(service, clusterDomain)), ...entries.flatMap(fromServiceEntry)].sort((a, b) => byAge(a.meta, b.meta));
    this.all = together(found, entries.length > 1);
    this.#byHost = groupBy(this.all, ({ host }) => host);
    this.#byNamespace = groupBy(this.all, ({ namespace }) => namespace);
  }

  inNamespace(namespace: string): readonly RegistryService[] {
    return this.#byNamespace.get(namespace) ?? [];
  }

  named(host: ServiceHost): readonly RegistryService[] {
    return this.#byHost.get(host) ?? [];
  }

  selecting(namespace: string, labels: Labels): readonly RegistryService[] {
    return this.#selecting(namespace).matching(labels);
  }

  get headless(): readonly RegistryService[] {
    this.#headless ??= this.all.filter(({ headless }) => headless);
    return this.#headless;
  }

  /** Those whose endpoints no selector finds. */
  get unselective(): readonly RegistryService[] {
    this.#unselective ??= this.all.filter((service) => service.resolution !== "ALIAS" && isEmptySelector(selectorOf(service)));
    return this.#unselective;
  }

  get aliases(): readonly RegistryService[] {
    this.#aliases ??= this.all.filter(({ resolution }) => resolution === "ALIAS");
    return this.#aliases;
  }

  /** Those that write their endpoints themselves, by address. */
  get inlined(): readonly RegistryService[] {
    this.#inlined ??= this.all.filter(({ source }) => source.kind === "ServiceEntry" && source.endpoints.length > 0);
    return this.#inlined;
  }

  headlessOn(port: number): readonly RegistryService[] {
    this.#headlessByPort ??= groupPairs(this.headless.flatMap((service) => service.ports.filter(isListener).map(({ number }) => [number, service] as const)));
    return this.#headlessByPort.get(port) ?? [];
  }

  httpOn(port: number): readonly RegistryService[] {
    this.#httpByPort ??= groupPairs(this.all.flatMap((service) => service.ports.filter(({ protocol }) => protocol.class === "HTTP").map(({ number }) => [number, service] as const)));
    return this.#httpByPort.get(port) ?? [];
  }

  at(address: string): readonly RegistryService[] {
    this.#byVip ??= groupPairs(this.all.flatMap((service) => service.addresses.map((vip) => [vip, service] as const)));
    return this.#byVip.get(address) ?? [];
  }
}

/** Proxies listen at each address of a headless Service, except for HTTP. */
export function isListener({ protocol }: RegistryPort): boolean {
  return protocol.class === "TCP" || protocol.class === "AUTO";
}

function selectorOf({ source }: RegistryService): WorkloadSelector {
  return source.kind === "Service" ? source.selector : source.workloadSelector;
}

export function groupPairs<K, T>(pairs: Iterable<readonly [K, T]>): ReadonlyMap<K, readonly T[]> {
  const groups = new Map<K, T[]>();
  for (const [key, one] of pairs) {
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [one]);
    else group.push(one);
  }
  return groups;
}
