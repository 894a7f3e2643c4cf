import type { Derivations } from "../change/derivations.ts";
import { advertisesTunnel, podDataPlaneMode, saysTunnel, TLS_MODE_LABEL, workloadEntryDataPlaneMode } from "./dataPlane.ts";
import { addressInRange } from "../ip.ts";
import { label } from "../order.ts";
import type { AuthorizationPolicy, Configuration, Container, Labels, Pod, WorkloadEntry, WorkloadSelector } from "../snapshot.ts";
import type { DataPlaneMode, WorkloadId } from "../vocabulary.ts";

/**
 * Instances of one workload about which every rule says the same: what any selector, annotation or argument can tell apart is equal.
 * Judgements are made once per class.
 */
export interface InstanceClass {
  readonly id: string;
  readonly dataPlaneMode: DataPlaneMode;
  readonly namespace: string;
  /** only those that some selector asks for */
  readonly labels: Labels;
  readonly serviceAccountName: string;
  readonly revision: string;
  /** as an endpoint: `istio`, `disabled`, or whatever the label says */
  readonly tlsMode: string;
  readonly tunnel: boolean;
  readonly network: string;
  /** one of them; what it is asked for is the same in all */
  readonly representative: Pod | WorkloadEntry;
}

/** Annotations of a pod that a rule reads. */
const READ_ANNOTATIONS = [
  "traffic.sidecar.istio.io/includeInboundPorts",
  "traffic.sidecar.istio.io/excludeInboundPorts",
  "traffic.sidecar.istio.io/excludeInterfaces",
  "traffic.sidecar.istio.io/includeOutboundPorts",
  "traffic.sidecar.istio.io/excludeOutboundPorts",
  "traffic.sidecar.istio.io/includeOutboundIPRanges",
  "traffic.sidecar.istio.io/excludeOutboundIPRanges",
  "sidecar.istio.io/interceptionMode",
  "status.sidecar.istio.io/port",
  "ambient.istio.io/bypass-inbound-capture",
  "proxy.istio.io/config",
  "istio.io/rev",
] as const;

const ALWAYS_READ_LABELS = [TLS_MODE_LABEL, "istio.io/rev", "topology.istio.io/network", "istio.io/use-waypoint", "istio.io/use-waypoint-namespace", "gateway.networking.k8s.io/gateway-name"];

function keysOf(selectors: readonly WorkloadSelector[]): readonly string[] {
  const keys = new Set<string>();
  for (const selector of selectors) if (selector !== null) for (const key of Object.keys(selector)) keys.add(key);
  return [...keys];
}

/** Begins a key that stands for a range of addresses. No label's key has a space. */
const ADDRESS_IN = "address in ";

const ADDRESS_KEYS: ReadonlySet<string> = new Set(["source.ip", "remote.ip", "destination.ip"]);

/** Ranges of addresses that policies ask for, of who comes or of where it arrives. */
function rangesOf(policies: readonly AuthorizationPolicy[]): readonly string[] {
  const rules = policies.flatMap((policy) => policy.rules ?? []);
  const ofSources = rules.flatMap(({ from }) => from.flatMap(({ ipBlocks, notIpBlocks, remoteIpBlocks, notRemoteIpBlocks }) => [...ipBlocks, ...notIpBlocks, ...remoteIpBlocks, ...notRemoteIpBlocks]));
  const ofConditions = rules.flatMap(({ when }) => when.filter(({ key }) => ADDRESS_KEYS.has(key)).flatMap(({ values, notValues }) => [...values, ...notValues]));
  return [...ofSources, ...ofConditions].map((range) => `${ADDRESS_IN}${range}`);
}

/** What tells instances apart, by letter: every label key that a selector of the configuration names, and ranges of addresses. The same list as long as it says the same. */
export function selectorKeys(derived: Derivations, { objects }: Configuration): readonly string[] {
  const selecting = (["Service", "Gateway", "PeerAuthentication", "AuthorizationPolicy"] as const).map((kind) =>
    derived.of(`keys of ${kind}`, [objects[kind]], () => keysOf(objects[kind].map(({ selector }) => selector))),
  );
  const selectingWorkloads = (["DestinationRule", "Sidecar", "ServiceEntry", "EnvoyFilter"] as const).map((kind) =>
    derived.of(`keys of ${kind}`, [objects[kind]], () => keysOf(objects[kind].map(({ workloadSelector }) => workloadSelector))),
  );
  const subsets = derived.of("keys of subsets", [objects.DestinationRule], () => keysOf(objects.DestinationRule.flatMap((rule) => rule.subsets.map(({ labels }) => labels))));
  const ranges = derived.of("ranges of addresses", [objects.AuthorizationPolicy], () => rangesOf(objects.AuthorizationPolicy));
  const keys = [...new Set([...ALWAYS_READ_LABELS, ...selecting.flat(), ...selectingWorkloads.flat(), ...subsets, ...ranges])].sort();
  return derived.of("keys", [JSON.stringify(keys)], () => keys);
}

function pick(from: Labels, keys: readonly string[]): Labels {
  const picked: [string, string][] = [];
  for (const key of keys) {
    const value = label(from, key);
    if (value !== undefined) picked.push([key, value]);
  }
  return Object.fromEntries(picked);
}

/** What istiod adds to a pod's own labels. */
function istiodLabels(pod: Pod): Labels {
  return pod.nodeName === null || Object.hasOwn(pod.labels, "kubernetes.io/hostname") ? pod.labels : { ...pod.labels, "kubernetes.io/hostname": pod.nodeName };
}

