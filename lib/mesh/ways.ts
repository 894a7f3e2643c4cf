import type { InstanceRef, Via } from "./connection.ts";
import type { Deduction } from "./deduction.ts";
import type { Destination } from "./destination.ts";
import { concrete, destination } from "./destination.ts";
import type { Engine, Revision } from "./engine.ts";
import type { Instance, InstanceClass } from "./instances.ts";
import type { InboundProtocol } from "./judge.ts";
import type { Judgement } from "./judgement.ts";
import { judgement } from "./judgement.ts";
import { groupBy } from "./order.ts";
import type { RegistryPort, RegistryService } from "./registry/service.ts";
import type { SendingClass } from "./sendingClass.ts";
import type { ProtocolFamily, ServiceHost, WorkloadId } from "./vocabulary.ts";

/** What the clients of one control plane go by. */
type Seen = Pick<Revision, "view" | "sending">;

interface Dialled {
  readonly port: number;
  readonly portName: string | null;
  readonly targetPort: number;
  /** one of `servers` that are alike */
  readonly server: Instance;
  readonly servers: number;
  readonly via: Via;
}

function sameName(a: InstanceRef, b: InstanceRef): boolean {
  return a.name === b.name && a.namespace === b.namespace;
}

/** One port of one kind of server instance, and how it is dialled. It is judged once for all clients that send alike. */
export class Way {
  readonly dialled: Dialled;
  readonly #engine: Engine;
  readonly #seen: Seen;
  readonly #judged = new Map<SendingClass, Judgement>();
  #to: Deduction<Destination> | null = null;

  /** @param seen by the clients */
  constructor(engine: Engine, seen: Seen, dialled: Dialled) {
    this.#engine = engine;
    this.#seen = seen;
    this.dialled = dialled;
  }

  judgement(client: Instance): Judgement {
    const { server } = this.dialled;
    const sending = this.#seen.sending.of(client.class);
    const isItself = sameName(client.told.ref, server.told.ref);
    // what a pod sends to itself is special to it
    const known = isItself ? undefined : this.#judged.get(sending);
    if (known !== undefined) return known;
    const { port, via } = this.dialled;
    const question = { client: client.told.ref, server: server.told.ref, port, via };
    if (isItself) return judgement(this.#engine, { question, ends: { client, server }, to: destination(this.#seen.view, question, server) });
    this.#to ??= destination(this.#seen.view, question, server);
    const found = judgement(this.#engine, { question, ends: { client, server }, to: this.#to });
    this.#judged.set(sending, found);
    return found;
  }
}

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
  readonly targetPort: number;
}

/** Instances that are alike and serve on the same port share a way. */
function alike(serving: readonly Serving[]): readonly (readonly Serving[])[] {
  const [first] = serving;
  if (first === undefined) return [];
  if (serving.every(({ instance, targetPort }) => instance.class === first.instance.class && targetPort === first.targetPort)) return [serving];
  return [...groupBy(serving, ({ instance, targetPort }) => `${instance.class.id}:${targetPort}`).values()];
}

/** The ways of one control plane's clients, each found once. */
class Ways {
  readonly #engine: Engine;
  readonly #seen: Seen;
  readonly #known = new Map<WorkloadId, (Aim & { readonly ways: readonly Way[] })[]>();

  constructor(engine: Engine, seen: Seen) {
    this.#engine = engine;
    this.#seen = seen;
  }

  to(aim: Aim): readonly Way[] {
    const { server, host, family } = aim;
    const known = this.#known.get(server) ?? [];
    const found = known.find((one) => one.host === host && one.family === family);
    if (found !== undefined) return found.ways;
    const ways = (host === null ? this.#byAddress(aim) : this.#byHost(aim, host)).map((dialled) => new Way(this.#engine, this.#seen, dialled));
    known.push({ server, host, family, ways });
    this.#known.set(server, known);
    return ways;
  }

  #instances(server: WorkloadId): readonly Instance[] {
    return this.#engine.instances.of(server);
  }

  #byHost({ server, family }: Aim, host: ServiceHost): readonly Dialled[] {
    const instances = this.#instances(server);
    return concrete(this.#seen.view, host).flatMap((service) =>
      service.ports
        .filter(({ protocol }) => speaks(protocol.class, family))
        .flatMap((port) => alike(this.#serving(instances, service, port)).flatMap((group) => this.#dialled(group, { port: port.number, portName: nameOrNull(port.name), via: { type: "service", host } }))),
    );
  }

  #dialled(group: readonly Serving[], how: Pick<Dialled, "port" | "portName" | "via">): readonly Dialled[] {
    const [first] = group;
    return first === undefined ? [] : [{ ...how, targetPort: first.targetPort, server: first.instance, servers: group.length }];
  }

  #serving(instances: readonly Instance[], service: RegistryService, port: RegistryPort): readonly Serving[] {
    return instances.flatMap((instance) => {
      const endpoint = this.#seen.view.everything.endpoints.find(service, port, instance);
      return endpoint === null ? [] : [{ instance, targetPort: endpoint.targetPort }];
    });
  }

  #byAddress({ server, family }: Aim): readonly Dialled[] {
    const instances = this.#instances(server).filter(({ told }) => told.addresses.length > 0);
    return [...groupBy(instances, (instance) => instance.class)].flatMap(([of, group]) => this.#atAddresses(of, group, family));
  }

  #atAddresses(of: InstanceClass, group: readonly Instance[], family: ProtocolFamily): readonly Dialled[] {
    const [server] = group;
    const ip = server?.told.addresses[0];
    if (server === undefined || ip === undefined) return [];
    const declared = this.#engine.seenBy(of).inbound.declared(server).value;
    return [...declared.values()]
      .filter(({ protocol }) => speaks(protocol.class, family))
      .map(({ targetPort, services }) => ({ port: targetPort, portName: nameOrNull(services[0]?.port.name ?? ""), targetPort, server, servers: group.length, via: { type: "podIP", ip } }));
  }
}

/** The ways of every control plane's clients. */
export class MeshWays {
  readonly engine: Engine;
  readonly #byRevision = new Map<Revision, Ways>();

  constructor(engine: Engine) {
    this.engine = engine;
  }

  /** @param seenBy a client, or the server where nothing names the client */
  to(aim: Aim, seenBy: Instance): readonly Way[] {
    const seen = this.engine.seenBy(seenBy.class);
    const ways = this.#byRevision.get(seen) ?? new Ways(this.engine, seen);
    this.#byRevision.set(seen, ways);
    return ways.to(aim);
  }
}
