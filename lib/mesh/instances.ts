import type { InstanceRef } from "./connection.ts";
import type { Workload } from "./judge.ts";
import { groupBy } from "./order.ts";
import type { Instance, Members, WorkloadInstances } from "./namespaceInstances.ts";
import { NamespaceInstances } from "./namespaceInstances.ts";
import type { Configuration, Labels } from "./snapshot.ts";
import type { WorkloadId } from "./vocabulary.ts";

export type { InstanceClass } from "./instanceClass.ts";
export type { Instance } from "./namespaceInstances.ts";

const NO_LABELS: Labels = {};
const NONE: readonly never[] = [];

function membersByNamespace({ objects: { Pod, WorkloadEntry, Namespace } }: Configuration, keys: readonly string[]): ReadonlyMap<string, Members> {
  const labels = new Map(Namespace.map((namespace) => [namespace.name, namespace.labels]));
  const [pods, entries] = [groupBy(Pod, ({ namespace }) => namespace), groupBy(WorkloadEntry, ({ namespace }) => namespace)];
  const namespaces = [...new Set([...pods.keys(), ...entries.keys()])].sort();
  return new Map(namespaces.map((namespace) => [namespace, { pods: pods.get(namespace) ?? NONE, entries: entries.get(namespace) ?? NONE, namespaceLabels: labels.get(namespace) ?? NO_LABELS, keys }]));
}

function byAddress(instances: Iterable<Instance>): ReadonlyMap<string, readonly Instance[]> {
  const index = new Map<string, Instance[]>();
  for (const instance of instances) {
    for (const address of instance.told.addresses) {
      const known = index.get(address);
      if (known === undefined) index.set(address, [instance]);
      else known.push(instance);
    }
  }
  return index;
}

/** Pods and WorkloadEntries of the mesh. What is made of a namespace is kept as long as nothing in it changes. */
export class Instances {
  readonly workloads: ReadonlyMap<WorkloadId, Workload>;
  readonly #byNamespace: ReadonlyMap<string, NamespaceInstances>;
  readonly #byWorkload: ReadonlyMap<WorkloadId, WorkloadInstances>;
  #byAddress: ReadonlyMap<string, readonly Instance[]> | null = null;

  /** @param at `keys`: every label key that a selector names; `before`: those of the configuration before */
  constructor(configuration: Configuration, { keys, before }: { readonly keys: readonly string[]; readonly before: Instances | null }) {
    this.#byNamespace = new Map(
      [...membersByNamespace(configuration, keys)].map(([namespace, members]) => {
        const kept = before?.in(namespace);
        return [namespace, kept?.isMadeOf(members) === true ? kept : new NamespaceInstances(members)];
      }),
    );
    const byWorkload = new Map<WorkloadId, WorkloadInstances>();
    const workloads = new Map<WorkloadId, Workload>();
    for (const inNamespace of this.#byNamespace.values()) {
      for (const [id, instances] of inNamespace.byWorkload) {
        byWorkload.set(id, instances);
        workloads.set(id, instances.told);
      }
    }
    this.#byWorkload = byWorkload;
    this.workloads = workloads;
  }

  get all(): readonly Instance[] {
    return [...this.#byNamespace.values()].flatMap(({ all }) => all);
  }

  in(namespace: string): NamespaceInstances | undefined {
    return this.#byNamespace.get(namespace);
  }

  get({ namespace, name }: InstanceRef): Instance | undefined {
    return this.#byNamespace.get(namespace)?.get(name);
  }

  at(address: string): readonly Instance[] {
    this.#byAddress ??= byAddress(this.all);
    return this.#byAddress.get(address) ?? NONE;
  }

  of(workload: WorkloadId): readonly Instance[] {
    return this.#byWorkload.get(workload)?.all ?? NONE;
  }

  /** The instances of a workload, those that are alike together. */
  classesOf(workload: WorkloadId): readonly (readonly Instance[])[] {
    return this.#byWorkload.get(workload)?.alike ?? NONE;
  }
}
