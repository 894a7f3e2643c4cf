import type { ConnectionAnswer, ConnectionQuestion, Via } from "./connection.ts";
import type { ServiceAndPort } from "./clientScope.ts";
import type { Ends } from "./connectionVerdict.ts";
import type { Deduction } from "./deduction.ts";
import type { Destination } from "./destination.ts";
import { concrete, destination } from "./destination.ts";
import type { Engine, Revision } from "./engine.ts";
import type { Instance, InstanceClass } from "./instances.ts";
import type { InboundProtocol } from "./judge.ts";
import type { Judgement } from "./judgement.ts";
import { Judging } from "./judgement.ts";
import { groupBy } from "./order.ts";
import type { RegistryPort, RegistryService } from "./registry/service.ts";
import type { SendingClass } from "./sendingClass.ts";
import type { WayKind } from "./wayKind.ts";
import { WayKinds } from "./wayKind.ts";
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

interface Judges {
  readonly seen: Seen;
  readonly judging: Judging;
  readonly kinds: WayKinds;
}

/** One port of one kind of server instance, and how it is dialled. It is judged once for all clients that send alike. */
export class Way {
  readonly dialled: Dialled;
  readonly #by: Judges;
  #to: Deduction<Destination> | null = null;
  #kind: WayKind | null = null;
  #judged: Map<SendingClass, Judgement> | null = null;

  constructor(by: Judges, dialled: Dialled) {
    this.#by = by;
    this.dialled = dialled;
  }

  /** What is answered to a client; AuthorizationPolicies may tell it from others that send the same. */
  answer(client: Instance): ConnectionAnswer {
    const ends = { client, server: this.dialled.server };
    const { answer, sent, enforcement } = this.#judgement(ends);
    if (enforcement === null) return answer;
    const ofKind = ends.client === ends.server ? null : (this.#kind?.enforcement ?? null);
    return this.#by.judging.answer(answer, ofKind ?? enforcement, { client, sent });
  }

  #judgement(ends: Ends): Judgement {
    // what a pod sends to itself is special to it
    if (ends.client === ends.server) return this.#judge(ends, this.#destination(ends));
    const to = (this.#to ??= this.#open(ends));
    return this.#ofKind(ends, to) ?? this.#own(ends, to);
  }

  #open(ends: Ends): Deduction<Destination> {
    const to = this.#destination(ends);
    this.#kind = this.#by.kinds.of(to);
    return to;
  }

  #ofKind(ends: Ends, to: Deduction<Destination>): Judgement | null {
    const at = this.#named(to.value);
    const sending = this.#kind === null || at === null ? null : this.#by.seen.sending.anywhere(ends.client.class, at);
    if (this.#kind === null || sending === null) return null;
    const { judged } = this.#kind;
    const found = judged.get(sending) ?? this.#judge(ends, to);
    judged.set(sending, found);
    return found;
  }

  #own(ends: Ends, to: Deduction<Destination>): Judgement {
    const judged = (this.#judged ??= new Map<SendingClass, Judgement>());
    const sending = this.#by.seen.sending.of(ends.client.class, this.#named(to.value));
    const found = judged.get(sending) ?? this.#judge(ends, to);
    judged.set(sending, found);
    return found;
  }

  #judge(ends: Ends, to: Deduction<Destination>): Judgement {
    return this.#by.judging.judgement({ question: this.#question(ends), ends, to });
  }

  #destination(ends: Ends): Deduction<Destination> {
    return destination(this.#by.seen.view, this.#question(ends), ends.server);
  }

  #question({ client, server }: Ends): ConnectionQuestion {
    const { port, via } = this.dialled;
    return { client: client.told.ref, server: server.told.ref, port, via };
  }

  /** The service, where it is dialled by its own name. */
  #named({ service, port, host }: Destination): ServiceAndPort | null {
    return service !== null && port !== null && service.host === host ? { service, port } : null;
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

/** What is dialled at a host, before it is known who serves there. */
interface Named {
  readonly service: RegistryService;
  readonly port: RegistryPort;
  readonly host: ServiceHost;
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
    for (const service of concrete(this.#seen.view, host)) {
      for (const port of service.ports) if (speaks(port.protocol.class, family)) this.#addPort(dialled, instances, { service, port, host });
    }
    return dialled;
  }

  #addPort(into: Dialled[], instances: readonly Instance[], { service, port, host }: Named): void {
    for (const group of alike(this.#serving(instances, service, port))) {
      const [first] = group;
      if (first === undefined) continue;
      into.push({ port: port.number, portName: nameOrNull(port.name), targetPort: first.targetPort, server: first.instance, servers: group.length, via: { type: "service", host } });
    }
  }

  #serving(instances: readonly Instance[], service: RegistryService, port: RegistryPort): readonly Serving[] {
    const { endpoints } = this.#seen.view.everything;
    const serving: Serving[] = [];
    for (const instance of instances) {
      const endpoint = endpoints.find(service, port, instance);
      if (endpoint !== null) serving.push({ instance, targetPort: endpoint.targetPort });
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
      .map(({ targetPort, services }) => ({ port: targetPort, portName: nameOrNull(services[0]?.port.name ?? ""), targetPort, server, servers: group.length, via: { type: "podIP", ip } }));
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
