import type { Configuration, Labels, PeerAuthentication, PeerMode, WorkloadInstance } from "#mesh";
import { PEER_MODES } from "#mesh";

/** PeerAuthentications by what they can apply to; each list oldest first, so that the first one is the one Istio keeps. */
export interface Policies {
  readonly roots: readonly string[];
  /** without selector, by namespace; a root namespace's are the mesh's */
  readonly wide: ReadonlyMap<string, readonly PeerAuthentication[]>;
  /** with selector, by namespace; those of a root namespace apply to nothing */
  readonly selecting: ReadonlyMap<string, readonly PeerAuthentication[]>;
}

function compareText(left: string, right: string): number {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

/** Istio's order: age, then name, then namespace. An object without timestamp counts as the oldest, as a zero time does in Istio. */
function byAge(left: PeerAuthentication, right: PeerAuthentication): number {
  return (left.createdAtMs ?? 0) - (right.createdAtMs ?? 0) || compareText(left.name, right.name) || compareText(left.namespace, right.namespace);
}

function isWide(policy: PeerAuthentication): boolean {
  return policy.selector === null || Object.keys(policy.selector).length === 0;
}

/** Several where revisions name different ones. Istio's default holds where no mesh config exists. */
export function rootNamespaces(configuration: Configuration): readonly string[] {
  const named = new Set(configuration.objects.MeshConfig.map((config) => config.rootNamespace));
  return named.size === 0 ? ["istio-system"] : [...named];
}

export function policiesOf(configuration: Configuration): Policies {
  const sorted = [...configuration.objects.PeerAuthentication].sort(byAge);
  return {
    roots: rootNamespaces(configuration),
    wide: Map.groupBy(sorted.filter(isWide), (policy) => policy.namespace),
    selecting: Map.groupBy(sorted.filter((policy) => !isWide(policy)), (policy) => policy.namespace),
  };
}

export function selects(selector: Labels | null, labels: Labels): boolean {
  return Object.entries(selector ?? {}).every(([key, value]) => Object.hasOwn(labels, key) && labels[key] === value);
}

/** The one PeerAuthentication with selector that an instance obeys, if any. */
export function winnerFor(policies: Policies, instance: WorkloadInstance): PeerAuthentication | undefined {
  const { namespace } = instance.ref;
  if (policies.roots.includes(namespace)) return undefined;
  return policies.selecting.get(namespace)?.find((policy) => selects(policy.selector, instance.labels));
}

function isPeerMode(mode: string | null | undefined): mode is PeerMode {
  return PEER_MODES.some((known) => known === mode);
}

/** Everything but the three modes inherits, `UNSET` and an absent block too. */
function modeOr(policy: PeerAuthentication | undefined, inherited: PeerMode): PeerMode {
  return isPeerMode(policy?.mode) ? policy.mode : inherited;
}

export function meshMode(policies: Policies): PeerMode {
  return modeOr(policies.wide.get(policies.roots[0] ?? "")?.[0], "PERMISSIVE");
}

export function namespaceMode(policies: Policies, namespace: string): PeerMode {
  const own = policies.roots.includes(namespace) ? undefined : policies.wide.get(namespace)?.[0];
  return modeOr(own, meshMode(policies));
}

export function instanceMode(policies: Policies, instance: WorkloadInstance): PeerMode {
  return modeOr(winnerFor(policies, instance), namespaceMode(policies, instance.ref.namespace));
}
