import type { Labels, Workload } from "#mesh";
import { selects } from "#mesh";

/** Labels that tell one instance or one roll-out from the next, or that only istiod adds: useless to select a workload by. */
const PASSING = new Set([
  "pod-template-hash", "controller-revision-hash", "pod-template-generation", "statefulset.kubernetes.io/pod-name", "apps.kubernetes.io/pod-index",
  "job-name", "controller-uid", "batch.kubernetes.io/job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-completion-index",
  "security.istio.io/tlsMode", "service.istio.io/canonical-name", "service.istio.io/canonical-revision", "istio.io/rev", "sidecar.istio.io/inject",
  "topology.istio.io/cluster", "topology.istio.io/network", "topology.istio.io/subzone", "topology.kubernetes.io/region",
  "topology.kubernetes.io/zone", "kubernetes.io/hostname", "networking.istio.io/tunnel",
]);
/** The ones people select by come first, so that the manifest reads as they would have written it. */
const CUSTOMARY = ["app", "app.kubernetes.io/name", "k8s-app", "app.kubernetes.io/instance", "app.kubernetes.io/component", "version"];

function rank(key: string): number {
  const at = CUSTOMARY.indexOf(key);
  return at === -1 ? CUSTOMARY.length : at;
}

function sharedLabels(workload: Workload): readonly (readonly [string, string])[] {
  const [first, ...others] = workload.instances;
  if (first === undefined) return [];
  return Object.entries(first.labels)
    .filter(([key, value]) => !PASSING.has(key) && others.every(({ labels }) => Object.hasOwn(labels, key) && labels[key] === value))
    .sort(([left], [right]) => rank(left) - rank(right) || (left < right ? -1 : 1));
}

function selectsAny(selector: Labels, workloads: readonly Workload[]): boolean {
  return workloads.some((workload) => workload.instances.some((instance) => selects(selector, instance.labels)));
}

/**
 * The fewest customary labels that select every instance of a workload and nothing else in its namespace.
 *
 * @param neighbours the other workloads of the namespace
 * @returns `undefined` where no labels do
 */
export function selectorFor(workload: Workload, neighbours: readonly Workload[]): Labels | undefined {
  const chosen: (readonly [string, string])[] = [];
  for (const label of sharedLabels(workload)) {
    chosen.push(label);
    const selector = Object.fromEntries(chosen);
    if (!selectsAny(selector, neighbours)) return selector;
  }
  return undefined;
}
