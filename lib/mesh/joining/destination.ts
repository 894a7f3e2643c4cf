import type { ConnectionQuestion } from "../connection.ts";
import type { Deduction } from "../deduction.ts";
import { lacking, surely } from "../deduction.ts";
import type { Instance } from "../instances/instances.ts";
import type { Knowledge } from "../controlPlane/knowledge.ts";
import type { Endpoint } from "../registry/endpoint.ts";
import type { Registry } from "../registry/registry.ts";
import type { RegistryPort, RegistryService } from "../registry/service.ts";
import { portOf } from "../registry/service.ts";
import type { Gap } from "../verdict.ts";
import type { ServiceHost } from "../vocabulary.ts";

/** What there is to be dialled, whether an istiod looks into its namespace or not. */
export interface World {
  readonly everything: Registry;
  readonly knowledge: Knowledge;
}

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

const NO_GAPS: readonly Gap[] = [];
const ALIAS_HOPS = 8;

/** An ExternalName stands for what it names, over several hops; a loop stands for nothing. */
export function concrete(world: World, host: ServiceHost): readonly RegistryService[] {
  let services = world.everything.named(host);
  for (let hop = 0; hop < ALIAS_HOPS; hop += 1) {
    const [first] = services;
    if (first?.resolution !== "ALIAS") return services;
    services = first.aliasOf === null ? [] : world.everything.named(first.aliasOf);
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

/** A dial of an address. @param isOwnAddress the server dials itself */
export function destinationAtAddress(server: Instance, { port, ip, isOwnAddress }: { readonly port: number; readonly ip: string; readonly isOwnAddress: boolean }): Destination {
  return { host: null, service: null, port: null, endpoint: null, server, dialledPort: port, targetPort: port, addresses: [ip], isDatagram: false, isOwnAddress };
}

/** What a name and a port of it stand for, and the endpoint there that is the server. */
export interface Candidate {
  readonly service: RegistryService;
  readonly port: RegistryPort;
  readonly endpoint: Endpoint | null;
}

/** The service of a name that has the server for an endpoint; else one that has the port. The cluster's DNS answers for Services. */
export function candidate(world: World, question: Pick<ConnectionQuestion, "port" | "via">, server: Instance): Candidate | null {
  if (question.via.type !== "service") return null;
  const candidates = concrete(world, question.via.host).flatMap((service) => {
    const port = portOf(service, question.port);
    return port === undefined ? [] : [{ service, port, endpoint: world.everything.endpoints.find(service, port, server) }];
  });
  const having = candidates.filter(({ endpoint }) => endpoint !== null);
  return having.find(({ service }) => service.source.kind === "Service") ?? having[0] ?? candidates[0] ?? null;
}

function unread(world: World, found: Candidate | null): readonly Gap[] {
  if (found !== null) return world.everything.endpoints.gaps(found.service);
  return [...world.knowledge.gapsAnywhere("Service"), ...world.knowledge.gapsAnywhere("ServiceEntry")];
}

/** Where the question's dial leads. */
export function destination(world: World, question: ConnectionQuestion, server: Instance): Deduction<Destination> {
  const { via, port } = question;
  const isSelf = isItself(question, server);
  if (via.type === "podIP") return surely(destinationAtAddress(server, { port, ip: via.ip, isOwnAddress: isSelf }));
  return destinationAt(world, { host: via.host, port, server, isSelf }, candidate(world, question, server));
}

interface NamedDial {
  readonly host: ServiceHost;
  readonly port: number;
  readonly server: Instance;
  /** the server dials itself */
  readonly isSelf: boolean;
}

/** Where a dial of a name leads, of which it is known what it stands for. */
export function destinationAt(world: World, { host, port: dialledPort, server, isSelf }: NamedDial, found: Candidate | null): Deduction<Destination> {
  const gaps = found?.endpoint == null ? [...unread(world, found), noEndpoint(server, host, dialledPort)] : NO_GAPS;
  if (found === null) return lacking(gaps, surely({ host, service: null, port: null, endpoint: null, server, dialledPort, targetPort: dialledPort, addresses: [], isDatagram: false, isOwnAddress: false }));
  const { service, port, endpoint } = found;
  const targetPort = endpoint?.targetPort ?? dialledPort;
  return lacking(gaps, surely({ host, service, port, endpoint, server, dialledPort, targetPort, addresses: dialledAddresses(service, server), isDatagram: port.protocol.datagrams, isOwnAddress: service.headless && isSelf }));
}
