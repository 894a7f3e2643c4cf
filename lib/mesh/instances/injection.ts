import type { Namespace, Pod } from "../objects/kubernetes.ts";
import { label } from "../order.ts";

/** Namespaces in which the injection webhook does nothing. */
const NEVER_INJECTED: ReadonlySet<string> = new Set(["kube-system", "kube-public", "kube-node-lease", "local-path-storage"]);

/** On a pod, and among its labels before its annotations: `"false"` keeps the sidecar out. */
export const INJECT = "sidecar.istio.io/inject";
/** On a namespace or a pod: `ambient`, or `none` for a pod that stays out. */
export const DATA_PLANE_MODE = "istio.io/dataplane-mode";

/** The label by which a namespace's new pods get a sidecar. */
export interface InjectionLabel {
  readonly key: "istio-injection" | "istio.io/rev";
  readonly value: string;
}

export function isNeverInjected(namespace: string): boolean {
  return NEVER_INJECTED.has(namespace);
}

/** `istio-injection` beats a revision, whichever way it says. */
export function injectionLabel({ labels }: Namespace): InjectionLabel | null {
  const byName = label(labels, "istio-injection");
  if (byName !== undefined) return byName === "enabled" ? { key: "istio-injection", value: byName } : null;
  const revision = label(labels, "istio.io/rev");
  return revision === undefined ? null : { key: "istio.io/rev", value: revision };
}

/** Where a pod says that it wants no sidecar, if it does. */
export function injectionRefusal({ labels, annotations }: Pod): "label" | "annotation" | null {
  const byLabel = label(labels, INJECT);
  if (byLabel !== undefined) return byLabel === "false" ? "label" : null;
  return label(annotations, INJECT) === "false" ? "annotation" : null;
}
