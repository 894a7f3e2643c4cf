import type { ConnectionQuestion } from "./connection.ts";
import type { Deduction } from "./deduction.ts";
import { Trail } from "./deduction.ts";
import type { Instance } from "./instances.ts";
import type { IstiodView } from "./istiodView.ts";
import type { Endpoint } from "./registry/endpoints.ts";
import type { RegistryPort, RegistryService } from "./registry/service.ts";
import { portOf } from "./registry/service.ts";
import type { Gap } from "./verdict.ts";
import type { ServiceHost } from "./vocabulary.ts";

/** Where a dial leads, whoever dials: the service that the name stands for, the endpoint, and the port it arrives on. */
export interface Destination {
  /** the name as dialled; `null` for an address */
  readonly host: ServiceHost | null;
  /** behind any aliases */
  readonly service: RegistryService | null;
  readonly port: RegistryPort | null;
  readonly endpoint: Endpoint | null;
  readonly server: Instance;
  readonly dialledPort: number;
  readonly targetPort: number;
  /** what the client's kernel dials; several where the name has several */
  readonly addresses: readonly string[];
  readonly isDatagram: boolean;
  /** a pod dials itself by its own address: nothing leaves it */
  readonly isOwnAddress: boolean;
}

const ALIAS_HOPS = 8;

/** An ExternalName stands for what it names, over several hops; a loop stands for nothing. */
export function concrete(view: IstiodView, host: ServiceHost): readonly RegistryService[] {
  let services = view.everything.named(host);
  for (let hop = 0; hop < ALIAS_HOPS; hop += 1) {
    const [first] = services;
    if (first?.resolution !== "ALIAS") return services;
    services = first.aliasOf === null ? [] : view.everything.named(first.aliasOf);
  }
  return [];
}

function dialledAddresses(service: RegistryService, server: Instance): readonly string[] {
  return service.addresses.length > 0 ? service.addresses : server.told.addresses.slice(0, 1);
}

function noEndpoint(server: Instance, host: string, port: number): Gap {
  const { namespace, name } = server.told.ref;
  return { wanted: `the endpoint of \`${host}\` port ${port} at \`${namespace}/${name}\``, because: "no Service or ServiceEntry of that name has it" };
}

function isItself({ client }: ConnectionQuestion, { told: { ref } }: Instance): boolean {
  return client.namespace === ref.namespace && client.name === ref.name;
}

function byAddress(server: Instance, question: ConnectionQuestion, ip: string): Destination {
  const { port } = question;
  const isOwnAddress = isItself(question, server);
  return { host: null, service: null, port: null, endpoint: null, server, dialledPort: port, targetPort: port, addresses: [ip], isDatagram: false, isOwnAddress };
}

/** Where the question's dial leads. */
export function destination(view: IstiodView, question: ConnectionQuestion, server: Instance): Deduction<Destination> {
  const trail = new Trail();
  const { via, port: dialledPort } = question;
  if (via.type === "podIP") return trail.found(byAddress(server, question, via.ip));
  const services = concrete(view, via.host);
  const candidates = services.flatMap((service) => {
    const port = portOf(service, dialledPort);
    return port === undefined ? [] : [{ service, port, endpoint: view.everything.endpoints.find(service, port, server) }];
  });
  const found = candidates.find(({ endpoint }) => endpoint !== null) ?? candidates[0];
  const isDatagram = found?.port.protocol.datagrams ?? false;
  if (found === undefined) trail.lacks(view.knowledge.gapsAnywhere("Service")).lacks(view.knowledge.gapsAnywhere("ServiceEntry"));
  else trail.lacks(found.endpoint === null ? view.everything.endpoints.gaps(found.service) : []);
  if ((found?.endpoint ?? null) === null) trail.lacks([noEndpoint(server, via.host, dialledPort)]);
  return trail.found({
    host: via.host,
    service: found?.service ?? null,
    port: found?.port ?? null,
    endpoint: found?.endpoint ?? null,
    server,
    dialledPort,
    targetPort: found?.endpoint?.targetPort ?? dialledPort,
    addresses: found === undefined ? [] : dialledAddresses(found.service, server),
    isDatagram,
    isOwnAddress: isItself(question, server) && (found?.service.headless ?? false),
  });
}
