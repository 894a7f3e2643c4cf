import { surely } from "./deduction.ts";
import { destinationAtAddress } from "./destination.ts";
import type { Dialled } from "./dials.ts";
import { nameOrNull, speaks } from "./dials.ts";
import type { Engine } from "./engine.ts";
import type { Instance, InstanceClass } from "./instances.ts";
import { Judging } from "./judgement.ts";
import { groupBy, memoised } from "./order.ts";
import type { Revision } from "./revision.ts";
import type { ProtocolFamily, ServiceHost, WorkloadId } from "./vocabulary.ts";
import { WayKinds } from "./wayKind.ts";
import type { Judges, Seen } from "./way.ts";
import { Way } from "./way.ts";

/** Where a client wants to go, as telemetry tells it. */
export interface Aim {
  readonly server: WorkloadId;
  /** `null`: dialled by address */
  readonly host: ServiceHost | null;
  readonly family: ProtocolFamily;
}

/** The ways of one control plane's clients, each found once. */
class Ways {
  readonly #engine: Engine;
  readonly #seen: Seen;
  readonly #by: Judges;
  readonly #ways = new Map<readonly Dialled[], readonly Way[]>();
  readonly #dialledAddresses = memoised((server: WorkloadId) => ({ http: this.#byAddress(server, "http"), tcp: this.#byAddress(server, "tcp") }));

  constructor(engine: Engine, seen: Seen, judging: Judging) {
    this.#engine = engine;
    this.#seen = seen;
    this.#by = { seen, judging, kinds: new WayKinds(engine, seen) };
  }

  to({ server, host, family }: Aim): readonly Way[] {
    const dialled = host === null ? this.#dialledAddresses(server)[family] : this.#seen.view.dials.to({ server, host, family });
    const known = this.#ways.get(dialled);
    if (known !== undefined) return known;
    const ways = dialled.map((one) => new Way(this.#by, one));
    this.#ways.set(dialled, ways);
    return ways;
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
        return { port, portName: nameOrNull(services[0]?.port.name ?? ""), targetPort: port, server, servers: group.length, via: { type: "podIP", ip }, to };
      });
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
