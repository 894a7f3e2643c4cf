import type { Configuration, PeerAuthentication, PeerMode, UnreadObject, WorkloadInstance } from "#mesh";
import { PEER_MODES, byAge, isEmptySelector, selects } from "#mesh";

/** PeerAuthentications by what they can apply to; each list oldest first, so that the first one is the one Istio keeps. */
export interface Policies {
  readonly roots: readonly string[];
  /** what the mesh says may not all have been read: nothing that inherits from it is taken for STRICT */
  readonly meshUnread: boolean;
  /** without selector, by namespace; a root namespace's are the mesh's */
  readonly wide: ReadonlyMap<string, readonly PeerAuthentication[]>;
  /** with selector, by namespace; those of a root namespace apply to nothing */
  readonly selecting: ReadonlyMap<string, readonly PeerAuthentication[]>;
}

/** Several where revisions name different ones. Istio's default holds where no mesh config exists. */
export function rootNamespaces(configuration: Configuration): readonly string[] {
  const named = new Set(configuration.objects.MeshConfig.map((config) => config.rootNamespace));
  return named.size === 0 ? ["istio-system"] : [...named];
}

export function policiesOf(configuration: Configuration): Policies {
  const sorted = [...configuration.objects.PeerAuthentication].sort(byAge);
  const roots = rootNamespaces(configuration);
  return {
    roots,
    meshUnread: isRootUnread(configuration) || roots.some((root) => mayHoldUnread(configuration, root)),
    wide: Map.groupBy(sorted.filter(({ selector }) => isEmptySelector(selector)), (policy) => policy.namespace),
    selecting: Map.groupBy(sorted.filter(({ selector }) => !isEmptySelector(selector)), (policy) => policy.namespace),
  };
}

/** The one PeerAuthentication with selector that an instance obeys, if any. */
export function winnerFor(policies: Policies, instance: WorkloadInstance): PeerAuthentication | undefined {
  const { namespace } = instance.ref;
  if (policies.roots.includes(namespace)) return undefined;
  return policies.selecting.get(namespace)?.find((policy) => selects(policy.selector ?? {}, instance.labels));
}

function isPeerMode(mode: string): mode is PeerMode {
  return PEER_MODES.some((known) => known === mode);
}

/** `UNSET` and an absent mode inherit. A mode that Istio does not know is no mode to rely on: never STRICT. */
function modeOr(policy: PeerAuthentication | undefined, inherited: PeerMode): PeerMode {
  const mode = policy?.mode ?? "UNSET";
  if (mode === "UNSET" || mode === "") return inherited;
  return isPeerMode(mode) ? mode : "PERMISSIVE";
}

export function meshMode(policies: Policies): PeerMode {
  if (policies.meshUnread) return "PERMISSIVE";
  return modeOr(policies.wide.get(policies.roots[0] ?? "")?.[0], "PERMISSIVE");
}

export function namespaceMode(policies: Policies, namespace: string): PeerMode {
  const own = policies.roots.includes(namespace) ? undefined : policies.wide.get(namespace)?.[0];
  return modeOr(own, meshMode(policies));
}

export function instanceMode(policies: Policies, instance: WorkloadInstance): PeerMode {
  return modeOr(winnerFor(policies, instance), namespaceMode(policies, instance.ref.namespace));
}

/** What a namespace's own policy says of it; `null` where it has none, or one that says nothing. */
export function writtenMode({ roots, wide }: Policies, namespace: string): PeerMode | null {
  const mode = roots.includes(namespace) ? null : (wide.get(namespace)?.[0]?.mode ?? null);
  return mode !== null && isPeerMode(mode) ? mode : null;
}

function isUnreadIn(unread: UnreadObject, namespace: string): boolean {
  if (unread.namespace !== null) return unread.namespace === namespace;
  return unread.exceptNamespaces?.includes(namespace) !== true;
}

/** Whether PeerAuthentications of a namespace may exist that could not be read. One that was read, but for a field, is there. */
export function mayHoldUnread(configuration: Configuration, namespace: string): boolean {
  const { objects, unread } = configuration;
  const isThere = (name: string): boolean => objects.PeerAuthentication.some((policy) => policy.namespace === namespace && policy.name === name);
  return unread.some((one) => one.kind === "PeerAuthentication" && isUnreadIn(one, namespace) && (one.name === null || !isThere(one.name)));
}

/** Whether there may be workloads that were not read. @param namespace `null`: in any */
export function areWorkloadsUnread({ unread }: Configuration, namespace: string | null): boolean {
  return unread.some((one) => (one.kind === "Pod" || one.kind === "WorkloadEntry") && (namespace === null || isUnreadIn(one, namespace)));
}

/** Without the mesh config it is not known which namespace is the root. */
export function isRootUnread({ objects, unread }: Configuration): boolean {
  return objects.MeshConfig.length === 0 && unread.some(({ kind }) => kind === "MeshConfig");
}
