import { concrete } from "./destination.ts";
import type { Engine, Revision } from "./engine.ts";
import type { Instance, InstanceClass } from "./instances.ts";
import type { InboundProtocol } from "./judge.ts";
import { Judging } from "./judgement.ts";
import { groupBy } from "./order.ts";
import type { Endpoint } from "./registry/endpoints.ts";
import type { RegistryPort, RegistryService } from "./registry/service.ts";
import { portOf } from "./registry/service.ts";
import type { ProtocolFamily, ServiceHost, WorkloadId } from "./vocabulary.ts";
import { WayKinds } from "./wayKind.ts";
import type { Dialled, Judges, Seen } from "./way.ts";
import { Way } from "./way.ts";

/** Where a client wants to go, as telemetry tells it. */
export interface Aim {
  readonly server: WorkloadId;
  /** `null`: dialled by address */
  readonly host: ServiceHost | null;
  readonly family: ProtocolFamily;
}

function speaks(protocol: InboundProtocol, family: ProtocolFamily): boolean {
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

function nameOrNull(name: string): string | null {
  return name === "" ? null : name;
}

interface Serving {
  readonly instance: Instance;
  readonly endpoint: Endpoint;
}

function isAlike(one: Serving, other: Serving): boolean {
  return one.instance.class === other.instance.class && one.endpoint.targetPort === other.endpoint.targetPort;
}

/** Instances that are alike and serve on the same port share a way. */
function alike(serving: readonly Serving[]): readonly (readonly Serving[])[] {
  const [first] = serving;
  if (first === undefined) return [];
  if (serving.every((one) => isAlike(first, one))) return [serving];
  return [...groupBy(serving, ({ instance, endpoint }) => `${instance.class.id}:${endpoint.targetPort}`).values()];
}

/** What is dialled at a host, before it is known who serves there. */
interface Named {
  readonly service: RegistryService;
  readonly port: RegistryPort;
  readonly host: ServiceHost;
  /** nothing else has the name and number */
  readonly isAlone: boolean;
}

/** The ways of one control plane's clients, each found once. */
class Ways {
  readonly #engine: Engine;
  readonly #seen: Seen;
  readonly #by: Judges;
  readonly #known = new Map<WorkloadId, (Aim & { readonly ways: readonly Way[] })[]>();

  constructor(engine: Engine, seen: Seen, judging: Judging) {
    this.#engine = engine;
    this.#seen = seen;
    this.#by = { seen, judging, kinds: new WayKinds(engine, seen.view) };
  }

  to(aim: Aim): readonly Way[] {
    const { server, host, family } = aim;
    const known = this.#known.get(server);
    if (known !== undefined) for (const one of known) if (one.family === family && one.host === host) return one.ways;
    const ways = (host === null ? this.#byAddress(aim) : this.#byHost(aim, host)).map((dialled) => new Way(this.#by, dialled));
    const found = { server, host, family, ways };
    if (known === undefined) this.#known.set(server, [found]);
    else known.push(found);
    return ways;
  }

  #byHost({ server, family }: Aim, host: ServiceHost): readonly Dialled[] {
    const instances = this.#engine.instances.of(server);
    const dialled: Dialled[] = [];
    const services = concrete(this.#seen.view, host);
    for (const service of services) {
      for (const port of service.ports) {
        if (speaks(port.protocol.class, family)) this.#addPort(dialled, instances, { service, port, host, isAlone: services.length === 1 && portOf(service, port.number) === port });
      }
    }
    return dialled;
  }

  #addPort(into: Dialled[], instances: readonly Instance[], { service, port, host, isAlone }: Named): void {
    for (const group of alike(this.#serving(instances, service, port))) {
      const [first] = group;
      if (first === undefined) continue;
      const { instance, endpoint } = first;
      const at = isAlone ? { service, port, endpoint } : null;
      into.push({ port: port.number, portName: nameOrNull(port.name), targetPort: endpoint.targetPort, server: instance, servers: group.length, via: { type: "service", host }, at });
    }
  }

  #serving(instances: readonly Instance[], service: RegistryService, port: RegistryPort): readonly Serving[] {
    const { endpoints } = this.#seen.view.everything;
    const serving: Serving[] = [];
    for (const instance of instances) {
      const endpoint = endpoints.find(service, port, instance);
      if (endpoint !== null) serving.push({ instance, endpoint });
    }
    return serving;
  }

  #byAddress({ server, family }: Aim): readonly Dialled[] {
    const instances = this.#engine.instances.of(server).filter(({ told }) => told.addresses.length > 0);
    return [...groupBy(instances, (instance) => instance.class)].flatMap(([of, group]) => this.#atAddresses(of, group, family));
  }

  #atAddresses(of: InstanceClass, group: readonly Instance[], family: ProtocolFamily): readonly Dialled[] {
    const [server] = group;
    const ip = server?.told.addresses[0];
    if (server === undefined || ip === undefined) return [];
    const declared = this.#engine.seenBy(of).inbound.declared(server).value;
    return [...declared.values()]
      .filter(({ protocol }) => speaks(protocol.class, family))
      .map(({ targetPort, services }) => ({ port: targetPort, portName: nameOrNull(services[0]?.port.name ?? ""), targetPort, server, servers: group.length, via: { type: "podIP", ip }, at: null }));
  }
}

/** The ways of every control plane's clients. */
export class MeshWays {
  readonly engine: Engine;
  readonly #judging: Judging;
  readonly #byRevision = new Map<Revision, Ways>();

  constructor(engine: Engine) {
    this.engine = engine;
    this.#judging = new Judging(engine);
  }

  /** @param seenBy a client, or the server where nothing names the client */
  to(aim: Aim, seenBy: Instance): readonly Way[] {
    const seen = this.engine.seenBy(seenBy.class);
    const found = this.#byRevision.get(seen);
    if (found !== undefined) return found.to(aim);
    const ways = new Ways(this.engine, seen, this.#judging);
    this.#byRevision.set(seen, ways);
    return ways.to(aim);
  }
}
