import { protocolNamed, servicePortProtocol, type PortProtocol } from "../joining/protocol.ts";
import type { Configuration } from "../snapshot.ts";

/** Hosts by what their ports are declared to be. */
class Declared {
  readonly #tls = new Set<string>();
  readonly #others = new Set<string>();

  /** A proxy reports what it can read as requests: a connection of the tcp family reached another port. */
  add(host: string, { class: protocol, tls }: PortProtocol): void {
    if (protocol !== "HTTP" && protocol !== "UDP") (tls ? this.#tls : this.#others).add(host.toLowerCase());
  }

  get onlyTls(): ReadonlySet<string> {
    return new Set([...this.#tls].filter((host) => !this.#others.has(host)));
  }
}

/** Hosts on which every port that a connection can have reached is declared HTTPS or TLS. Standard metrics carry no port. */
export function hostsDeclaredTls({ objects: { Service, ServiceEntry }, clusterDomain }: Configuration): ReadonlySet<string> {
  const declared = new Declared();
  for (const { name, namespace, ports } of Service) for (const port of ports) declared.add(`${name}.${namespace}.svc.${clusterDomain}`, servicePortProtocol(port));
  for (const { hosts, ports } of ServiceEntry) for (const { protocol } of ports) for (const host of hosts) declared.add(host, protocolNamed(protocol));
  return declared.onlyTls;
}
