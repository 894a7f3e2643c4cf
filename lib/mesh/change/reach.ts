import type { Engine } from "../engine.ts";
import { isWildcard, resolveHost } from "../host.ts";
import type { IstiodView } from "../controlPlane/istiodView.ts";
import { isListener } from "../registry/serviceIndex.ts";
import type { VirtualService } from "../snapshot.ts";
import type { ServiceHost, WorkloadId } from "../vocabulary.ts";

/** Whose connections a change of the configuration can alter. Wider than needed is slower; narrower would be wrong. */
export interface Reach {
  readonly everything: boolean;
  /** namespaces of clients */
  readonly clients: ReadonlySet<string>;
  /** namespaces of servers */
  readonly servers: ReadonlySet<string>;
  /** at either end */
  readonly workloads: ReadonlySet<WorkloadId>;
  /** as dialled */
  readonly hosts: ReadonlySet<string>;
}

export const EVERYTHING: Reach = { everything: true, clients: new Set(), servers: new Set(), workloads: new Set(), hosts: new Set() };

/** One of two configurations, as the reach of their difference needs it. */
export interface World {
  readonly engine: Engine;
  readonly view: IstiodView;
}

/** A reach while it is gathered. */
export class Gathering implements Reach {
  everything = false;
  readonly clients = new Set<string>();
  readonly servers = new Set<string>();
  readonly workloads = new Set<WorkloadId>();
  readonly hosts = new Set<string>();
  /** before and after */
  readonly worlds: readonly World[];
  readonly #roots: ReadonlySet<string>;

  constructor(worlds: readonly World[]) {
    this.worlds = worlds;
    this.#roots = new Set(worlds.flatMap(({ engine }) => engine.rootNamespaces));
  }

  /** What the root namespace says is said to all. */
  isRoot(namespace: string): boolean {
    return this.#roots.has(namespace);
  }

  add(into: Set<string>, values: Iterable<string>): void {
    for (const value of values) into.add(value);
  }

  /** Hosts that stand for others, or are sent to others, share their fate. */
  close(): void {
    let size = -1;
    while (size !== this.hosts.size && !this.everything) {
      size = this.hosts.size;
      for (const { view } of this.worlds) this.#follow(view);
    }
    for (const { view } of this.worlds) this.#listeners(view);
  }

  #follow({ everything: registry, configuration: { objects, clusterDomain } }: IstiodView): void {
    this.add(this.hosts, registry.aliases.filter(({ aliasOf }) => aliasOf !== null && this.hosts.has(aliasOf)).map(({ host }) => host));
    const hosts = objects.VirtualService.filter((one) => this.#sends(one, clusterDomain)).flatMap((one) => one.hosts.map((host) => resolveHost(host, one.namespace, clusterDomain)));
    if (hosts.some(isWildcard)) this.everything = true;
    this.add(this.hosts, hosts);
  }

  #sends({ http, tcp, tls, namespace }: VirtualService, clusterDomain: string): boolean {
    return [...http, ...tcp, ...tls].some(({ destinations }) => destinations.some(({ host }) => this.hosts.has(resolveHost(host, namespace, clusterDomain))));
  }

  /** Proxies listen for a headless Service at each address that it has: whatever name stands for such an address, they take the dial. */
  #listeners({ everything: registry }: IstiodView): void {
    const headless = [...this.hosts].flatMap((host) => registry.named(host as ServiceHost)).filter((service) => service.headless);
    const listeners = headless.flatMap((service) => service.ports.filter(isListener).flatMap((port) => registry.endpoints.of(service, port)));
    const instances = this.worlds.flatMap(({ engine }) => listeners.flatMap(({ address }) => engine.instances.at(address)));
    for (const { told } of instances) this.workloads.add(told.workload);
  }
}