/** The revision that injected a proxy, as the pod says. */
function injectedRevision(object: Pod | WorkloadEntry): string | undefined {
  if (object.kind !== "Pod") return undefined;
  const status = label(object.annotations, "sidecar.istio.io/status");
  return label(object.annotations, "istio.io/rev") ?? (status === undefined ? undefined : /"revision":"([^"]+)"/.exec(status)?.[1]);
}

/** What is read of an instance before it is asked which class it is of. */
export interface Seen {
  readonly object: Pod | WorkloadEntry;
  /** as istiod sees them */
  readonly labels: Labels;
  readonly serviceAccountName: string;
  readonly tlsMode: string;
  readonly tunnel: boolean;
  readonly dataPlaneMode: DataPlaneMode;
  readonly network: string;
  readonly revision: string;
}

function seenPod(pod: Pod): Omit<Seen, "revision"> {
  const labels = istiodLabels(pod);
  return {
    object: pod,
    labels,
    serviceAccountName: pod.serviceAccountName,
    tlsMode: label(labels, TLS_MODE_LABEL) ?? "disabled",
    tunnel: advertisesTunnel(pod),
    dataPlaneMode: podDataPlaneMode(pod),
    network: label(labels, "topology.istio.io/network") ?? "",
  };
}

function seenWorkloadEntry(entry: WorkloadEntry): Omit<Seen, "revision"> {
  const labels = { ...entry.labels, ...entry.workloadLabels };
  return {
    object: entry,
    labels,
    serviceAccountName: entry.serviceAccount ?? "",
    tlsMode: label(labels, TLS_MODE_LABEL) ?? ((entry.serviceAccount ?? "") === "" ? "disabled" : "istio"),
    tunnel: saysTunnel(labels),
    dataPlaneMode: workloadEntryDataPlaneMode(entry),
    network: entry.network ?? label(labels, "topology.istio.io/network") ?? "",
  };
}

export function seenInstance(object: Pod | WorkloadEntry, namespaceLabels: Labels): Seen {
  const revision = injectedRevision(object) ?? label(namespaceLabels, "istio.io/rev") ?? label(object.labels, "istio.io/rev") ?? "default";
  return { ...(object.kind === "Pod" ? seenPod(object) : seenWorkloadEntry(object)), revision };
}

function sameValues(a: Labels, b: Labels, keys: readonly string[]): boolean {
  return a === b || keys.every((key) => label(a, key) === label(b, key));
}

function sameList<T>(a: readonly T[], b: readonly T[], same: (one: T, other: T) => boolean): boolean {
  return a === b || (a.length === b.length && a.every((one, at) => same(one, b[at] as T)));
}

/** Named ports, the user, and what initialises the redirection. */
function sameContainer(a: Container, b: Container): boolean {
  if (a === b) return true;
  const sameArguments = a.init !== "init" || (a.name === b.name && sameList(a.args, b.args, Object.is));
  return a.init === b.init && a.runAsUser === b.runAsUser && sameArguments && sameList(a.ports, b.ports, (one, other) => one.name === other.name && (one.name === null || one.containerPort === other.containerPort));
}

function samePod(a: Pod, b: Pod): boolean {
  return a.hostNetwork === b.hostNetwork && sameList(a.containers, b.containers, sameContainer) && sameValues(a.annotations, b.annotations, READ_ANNOTATIONS);
}

/** A machine is alone in its class: no two WorkloadEntries are of one workload, and what pods read is not for it. */
function sameObject(a: Pod | WorkloadEntry, b: Pod | WorkloadEntry): boolean {
  return a.kind === "Pod" && b.kind === "Pod" && samePod(a, b);
}

/** Address by address, as each may be the one that is asked about. */
function sameWithin(a: Pod | WorkloadEntry, b: Pod | WorkloadEntry, range: string): boolean {
  const [ours, theirs] = [a, b].map((object) => (object.kind === "Pod" ? object.ips : [object.address]).map((address) => addressInRange(address, range)));
  return sameList(ours ?? [], theirs ?? [], Object.is);
}

function isToldApart(of: InstanceClass, { labels, object }: Seen, key: string): boolean {
  if (key.startsWith(ADDRESS_IN)) return !sameWithin(of.representative, object, key.slice(ADDRESS_IN.length));
  return label(of.labels, key) !== label(labels, key);
}

const READ_ONCE = ["dataPlaneMode", "serviceAccountName", "revision", "tlsMode", "tunnel", "network"] as const;

function isOf(of: InstanceClass, seen: Seen, keys: readonly string[]): boolean {
  return READ_ONCE.every((one) => of[one] === seen[one]) && sameObject(of.representative, seen.object) && !keys.some((key) => isToldApart(of, seen, key));
}

/** The class of an instance among those of its workload; a new one joins them. */
export function classOf(memo: InstanceClass[], seen: Seen, at: { readonly workload: WorkloadId; readonly keys: readonly string[] }): InstanceClass {
  const known = memo.find((one) => isOf(one, seen, at.keys));
  if (known !== undefined) return known;
  const { object, dataPlaneMode, serviceAccountName, revision, tlsMode, tunnel, network } = seen;
  const found = { id: `${at.workload} ${memo.length}`, namespace: object.namespace, dataPlaneMode, serviceAccountName, revision, labels: pick(seen.labels, at.keys), tlsMode, tunnel, network, representative: object };
  memo.push(found);
  return found;
}
