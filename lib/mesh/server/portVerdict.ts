import type { InstanceRef } from "../connection.ts";
import type { Engine } from "../engine.ts";
import { verdictOf } from "../deduction.ts";
import type { DeclaredPort } from "./declaredPorts.ts";
import type { Instance } from "../instances/instances.ts";
import type { PortVerdict } from "../judge.ts";
import type { Reach } from "../change/reach.ts";
import type { WorkloadId } from "../vocabulary.ts";
import { workloadIdParts } from "../vocabulary.ts";

/** Ports that only a PeerAuthentication names: a proxy has chains for them too. */
function policyPorts(engine: Engine, { class: of }: Instance): readonly number[] {
  const { workload } = engine.seenBy(of).view.peerAuthentications.scope(of);
  return Object.keys(workload?.portLevelMtls ?? {}).map(Number).filter((port) => Number.isInteger(port));
}

function verdict(engine: Engine, instance: Instance, port: { readonly targetPort: number; readonly declared: DeclaredPort | undefined }): PortVerdict {
  const { targetPort, declared } = port;
  const { inbound } = engine.seenBy(instance.class);
  return {
    instance: instance.told.ref,
    targetPort,
    protocol: declared?.protocol.class ?? "AUTO",
    services: (declared?.services ?? []).map(({ service, port: { number, name } }) => ({ host: service.host, port: number, name: name === "" ? null : name })),
    serverMode: verdictOf(inbound.mode(instance, targetPort)),
  };
}

/** The ports of an instance: what Services or its Sidecar declare, then what only a PeerAuthentication names. */
export function portVerdicts(engine: Engine, ref: InstanceRef): readonly PortVerdict[] {
  const instance = engine.instances.get(ref);
  if (instance === undefined) return [];
  const declared = engine.seenBy(instance.class).inbound.declared(instance).value;
  const others = instance.class.dataPlaneMode === "none" ? [] : policyPorts(engine, instance).filter((port) => !declared.has(port));
  const ports = [...[...declared.keys()].sort((a, b) => a - b), ...others.sort((a, b) => a - b)];
  return ports.map((targetPort) => verdict(engine, instance, { targetPort, declared: declared.get(targetPort) }));
}

type Groups = readonly (readonly Instance[])[];

/** A selector that asks for something new tells instances of any namespace apart. */
function sameGroups(before: Groups, after: Groups): boolean {
  if (before === after || (before.length === 1 && after.length === 1)) return true;
  const named = (groups: Groups): string => JSON.stringify(groups.map((group) => group.map(({ told }) => told.ref.name)));
  return before.length === after.length && named(before) === named(after);
}

interface Before {
  readonly ports: WorkloadPorts;
  readonly reach: Reach;
}

/** The ports of workloads, each told once: of instances that are alike those of one of them. */
export class WorkloadPorts {
  readonly #engine: Engine;
  readonly #known: Map<WorkloadId, readonly PortVerdict[]>;

  /** @param before of the configuration before: what no change reaches is told by the same lists */
  constructor(engine: Engine, before: Before | null) {
    this.#engine = engine;
    this.#known = before === null || before.reach.everything ? new Map<WorkloadId, readonly PortVerdict[]>() : before.ports.#beyond(before.reach, engine);
  }

  of(workload: WorkloadId): readonly PortVerdict[] {
    const known = this.#known.get(workload);
    if (known !== undefined) return known;
    const ports = this.#engine.instances.classesOf(workload).flatMap((instances) => this.#ofClass(instances));
    this.#known.set(workload, ports);
    return ports;
  }

  #ofClass(instances: readonly Instance[]): readonly PortVerdict[] {
    const [first] = instances;
    return first === undefined ? [] : this.#engine.seenBy(first.class).inbound.alike(instances).flatMap((one) => portVerdicts(this.#engine, one.told.ref));
  }

  #beyond({ workloads, servers }: Reach, { instances }: Engine): Map<WorkloadId, readonly PortVerdict[]> {
    const kept = new Map<WorkloadId, readonly PortVerdict[]>();
    const isReached = (id: WorkloadId): boolean => workloads.has(id) || servers.has(workloadIdParts(id).namespace);
    for (const [id, ports] of this.#known) if (!isReached(id) && sameGroups(this.#engine.instances.classesOf(id), instances.classesOf(id))) kept.set(id, ports);
    return kept;
  }
}
