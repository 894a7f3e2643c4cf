import { bySpecificity, HostSet, isWildcard, matchesHost, resolveHost } from "../host.ts";
import { memoised } from "../order.ts";
import type { VirtualService } from "../snapshot.ts";

interface ByHost {
  readonly exact: ReadonlyMap<string, VirtualService>;
  readonly wildcards: readonly (readonly [string, VirtualService])[];
}

/** VirtualServices for traffic inside the mesh, by the hosts that they are for. */
export class VirtualServices {
  /** oldest first */
  readonly all: readonly VirtualService[];
  /** hosts of any of them */
  readonly hosts: HostSet;
  /** in full, lower case */
  readonly hostsOf: (one: VirtualService) => readonly string[];
  readonly #indexed = new WeakMap<readonly VirtualService[], ByHost>();

  constructor(all: readonly VirtualService[], clusterDomain: string) {
    this.all = all;
    this.hosts = new HostSet(all, clusterDomain);
    this.hostsOf = memoised(({ hosts, namespace }) => hosts.map((host) => resolveHost(host, namespace, clusterDomain)));
  }

  /**
   * The one for a host: the most specific host, the oldest first.
   *
   * @param some that a client sees, oldest first
   */
  among(some: readonly VirtualService[], host: string): VirtualService | null {
    if (some.length === 0) return null;
    const index = this.#indexed.get(some) ?? this.#index(some);
    this.#indexed.set(some, index);
    const { exact, wildcards } = index;
    return exact.get(host) ?? wildcards.find(([pattern]) => matchesHost(pattern, host))?.[1] ?? null;
  }

  #index(some: readonly VirtualService[]): ByHost {
    const hosts = some.flatMap((one) => this.hostsOf(one).map((host) => [host, one] as const));
    const exact = new Map(hosts.toReversed().filter(([host]) => !isWildcard(host)));
    const wildcards = hosts.filter(([host]) => isWildcard(host)).sort(([a], [b]) => bySpecificity(a, b));
    return { exact, wildcards };
  }
}
