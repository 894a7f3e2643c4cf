import type { Configuration, UnreadObject, WorkloadSelector } from "../snapshot.ts";

/** Labels that istiod adds to a pod from its node and cluster, which are not read. */
const OF_NODES = ["topology.kubernetes.io/region", "topology.kubernetes.io/zone", "topology.istio.io/subzone", "topology.istio.io/cluster"] as const;

const BECAUSE = "it selects by a label that istiod takes from the node or cluster, and these are not read";

interface Selecting {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly field: string;
  readonly selector: WorkloadSelector;
}

function selecting({ objects }: Configuration): readonly Selecting[] {
  const byMatchLabels = [...objects.PeerAuthentication, ...objects.AuthorizationPolicy].map(({ kind, namespace, name, selector }) => ({ kind, namespace, name, field: "spec.selector.matchLabels", selector }));
  const byLabels = [...objects.Sidecar, ...objects.EnvoyFilter].map(({ kind, namespace, name, workloadSelector }) => ({ kind, namespace, name, field: "spec.workloadSelector", selector: workloadSelector }));
  const rules = objects.DestinationRule.map(({ kind, namespace, name, workloadSelector }) => ({ kind, namespace, name, field: "spec.workloadSelector.matchLabels", selector: workloadSelector }));
  return [...byMatchLabels, ...byLabels, ...rules];
}

/**
 * Objects of which one cannot tell whom they select: as good as unread.
 *
 * @see semantics A.1: labels of a workload are the pod's, and those of its place
 */
export function selectingByNode(configuration: Configuration): readonly UnreadObject[] {
  return selecting(configuration)
    .filter(({ selector }) => selector !== null && OF_NODES.some((key) => Object.hasOwn(selector, key)))
    .map(({ kind, namespace, name, field }) => ({ kind, namespace, name, field, because: BECAUSE }));
}
