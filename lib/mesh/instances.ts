import type { Workload, WorkloadInstance } from "./judge.ts";
import type { InstanceRef } from "./connection.ts";
import { advertisesTunnel, podDataPlaneMode, saysTunnel, TLS_MODE_LABEL, workloadEntryDataPlaneMode } from "./dataPlane.ts";
import { byName, groupBy, label } from "./order.ts";
import type { Configuration, Labels, ObjectMeta, Pod, WorkloadEntry, WorkloadSelector } from "./snapshot.ts";
import type { DataPlaneMode, WorkloadId } from "./vocabulary.ts";
import { workloadId } from "./vocabulary.ts";

/**
 * All instances about which every rule says the same: what any selector, annotation or argument can tell apart is equal.
 * Judgements are made once per class.
 */
export interface InstanceClass {
  readonly id: number;
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

export interface Instance {
  readonly told: WorkloadInstance;
  readonly object: Pod | WorkloadEntry;
  readonly class: InstanceClass;
}

/** Annotations of a pod that a rule reads. */
const READ_ANNOTATIONS = [
  "traffic.sidecar.istio.io/includeInboundPorts",
  "traffic.sidecar.istio.io/excludeInboundPorts",
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

function keysOf(selector: WorkloadSelector): readonly string[] {
  return selector === null ? [] : Object.keys(selector);
}

/** Every label key that a selector of the configuration names. */
function selectorKeys({ objects }: Configuration): ReadonlySet<string> {
  const selectors: readonly WorkloadSelector[] = [
    ...objects.Service.map(({ selector }) => selector),
    ...objects.Gateway.map(({ selector }) => selector),
    ...[objects.PeerAuthentication, objects.AuthorizationPolicy].flatMap((kind) => kind.map(({ selector }) => selector)),
    ...[objects.DestinationRule, objects.Sidecar, objects.ServiceEntry, objects.EnvoyFilter].flatMap((kind) => kind.map(({ workloadSelector }) => workloadSelector)),
    ...objects.DestinationRule.flatMap(({ subsets }) => subsets.map(({ labels }) => labels)),
  ];
  const keys = new Set(ALWAYS_READ_LABELS);
  for (const selector of selectors) for (const key of keysOf(selector)) keys.add(key);
  return keys;
}

function pick(from: Labels, keys: Iterable<string>): Labels {
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

function injectedRevision(pod: Pod): string | undefined {
  const status = label(pod.annotations, "sidecar.istio.io/status");
  return label(pod.annotations, "istio.io/rev") ?? (status === undefined ? undefined : /"revision":"([^"]+)"/.exec(status)?.[1]);
}

interface Seen {
  readonly labels: Labels;
  readonly serviceAccountName: string;
  readonly tlsMode: string;
  readonly tunnel: boolean;
  readonly dataPlaneMode: DataPlaneMode;
  readonly network: string;
  /** what only the object itself tells, as text */
  readonly rest: string;
}

function seenPod(pod: Pod): Seen {
  const labels = istiodLabels(pod);
  const ports = pod.containers.flatMap((container) => container.ports.filter(({ name }) => name !== null).map(({ name, containerPort }) => `${name ?? ""}:${containerPort}`));
  const capture = pod.containers.filter(({ init }) => init === "init").map(({ name, args }) => [name, args]);
  return {
    labels,
    serviceAccountName: pod.serviceAccountName,
    tlsMode: label(labels, TLS_MODE_LABEL) ?? "disabled",
    tunnel: advertisesTunnel(pod),
    dataPlaneMode: podDataPlaneMode(pod),
    network: label(labels, "topology.istio.io/network") ?? "",
    rest: JSON.stringify([pod.hostNetwork, ports, capture, pick(pod.annotations, READ_ANNOTATIONS)]),
  };
}

function seenWorkloadEntry(entry: WorkloadEntry): Seen {
  const labels = { ...entry.labels, ...entry.workloadLabels };
  return {
    labels,
    serviceAccountName: entry.serviceAccount ?? "",
    tlsMode: label(labels, TLS_MODE_LABEL) ?? ((entry.serviceAccount ?? "") === "" ? "disabled" : "istio"),
    tunnel: saysTunnel(labels),
    dataPlaneMode: workloadEntryDataPlaneMode(entry),
    network: entry.network ?? label(labels, "topology.istio.io/network") ?? "",
    rest: "",
  };
}

/** Pods and WorkloadEntries, by name, address and workload, each with its class. */
export class Instances {
  readonly all: readonly Instance[];
  readonly #byRef: ReadonlyMap<string, Instance>;
  readonly #byAddress: ReadonlyMap<string, readonly Instance[]>;
  readonly byNamespace: ReadonlyMap<string, readonly Instance[]>;
  /** WorkloadEntries only */
  readonly machines: ReadonlyMap<string, readonly Instance[]>;
  readonly byWorkload: ReadonlyMap<WorkloadId, readonly Instance[]>;
  readonly workloads: ReadonlyMap<WorkloadId, Workload>;
  readonly #classes = new Map<string, InstanceClass>();
  readonly #alike = new Map<WorkloadId, readonly (readonly Instance[])[]>();
  readonly #keys: ReadonlySet<string>;
  readonly #namespaceLabels: ReadonlyMap<string, Labels>;

  constructor(configuration: Configuration) {
    const { Pod: pods, WorkloadEntry: entries, Namespace: namespaces } = configuration.objects;
    this.#keys = selectorKeys(configuration);
    this.#namespaceLabels = new Map(namespaces.map(({ name, labels }) => [name, labels]));
    this.all = [...[...pods].sort(byName).map((pod) => this.#pod(pod)), ...[...entries].sort(byName).map((entry) => this.#workloadEntry(entry))];
    this.#byRef = new Map([...this.all].reverse().map((instance) => [`${instance.told.ref.namespace}/${instance.told.ref.name}`, instance]));
    this.#byAddress = byAddress(this.all);
    this.byNamespace = groupBy(this.all, ({ told }) => told.ref.namespace);
    this.machines = groupBy(this.all.filter(({ object }) => object.kind === "WorkloadEntry"), ({ told }) => told.ref.namespace);
    this.byWorkload = groupBy(this.all, ({ told }) => told.workload);
    this.workloads = new Map([...this.byWorkload].map(([id, instances]) => [id, workload(id, instances)]));
  }

  /** A pod beats a WorkloadEntry of the same name. */
  get(ref: InstanceRef): Instance | undefined {
    return this.#byRef.get(`${ref.namespace}/${ref.name}`);
  }

  at(address: string): readonly Instance[] {
    return this.#byAddress.get(address) ?? [];
  }

  /** The instances of a workload, those that are alike together. */
  classesOf(workload: WorkloadId): readonly (readonly Instance[])[] {
    const found = this.#alike.get(workload) ?? [...groupBy(this.byWorkload.get(workload) ?? [], (instance) => instance.class).values()];
    this.#alike.set(workload, found);
    return found;
  }

  #pod(pod: Pod): Instance {
    const seen = seenPod(pod);
    return {
      object: pod,
      class: this.#classOf(pod, seen, injectedRevision(pod)),
      told: {
        ...told(pod, seen, workloadId(pod.namespace, pod.owner.name)),
        kind: "Pod",
        addresses: pod.ips,
        nodeName: pod.nodeName,
        hostNetwork: pod.hostNetwork,
        ready: pod.ready,
      },
    };
  }

  #workloadEntry(entry: WorkloadEntry): Instance {
    const seen = seenWorkloadEntry(entry);
    return {
      object: entry,
      class: this.#classOf(entry, seen, undefined),
      told: {
        ...told(entry, seen, workloadId(entry.namespace, entry.name)),
        kind: "WorkloadEntry",
        addresses: entry.address === "" ? [] : [entry.address],
        nodeName: null,
        hostNetwork: false,
        ready: true,
      },
    };
  }

  #classOf(object: Pod | WorkloadEntry, seen: Seen, injected: string | undefined): InstanceClass {
    const labels = pick(seen.labels, this.#keys);
    const namespaceLabels = this.#namespaceLabels.get(object.namespace) ?? {};
    const revision = injected ?? label(namespaceLabels, "istio.io/rev") ?? label(object.labels, "istio.io/rev") ?? "default";
    const { dataPlaneMode, serviceAccountName, tlsMode, tunnel, network } = seen;
    const key = JSON.stringify([object.kind, object.namespace, dataPlaneMode, serviceAccountName, revision, labels, tlsMode, tunnel, network, seen.rest]);
    const known = this.#classes.get(key);
    if (known !== undefined) return known;
    const { namespace } = object;
    const found = { id: this.#classes.size, namespace, dataPlaneMode, serviceAccountName, revision, labels, tlsMode, tunnel, network, representative: object };
    this.#classes.set(key, found);
    return found;
  }
}

function byAddress(instances: readonly Instance[]): ReadonlyMap<string, readonly Instance[]> {
  const pairs = instances.flatMap((instance) => instance.told.addresses.map((address) => ({ address, instance })));
  const groups = groupBy(pairs, ({ address }) => address);
  return new Map([...groups].map(([address, group]) => [address, group.map(({ instance }) => instance)]));
}

function told(object: ObjectMeta, seen: Seen, workload: WorkloadId): Pick<WorkloadInstance, "workload" | "ref" | "dataPlaneMode" | "labels" | "serviceAccountName"> {
  const { dataPlaneMode, labels, serviceAccountName } = seen;
  return { workload, ref: { namespace: object.namespace, name: object.name }, dataPlaneMode, labels, serviceAccountName };
}

function workload(id: WorkloadId, instances: readonly Instance[]): Workload {
  const [first] = instances;
  const ownerKind = first?.object.kind === "Pod" ? first.object.owner.kind : "WorkloadEntry";
  return { id, ownerKind, instances: instances.map((instance) => instance.told) };
}
