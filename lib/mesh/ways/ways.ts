import { surely } from "../deduction.ts";
import { destinationAtAddress } from "../joining/destination.ts";
import type { Dialled } from "./dials.ts";
import { nameOrNull, speaks } from "./dials.ts";
import type { Engine } from "../engine.ts";
import type { Instance, InstanceClass } from "../instances/instances.ts";
import { Judging } from "./judgement.ts";
import { groupBy, memoised } from "../order.ts";
import type { ProtocolFamily, ServiceHost, WorkloadId } from "../vocabulary.ts";
import { WayKinds } from "./wayKind.ts";
import type { Clients, Judges, Seen } from "./way.ts";
import { Way } from "./way.ts";

/** Where a client wants to go, as telemetry tells it. */
export interface Aim {
  readonly server: WorkloadId;
  /** `null`: dialled by address */
  readonly host: ServiceHost | null;
  readonly family: ProtocolFamily;
}

const NOWHERE: readonly never[] = [];

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
    if (known !== undefined) for (const one of known) if (one.host === host && one.family === family) return one.ways;
    const dialled = host === null ? this.#byAddress(server, family) : this.#seen.view.dials.to({ server, host, family });
    // anybody may dial any name: only what leads somewhere is worth remembering
    if (dialled.length === 0) return NOWHERE;
    const found = { server, host, family, ways: dialled.map((one) => new Way(this.#by, one)) };
    if (known === undefined) this.#known.set(server, [found]);
    else known.push(found);
    return found.ways;
  }

  #byAddress(server: WorkloadId, family: ProtocolFamily): readonly Dialled[] {
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
      .map(({ targetPort: port, services }) => {
        const to = surely(destinationAtAddress(server, { port, ip, isOwnAddress: false }));
        return { port, portName: nameOrNull(services[0]?.port.name ?? ""), targetPort: port, server, serverName: server.told.ref.name, servers: group.length, via: { type: "podIP", ip }, to };
      });
  }
}

/** Clients, and the ways that they can go. */
export interface Travellers extends Clients {
  readonly ways: Ways;
}

/** The ways of every control plane's clients. */
export class MeshWays {
  readonly engine: Engine;
  readonly #judging: Judging;
  readonly #bySeen = memoised((seen: Seen) => new Ways(this.engine, seen, this.#judging));
  readonly #byWorkload = new Map<WorkloadId, readonly Travellers[]>();

  constructor(engine: Engine) {
    this.engine = engine;
    this.#judging = new Judging(engine);
  }

  /** The instances of a workload as clients, those that are alike together. */
  travellers(workload: WorkloadId): readonly Travellers[] {
    const found = this.#byWorkload.get(workload);
    if (found !== undefined) return found;
    const travellers = this.engine.instances.classesOf(workload).flatMap((instances) => this.#travelling(instances));
    this.#byWorkload.set(workload, travellers);
    return travellers;
  }

  /** What those dial who are not known, as the server's control plane sees it. */
  toServer(aim: Aim): readonly Way[] {
    const [server] = this.engine.instances.of(aim.server);
    return server === undefined ? NOWHERE : this.#bySeen(this.engine.seenBy(server.class)).to(aim);
  }

  #travelling(instances: readonly Instance[]): readonly Travellers[] {
    const [instance] = instances;
    if (instance === undefined) return [];
    const seen = this.engine.seenBy(instance.class);
    return [{ instance, name: instance.told.ref.name, number: instances.length, sending: seen.sending.of(instance.class), ways: this.#bySeen(seen) }];
  }
}
