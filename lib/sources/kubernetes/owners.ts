import type { Pod, WorkloadOwner } from "#mesh";
import type { OwnerKind } from "./resources.ts";

/** A ReplicaSet or a Job, of which only its own owner matters. */
export interface Owned {
  readonly kind: OwnerKind;
  readonly owner: WorkloadOwner | null;
}

/** Finds the ReplicaSet or Job that owns a pod; `undefined` where no such object was read. */
export type OwnerLookup = (kind: OwnerKind, namespace: string, name: string) => Owned | undefined;

interface RawMetadata {
  readonly ownerReferences?: unknown;
}

function metadataOf(raw: unknown): RawMetadata {
  return (raw as { metadata?: RawMetadata | null } | null)?.metadata ?? {};
}

function controllerOf({ ownerReferences }: RawMetadata): WorkloadOwner | null {
  const references = Array.isArray(ownerReferences) ? (ownerReferences as readonly Readonly<Record<string, unknown>>[]) : [];
  const { kind, name } = references.find((reference) => reference["controller"] === true) ?? references[0] ?? {};
  return typeof kind === "string" && typeof name === "string" ? { kind, name } : null;
}

/** Many ReplicaSets belong to one Deployment: their owners are one value each. */
export function ownedReader(kind: OwnerKind): (raw: unknown) => Owned {
  const interned = new Map<string, WorkloadOwner>();
  return (raw) => {
    const metadata = metadataOf(raw);
    const owner = controllerOf(metadata);
    const key = owner === null ? "" : `${owner.kind}/${owner.name}`;
    if (owner !== null && !interned.has(key)) interned.set(key, owner);
    return { kind, owner: interned.get(key) ?? null };
  };
}

/** The object that made a pod: the snapshot's `owner` is already the workload as the names alone tell it. */
const controllers = new WeakMap<Pod, WorkloadOwner>();

export function rememberController(pod: Pod, raw: unknown): void {
  const controller = controllerOf(metadataOf(raw));
  if (controller !== null) controllers.set(pod, controller);
}

/** OpenShift's ReplicationController belongs to a DeploymentConfig, and Istio names the workload by this label. */
function deploymentConfig(pod: Pod): WorkloadOwner | null {
  const label = Object.hasOwn(pod.labels, "deploymentconfig") ? pod.labels["deploymentconfig"] : undefined;
  return pod.owner.kind === "ReplicationController" && label !== undefined && pod.owner.name.startsWith(`${label}-`) ? { kind: "DeploymentConfig", name: label } : null;
}

/**
 * The workload a pod belongs to, as people and Istio's telemetry name it: Pod → ReplicaSet → Deployment, Pod → Job → CronJob.
 * It ends there: what owns a Deployment (an operator's resource) is not how its traffic is named.
 */
function workloadOwner(pod: Pod, lookup: OwnerLookup): WorkloadOwner {
  const controller = controllers.get(pod);
  if (controller === undefined || (controller.kind !== "ReplicaSet" && controller.kind !== "Job")) return deploymentConfig(pod) ?? pod.owner;
  const owned = lookup(controller.kind, pod.namespace, controller.name);
  return owned === undefined ? pod.owner : (owned.owner ?? controller);
}

/** Pods with their workload's name; a pod whose answer has not changed is the same value as before. */
export function ownerResolver(): (pod: Pod, lookup: OwnerLookup) => Pod {
  const resolved = new WeakMap<Pod, Pod>();
  return (pod, lookup) => {
    const owner = workloadOwner(pod, lookup);
    const before = resolved.get(pod) ?? pod;
    if (before.owner.kind === owner.kind && before.owner.name === owner.name) return before;
    const after = { ...pod, owner };
    resolved.set(pod, after);
    return after;
  };
}
