import type { Settings } from "../controlPlane/controlPlane.ts";
import type { Labels } from "../snapshot.ts";
import type { ServiceHost } from "../vocabulary.ts";
import type { Endpoints } from "./endpoints.ts";
import type { RegistryPort, RegistryService } from "./service.ts";
import type { ServiceIndex } from "./serviceIndex.ts";
import { groupPairs, isListener } from "./serviceIndex.ts";

/** A port of a Service whose name resolves to pod addresses: proxies have a listener of their own for each address. */
export interface HeadlessPort {
  readonly service: RegistryService;
  readonly port: RegistryPort;
}

/** Every host that istiod knows, before any question of who may see it. */
export class Registry {
  readonly endpoints: Endpoints;
  /** hosts, whoever their endpoints are */
  readonly index: ServiceIndex;
  #headlessByAddress: ReadonlyMap<string, readonly HeadlessPort[]> | null = null;
  #byEndpointAddress: ReadonlyMap<string, readonly RegistryService[]> | null = null;

  constructor(index: ServiceIndex, endpoints: Endpoints) {
    this.index = index;
    this.endpoints = endpoints;
  }

  /** oldest first */
  get services(): readonly RegistryService[] {
    return this.index.all;
  }

  inNamespace(namespace: string): readonly RegistryService[] {
    return this.index.inNamespace(namespace);
  }

  /** All services of a host, oldest first. */
  named(host: ServiceHost): readonly RegistryService[] {
    return this.index.named(host);
  }

  /** Ports with listeners at an address, whoever may see them: headless Services whose protocol is not HTTP. */
  headlessAt(address: string, port: number): readonly HeadlessPort[] {
    return (this.headlessByAddress.get(address) ?? []).filter(({ port: { number } }) => number === port);
  }

  /** Headless Services that have such a port, whoever their endpoints are. */
  headlessOn(port: number): readonly RegistryService[] {
    return this.index.headlessOn(port);
  }

  /** Services whose name resolves to this address. */
  at(address: string): readonly RegistryService[] {
    return this.index.at(address);
  }

  /** Services and ServiceEntries of a namespace whose selector matches, oldest first. */
  selecting(namespace: string, labels: Labels): readonly RegistryService[] {
    return this.index.selecting(namespace, labels);
  }

  /** Services of a namespace without selector that have one of these addresses as an endpoint. */
  byAddressOnly(namespace: string, addresses: readonly string[]): readonly RegistryService[] {
    this.#byEndpointAddress ??= this.#indexUnselective();
    const index = this.#byEndpointAddress;
    if (index.size === 0) return [];
    return [...new Set(addresses.flatMap((address) => index.get(`${namespace}/${address}`) ?? []))];
  }

  #indexUnselective(): ReadonlyMap<string, readonly RegistryService[]> {
    return groupPairs(
      this.index.unselective.flatMap((service) => {
        const addresses = new Set(service.ports.flatMap((port) => this.endpoints.of(service, port).map(({ address }) => address)));
        return [...addresses].map((address) => [`${service.namespace}/${address}`, service] as const);
      }),
    );
  }

  get headlessByAddress(): ReadonlyMap<string, readonly HeadlessPort[]> {
    this.#headlessByAddress ??= this.#indexHeadless();
    return this.#headlessByAddress;
  }

  get aliases(): readonly RegistryService[] {
    return this.index.aliases;
  }

  /** Services that may have any instance for an endpoint: found by address, or named from another namespace. */
  get outward(): readonly RegistryService[] {
    const { slices } = this.endpoints;
    const bySlices = slices.hasOutward ? this.services.filter(({ source }) => source.kind === "Service" && slices.isOutward(source)) : [];
    return [...bySlices, ...this.index.inlined];
  }

  #indexHeadless(): ReadonlyMap<string, readonly HeadlessPort[]> {
    return groupPairs(
      this.index.headless.flatMap((service) =>
        service.ports.filter(isListener).flatMap((port) => this.endpoints.of(service, port).map(({ address }) => [address, { service, port }] as const)),
      ),
    );
  }
}

const ALL = "*";
const OWN = ".";
const NOBODY = "~";

/** Whether an `exportTo` is for all namespaces. */
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

/** An object with an `exportTo`, as written; empty where it has none. */
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
