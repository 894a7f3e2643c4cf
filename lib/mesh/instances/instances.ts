import { AddressIndex } from "./addressIndex.ts";
import type { InstanceRef } from "../connection.ts";
import { groupBy } from "../order.ts";
import type { Instance, Members, WorkloadInstances } from "./namespaceInstances.ts";
import { NamespaceInstances } from "./namespaceInstances.ts";
import type { Configuration, Labels } from "../snapshot.ts";
import type { WorkloadId } from "../vocabulary.ts";

export type { InstanceClass } from "./instanceClass.ts";
export type { Instance } from "./namespaceInstances.ts";
export { isEnded } from "./namespaceInstances.ts";

const NO_LABELS: Labels = {};
const NONE: readonly never[] = [];

function membersByNamespace({ objects: { Pod, WorkloadEntry, Namespace } }: Configuration, keys: readonly string[]): ReadonlyMap<string, Members> {
  const labels = new Map(Namespace.map((namespace) => [namespace.name, namespace.labels]));
  const [pods, entries] = [groupBy(Pod, ({ namespace }) => namespace), groupBy(WorkloadEntry, ({ namespace }) => namespace)];
  const namespaces = [...new Set([...pods.keys(), ...entries.keys()])].sort();
  return new Map(namespaces.map((namespace) => [namespace, { pods: pods.get(namespace) ?? NONE, entries: entries.get(namespace) ?? NONE, namespaceLabels: labels.get(namespace) ?? NO_LABELS, keys }]));
}

type Namespaces = ReadonlyMap<string, NamespaceInstances>;

/** Namespaces whose instances are not those that were; `undefined`: it has none any more. */
function changedSince(before: Namespaces, after: Namespaces): ReadonlyMap<string, NamespaceInstances | undefined> {
  const changed = new Map<string, NamespaceInstances | undefined>();
  for (const [namespace, instances] of after) if (before.get(namespace) !== instances) changed.set(namespace, instances);
  for (const namespace of before.keys()) if (!after.has(namespace)) changed.set(namespace, undefined);
  return changed;
}

interface Indexes {
  readonly workloads: ReadonlyMap<WorkloadId, WorkloadInstances>;
  /** `null`: nobody asked yet */
  readonly byAddress: AddressIndex | null;
}

function indexesOf(namespaces: Namespaces): Indexes {
  const workloads = new Map<WorkloadId, WorkloadInstances>();
  for (const { byWorkload } of namespaces.values()) for (const [id, instances] of byWorkload) workloads.set(id, instances);
  return { workloads, byAddress: null };
}

/** The same keys in the same order: what is set anew keeps its place. */
function sameKeys<K>(a: ReadonlyMap<K, unknown> | undefined, b: ReadonlyMap<K, unknown> | undefined): boolean {
  if (a === undefined || b === undefined || a.size !== b.size) return false;
  const others = [...b.keys()];
  return [...a.keys()].every((key, at) => key === others[at]);
}

/** Pods and WorkloadEntries of the mesh. What is made of a namespace is kept as long as nothing in it changes. */
export class Instances {
  readonly workloads: ReadonlyMap<WorkloadId, WorkloadInstances>;
  readonly #byNamespace: Namespaces;
  #byAddress: AddressIndex | null;

  /** @param at `keys`: every label key that a selector names; `before`: those of the configuration before */
  constructor(configuration: Configuration, { keys, before }: { readonly keys: readonly string[]; readonly before: Instances | null }) {
    this.#byNamespace = new Map(
      [...membersByNamespace(configuration, keys)].map(([namespace, members]) => {
        const kept = before?.in(namespace);
        return [namespace, kept?.isMadeOf(members) === true ? kept : new NamespaceInstances(members)];
      }),
    );
    const { workloads, byAddress } = (before === null ? null : before.#carried(this.#byNamespace)) ?? indexesOf(this.#byNamespace);
    this.workloads = workloads;
    this.#byAddress = byAddress;
  }

  /** The indexes with what other namespaces now hold; `null` where other workloads exist, too. */
  #carried(namespaces: Namespaces): Indexes | null {
    const changed = changedSince(this.#byNamespace, namespaces);
    for (const [namespace, instances] of changed) if (!sameKeys(this.in(namespace)?.byWorkload, instances?.byWorkload)) return null;
    const workloads = new Map(this.workloads);
    for (const [id, instances] of [...changed.values()].flatMap((one) => [...(one?.byWorkload ?? [])])) workloads.set(id, instances);
    return { workloads, byAddress: this.#byAddress?.with(changed) ?? null };
  }

  get all(): readonly Instance[] {
    return [...this.#byNamespace.values()].flatMap(({ all }) => all);
  }

  /** The instances of one namespace; `undefined` where it has none. */
  in(namespace: string): NamespaceInstances | undefined {
    return this.#byNamespace.get(namespace);
  }

  get({ namespace, name }: InstanceRef): Instance | undefined {
    return this.#byNamespace.get(namespace)?.get(name);
  }

  /** The instances that have an address; pods on the host's network share their node's. */
  at(address: string): readonly Instance[] {
    this.#byAddress ??= AddressIndex.of(this.all);
    return this.#byAddress.at(address);
  }

  /** The instances of a workload, none where there is no such workload. */
  of(workload: WorkloadId): readonly Instance[] {
    return this.workloads.get(workload)?.all ?? NONE;
  }

  /** The instances of a workload, those that are alike together. */
  classesOf(workload: WorkloadId): readonly (readonly Instance[])[] {
    return this.workloads.get(workload)?.alike ?? NONE;
  }
}
