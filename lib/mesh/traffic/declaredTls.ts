import type { Configuration, Service, ServicePort } from "../snapshot.ts";

const TLS_PROTOCOLS: ReadonlySet<string> = new Set(["https", "tls"]);
/** protocols whose traffic a proxy reports as requests, so that no connection of the tcp family can have reached them */
const REQUEST_PROTOCOLS: ReadonlySet<string> = new Set(["http", "http2", "grpc", "grpc-web", "kubernetes.io/h2c"]);

function declaredProtocol(port: ServicePort): string {
  const name = (port.appProtocol ?? port.name ?? "").toLowerCase();
  if (port.appProtocol !== null || name.startsWith("grpc-web")) return name;
  return name.split("-")[0] ?? "";
}

function onlyTls(protocols: readonly string[]): boolean {
  const reachable = protocols.filter((protocol) => !REQUEST_PROTOCOLS.has(protocol));
  return reachable.length > 0 && reachable.every((protocol) => TLS_PROTOCOLS.has(protocol));
}

function serviceProtocols(service: Service): readonly string[] {
  return service.ports.filter((port) => port.protocol === "TCP" || port.protocol === "").map(declaredProtocol);
}

function protocolsByHost(configuration: Configuration): ReadonlyMap<string, readonly string[]> {
  const index = new Map<string, string[]>();
  const declare = (host: string, protocols: readonly string[]): void => {
    const known = index.get(host.toLowerCase());
    if (known === undefined) index.set(host.toLowerCase(), [...protocols]);
    else known.push(...protocols);
  };
  for (const service of configuration.objects.Service) {
    declare(`${service.name}.${service.namespace}.svc.${configuration.clusterDomain}`, serviceProtocols(service));
  }
  for (const entry of configuration.objects.ServiceEntry) {
    const protocols = entry.ports.map((port) => port.protocol.toLowerCase());
    for (const host of entry.hosts) declare(host, protocols);
  }
  return index;
}

/** Hosts on which every port that a connection can have reached is declared HTTPS or TLS. Standard metrics carry no port. */
export function hostsDeclaredTls(configuration: Configuration): ReadonlySet<string> {
  return new Set([...protocolsByHost(configuration)].filter(([, protocols]) => onlyTls(protocols)).map(([host]) => host));
}

