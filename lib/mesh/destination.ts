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

/** What a name and a port of it stand for, and the endpoint there that is the server. */
export interface Candidate {
  readonly service: RegistryService;
  readonly port: RegistryPort;
  readonly endpoint: Endpoint | null;
}

/** The service of a name that has the server for an endpoint; else one that has the port. */
function candidate(view: IstiodView, question: ConnectionQuestion, server: Instance): Candidate | null {
  if (question.via.type !== "service") return null;
  const candidates = concrete(view, question.via.host).flatMap((service) => {
    const port = portOf(service, question.port);
    return port === undefined ? [] : [{ service, port, endpoint: view.everything.endpoints.find(service, port, server) }];
  });
  return candidates.find(({ endpoint }) => endpoint !== null) ?? candidates[0] ?? null;
}

function unread(view: IstiodView, found: Candidate | null): readonly Gap[] {
  if (found !== null) return view.everything.endpoints.gaps(found.service);
  return [...view.knowledge.gapsAnywhere("Service"), ...view.knowledge.gapsAnywhere("ServiceEntry")];
}

/** Where the question's dial leads. */
export function destination(view: IstiodView, question: ConnectionQuestion, server: Instance): Deduction<Destination> {
  const { via } = question;
  if (via.type === "podIP") return new Trail().found(byAddress(server, question, via.ip));
  return destinationAt(view, { question, server, host: via.host }, candidate(view, question, server));
}

interface NamedDial {
  readonly question: ConnectionQuestion;
  readonly server: Instance;
  readonly host: ServiceHost;
}

/** Where a dial of a name leads, of which it is known what it stands for. */
export function destinationAt(view: IstiodView, { question, server, host }: NamedDial, found: Candidate | null): Deduction<Destination> {
  const trail = new Trail();
  const { port: dialledPort } = question;
  const endpoint = found?.endpoint ?? null;
  if (endpoint === null) trail.lacks([...unread(view, found), noEndpoint(server, host, dialledPort)]);
  const named = { host, endpoint, server, dialledPort, targetPort: endpoint?.targetPort ?? dialledPort };
  if (found === null) return trail.found({ ...named, service: null, port: null, addresses: [], isDatagram: false, isOwnAddress: false });
  const { service, port } = found;
  const isOwnAddress = service.headless && isItself(question, server);
  return trail.found({ ...named, service, port, addresses: dialledAddresses(service, server), isDatagram: port.protocol.datagrams, isOwnAddress });
}
