import type { InstanceClass, Seen } from "./instanceClass.ts";
import { classOf, seenInstance } from "./instanceClass.ts";
import type { Workload, WorkloadInstance } from "../judge.ts";
import { compareText, groupBy } from "../order.ts";
import type { Labels, Pod, WorkloadEntry } from "../snapshot.ts";
import type { WorkloadId } from "../vocabulary.ts";
import { workloadId } from "../vocabulary.ts";

/** One pod or WorkloadEntry: as callers of the engine are told of it, as it was read, and its class. */
export interface Instance {
  readonly told: WorkloadInstance;
  readonly object: Pod | WorkloadEntry;
  readonly class: InstanceClass;
}

const ENDED: ReadonlySet<string> = new Set(["Succeeded", "Failed"]);

/** Pods that ended are kept by Kubernetes for a while: they send and take nothing any more, and others may have their addresses. */
export function isEnded({ object }: Instance): boolean {
  return object.kind === "Pod" && ENDED.has(object.phase);
}

/** Of some instances those that run; where none does, as of a Job that is done, all of them. */
export function atWork(instances: readonly Instance[]): readonly Instance[] {
  const running = instances.some(isEnded) ? instances.filter((one) => !isEnded(one)) : instances;
  return running.length === 0 ? instances : running;
}

/** A workload as it is told, and what is known of its instances: those that are alike together. */
export interface WorkloadInstances extends Workload {
  readonly all: readonly Instance[];
  readonly alike: readonly (readonly Instance[])[];
}

/** What the instances of one namespace are made from. */
export interface Members {
  readonly pods: readonly Pod[];
  readonly entries: readonly WorkloadEntry[];
  readonly namespaceLabels: Labels;
  /** every label key that a selector names */
  readonly keys: readonly string[];
}

function byName(a: { readonly name: string }, b: { readonly name: string }): number {
  return compareText(a.name, b.name);
}

function ownerName(object: Pod | WorkloadEntry): string {
  return object.kind === "Pod" ? object.owner.name : object.name;
}

function toldOf({ object, dataPlaneMode, labels, serviceAccountName }: Seen, workload: WorkloadId): WorkloadInstance {
  const ref = { namespace: object.namespace, name: object.name };
  if (object.kind === "Pod") {
    const { ips: addresses, nodeName, hostNetwork, ready, createdAtMs } = object;
    return { workload, ref, kind: "Pod", dataPlaneMode, labels, addresses, nodeName, hostNetwork, ready, serviceAccountName, createdAtMs };
  }
  const addresses = object.address === "" ? [] : [object.address];
  return { workload, ref, kind: "WorkloadEntry", dataPlaneMode, labels, addresses, nodeName: null, hostNetwork: false, ready: true, serviceAccountName, createdAtMs: null };
}

function workloadInstances(id: WorkloadId, everyone: readonly Instance[]): WorkloadInstances {
  const all = atWork(everyone);
  const [first] = all;
  const ownerKind = first?.object.kind === "Pod" ? first.object.owner.kind : "WorkloadEntry";
  const isOne = all.every((instance) => instance.class === first?.class);
  return { id, ownerKind, instances: all.map(({ told }) => told), all, alike: isOne ? [all] : [...groupBy(all, (instance) => instance.class).values()] };
}

function sameMembers<T>(a: readonly T[], b: readonly T[]): boolean {
  return a.length === b.length && a.every((one, at) => one === b[at]);
}

/** A workload while its instances are gathered. */
interface Owner {
  readonly id: WorkloadId;
  readonly classes: InstanceClass[];
  readonly instances: Instance[];
}

function admitted(into: Map<string, Owner>, object: Pod | WorkloadEntry, { namespaceLabels, keys }: Members): Instance {
  const name = ownerName(object);
  const owner = into.get(name) ?? { id: workloadId(object.namespace, name), classes: [], instances: [] };
  const seen = seenInstance(object, namespaceLabels);
  const instance = { object, class: classOf(owner.classes, seen, { workload: owner.id, keys }), told: toldOf(seen, owner.id) };
  owner.instances.push(instance);
  into.set(name, owner);
  return instance;
}

/** The instances of one namespace, by name and workload, each with its class. */
export class NamespaceInstances {
  /** those that ended, too */
  readonly all: readonly Instance[];
  /** WorkloadEntries only */
  readonly machines: readonly Instance[];
  readonly byWorkload: ReadonlyMap<WorkloadId, WorkloadInstances>;
  readonly #byName: ReadonlyMap<string, Instance>;
  readonly #members: Members;

  constructor(members: Members) {
    this.#members = members;
    const owners = new Map<string, Owner>();
    const pods = members.pods.toSorted(byName).map((pod) => admitted(owners, pod, members));
    this.machines = members.entries.toSorted(byName).map((entry) => admitted(owners, entry, members));
    this.all = [...pods, ...this.machines];
    this.byWorkload = new Map([...owners.values()].map(({ id, instances }) => [id, workloadInstances(id, instances)]));
    this.#byName = new Map([...this.machines, ...pods].map((one) => [one.told.ref.name, one]));
  }

  /** A pod beats a WorkloadEntry of the same name. */
  get(name: string): Instance | undefined {
    return this.#byName.get(name);
  }

  isMadeOf({ pods, entries, namespaceLabels, keys }: Members): boolean {
    const made = this.#members;
    return sameMembers(made.keys, keys) && made.namespaceLabels === namespaceLabels && sameMembers(made.pods, pods) && sameMembers(made.entries, entries);
  }
}
