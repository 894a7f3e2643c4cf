import type { Via } from "../connection.ts";
import type { Deduction } from "../deduction.ts";
import type { Destination, World } from "../joining/destination.ts";
import { candidate, concrete, destinationAt } from "../joining/destination.ts";
import type { Instance, Instances } from "../instances/instances.ts";
import type { InboundProtocol } from "../judge.ts";
import { appended, groupBy } from "../order.ts";
import type { Endpoint } from "../registry/endpoint.ts";
import type { RegistryPort, RegistryService } from "../registry/service.ts";
import { portOf } from "../registry/service.ts";
import type { ProtocolFamily, ServiceHost, WorkloadId } from "../vocabulary.ts";

/** One port of one kind of server instance, and how it is dialled. */
export interface Dialled {
  readonly port: number;
  readonly portName: string | null;
  readonly targetPort: number;
  /** one of `servers` that are alike */
  readonly server: Instance;
  readonly serverName: string;
  readonly servers: number;
  readonly via: Via;
  /** where it leads, unless the server dials itself */
  readonly to: Deduction<Destination>;
}

const NOWHERE: readonly Dialled[] = [];

/** Whether a port that is declared with a protocol can carry traffic of a family. */
export function speaks(protocol: InboundProtocol, family: ProtocolFamily): boolean {
  switch (protocol) {
    case "HTTP":
      return family === "http";
    case "TCP":
      return family === "tcp";
    case "AUTO":
      return true;
    case "UDP":
      return false;
  }
}

export function nameOrNull(name: string): string | null {
  return name === "" ? null : name;
}

interface Serving {
  readonly instance: Instance;
  readonly endpoint: Endpoint;
}

function isAlike(one: Serving, other: Serving): boolean {
  return one.instance.class === other.instance.class && one.endpoint.targetPort === other.endpoint.targetPort;
}

/** Instances that are alike and serve on the same port are dialled alike. */
function alike(serving: readonly Serving[]): readonly (readonly Serving[])[] {
  const [first] = serving;
  if (first === undefined) return [];
  if (serving.every((one) => isAlike(first, one))) return [serving];
  return [...groupBy(serving, ({ instance, endpoint }) => `${instance.class.id}:${endpoint.targetPort}`).values()];
}

/** Who is dialled, and by what name. */
export interface NamedAim {
  readonly server: WorkloadId;
  readonly host: ServiceHost;
  readonly family: ProtocolFamily;
}

/** A port that is dialled by a name, before it is known who serves there. */
interface At {
  readonly service: RegistryService;
  readonly port: RegistryPort;
  readonly via: Via & { readonly type: "service" };
  /** nothing else has the name and number */
  readonly isAlone: boolean;
}

interface PeopledWorld extends World {
  readonly instances: Instances;
}

/** What dials of names lead to, each found once: it is the same whatever policies say. */
export class Dials {
  readonly #world: PeopledWorld;
  readonly #known = new Map<WorkloadId, (NamedAim & { readonly dialled: readonly Dialled[] })[]>();

  constructor(world: PeopledWorld) {
    this.#world = world;
  }

  to(aim: NamedAim): readonly Dialled[] {
    const { server, host, family } = aim;
    const known = this.#known.get(server);
    if (known !== undefined) for (const one of known) if (one.family === family && one.host === host) return one.dialled;
    const dialled = this.#find(aim);
    // anybody may dial any name: only what leads somewhere is worth remembering
    if (dialled.length === 0) return NOWHERE;
    const found = { server, host, family, dialled };
    if (known === undefined) this.#known.set(server, [found]);
    else known.push(found);
    return dialled;
  }

  #find({ server, host, family }: NamedAim): readonly Dialled[] {
    const instances = this.#world.instances.of(server);
    const services = concrete(this.#world, host);
    const via = { type: "service", host } as const;
    let dialled = NOWHERE;
    for (const service of services) {
      for (const port of service.ports) {
        const isAlone = services.length === 1 && portOf(service, port.number) === port;
        if (speaks(port.protocol.class, family)) dialled = this.#with(dialled, instances, { service, port, via, isAlone });
      }
    }
    return dialled;
  }

  #with(dialled: readonly Dialled[], instances: readonly Instance[], at: At): readonly Dialled[] {
    let all = dialled;
    const { port: { number: port, name }, via } = at;
    for (const group of alike(this.#serving(instances, at))) {
      const [first] = group;
      if (first === undefined) continue;
      const { instance: server, endpoint } = first;
      all = appended(all, { port, portName: nameOrNull(name), targetPort: endpoint.targetPort, server, serverName: server.told.ref.name, servers: group.length, via, to: this.#destination(at, first) });
    }
    return all;
  }

  #destination({ service, port, via, isAlone }: At, { instance: server, endpoint }: Serving): Deduction<Destination> {
    const found = isAlone ? { service, port, endpoint } : candidate(this.#world, { port: port.number, via }, server);
    return destinationAt(this.#world, { host: via.host, port: port.number, server, isSelf: false }, found);
  }

  #serving(instances: readonly Instance[], { service, port }: At): readonly Serving[] {
    const { endpoints } = this.#world.everything;
    let serving: readonly Serving[] = [];
    for (const instance of instances) {
      const endpoint = endpoints.find(service, port, instance);
      if (endpoint !== null) serving = appended(serving, { instance, endpoint });
    }
    return serving;
  }
}
