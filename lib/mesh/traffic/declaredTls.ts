import { protocolNamed, servicePortProtocol, type PortProtocol } from "../protocol.ts";
import type { Configuration } from "../snapshot.ts";

/** A proxy reports what it can read as requests: a connection of the tcp family reached another port. */
function onlyTls(protocols: readonly PortProtocol[]): boolean {
  const reachable = protocols.filter((protocol) => protocol.class !== "HTTP" && protocol.class !== "UDP");
  return reachable.length > 0 && reachable.every((protocol) => protocol.tls);
}

function protocolsByHost(configuration: Configuration): ReadonlyMap<string, readonly PortProtocol[]> {
  const index = new Map<string, PortProtocol[]>();
  const declare = (host: string, protocols: readonly PortProtocol[]): void => {
    const known = index.get(host.toLowerCase());
    if (known === undefined) index.set(host.toLowerCase(), [...protocols]);
    else known.push(...protocols);
  };
  for (const service of configuration.objects.Service) {
    declare(`${service.name}.${service.namespace}.svc.${configuration.clusterDomain}`, service.ports.map(servicePortProtocol));
  }
  for (const entry of configuration.objects.ServiceEntry) {
    const protocols = entry.ports.map((port) => protocolNamed(port.protocol));
    for (const host of entry.hosts) declare(host, protocols);
  }
  return index;
}

/** Hosts on which every port that a connection can have reached is declared HTTPS or TLS. Standard metrics carry no port. */
export function hostsDeclaredTls(configuration: Configuration): ReadonlySet<string> {
  return new Set([...protocolsByHost(configuration)].filter(([, protocols]) => onlyTls(protocols)).map(([host]) => host));
}

