import { saysTunnel, TLS_MODE_LABEL } from "../instances/dataPlane.ts";
import type { InstanceRef } from "../connection.ts";
import type { Instance, Instances } from "../instances/instances.ts";
import { isEnded } from "../instances/instances.ts";
import type { Knowledge } from "../controlPlane/knowledge.ts";
import { label, selects } from "../order.ts";
import type { EndpointSlice, Labels, Service, ServiceEntry, ServiceEntryEndpoint, SliceEndpoint } from "../snapshot.ts";
import type { Gap, ObjectRef } from "../verdict.ts";
import type { Endpoint } from "./endpoint.ts";
import { InstanceEndpoint } from "./endpoint.ts";
import type { RegistryPort, RegistryService } from "./service.ts";
import type { SliceIndex } from "./sliceIndex.ts";

const NO_GAPS: readonly Gap[] = [];
const NONE: readonly never[] = [];
const NO_LABELS: Labels = {};
/** of fewer endpoints no index is made: they are looked through */
const FEW = 16;

interface EndpointSource {
  readonly instances: Instances;
  readonly knowledge: Knowledge;
  readonly slices: SliceIndex;
}

/** What has an address, for telling who serves; a pod that shares its node's address never does. */
function holder(instances: Instances, address: string): Instance | null {
  const found = instances.at(address);
  return found.find(({ told }) => !told.hostNetwork) ?? found[0] ?? null;
}

interface At {
  readonly targetPort: number;
  readonly namespace: string;
  readonly ready: boolean;
  readonly toldBy: ObjectRef;
  readonly toldIn: string;
}

function anonymous(address: string, at: At, instance: Instance | null): Endpoint {
  return { address, ...at, tlsMode: "disabled", tunnel: instance?.class.tunnel ?? false, labels: NO_LABELS, serviceAccount: null, network: "", instance, asItIs: false, gaps: NO_GAPS };
}

/** The number that a slice has for a port of its Service. */
function slicedPort({ ports }: EndpointSlice, { name: wanted }: RegistryPort): number | null {
  for (const { name, port } of ports) if ((name ?? "") === wanted) return port;
  return null;
}

/** Reads the endpoints of a registry service, port by port. */
export class Endpoints {
  readonly #instances: Instances;
  readonly #knowledge: Knowledge;
  readonly slices: SliceIndex;
  readonly #known = new Map<RegistryPort, readonly Endpoint[]>();
  readonly #byInstance = new Map<readonly Endpoint[], ReadonlyMap<Instance | null, Endpoint>>();

  constructor({ instances, knowledge, slices }: EndpointSource) {
    this.#instances = instances;
    this.#knowledge = knowledge;
    this.slices = slices;
  }

  of(service: RegistryService, port: RegistryPort): readonly Endpoint[] {
    const known = this.#known.get(port);
    if (known !== undefined) return known;
    const read = this.#read(service, port);
    this.#known.set(port, read);
    return read;
  }

  /** The endpoint at which an instance serves a port. */
  find(service: RegistryService, port: RegistryPort, instance: Instance): Endpoint | null {
    const all = this.of(service, port);
    if (all.length < FEW) return all.find((endpoint) => endpoint.instance === instance) ?? null;
    const index = this.#byInstance.get(all) ?? new Map(all.map((endpoint) => [endpoint.instance, endpoint] as const).reverse());
    this.#byInstance.set(all, index);
    return index.get(instance) ?? null;
  }

  /** What may be an endpoint without having been read. */
  gaps(service: RegistryService): readonly Gap[] {
    const kinds = service.source.kind === "Service" ? (["EndpointSlice", "Pod"] as const) : (["Pod", "WorkloadEntry"] as const);
    if (service.source.kind === "ServiceEntry" && service.source.workloadSelector === null) return NO_GAPS;
    return kinds.flatMap((kind) => this.#knowledge.gaps(kind, service.namespace));
  }

  #read(service: RegistryService, port: RegistryPort): readonly Endpoint[] {
    const { source } = service;
    return source.kind === "Service" ? this.#ofService(source, port, service.headless) : this.#ofServiceEntry(source, port);
  }

  #ofService(service: Service, port: RegistryPort, headless: boolean): readonly Endpoint[] {
    const slices = this.slices.of(service);
    const [only] = slices;
    const endpoints = only !== undefined && slices.length === 1 ? this.#sliced(only, port) : slices.flatMap((slice) => this.#sliced(slice, port));
    const machines = headless ? NONE : this.#selectedMachines(service, port);
    return machines.length === 0 ? endpoints : [...endpoints, ...machines];
  }

  #sliced(slice: EndpointSlice, port: RegistryPort): readonly Endpoint[] {
    const targetPort = slicedPort(slice, port);
    if (targetPort === null) return NONE;
    const told = slice.endpoints.map((one) => this.#ofPod(one, targetPort));
    return told.includes(null) ? slice.endpoints.flatMap((one, at) => told[at] ?? this.#addressed(slice, one, targetPort)) : (told as readonly Endpoint[]);
  }

  #ofPod({ targetRef, ready }: SliceEndpoint, targetPort: number): Endpoint | null {
    const pod = targetRef?.kind === "Pod" ? this.#instances.get(targetRef) : undefined;
    return pod === undefined ? null : new InstanceEndpoint(pod, targetPort, ready);
  }

  #addressed(slice: EndpointSlice, { addresses, targetRef, ready }: SliceEndpoint, targetPort: number): readonly Endpoint[] {
    const at = { targetPort, namespace: slice.namespace, ready, toldBy: slice, toldIn: "endpoints.targetRef" };
    return addresses.map((address) => (targetRef?.kind === "Pod" ? this.#unread(address, at, targetRef) : this.#unreferenced(address, at)));
  }

  /** An address of a pod that is not there. */
  #unread(address: string, at: At, { namespace, name }: InstanceRef): Endpoint {
    return { ...anonymous(address, at, null), gaps: this.#knowledge.gapsOf("Pod", namespace, name) };
  }

  /** An address without `targetRef`: istiod takes a pod of the same namespace that it knew when it read the slice. */
  #unreferenced(address: string, at: At): Endpoint {
    const instance = holder(this.#instances, address);
    const guess = anonymous(address, at, instance);
    const pod = this.#instances.at(address).find(({ told, class: of }) => told.kind === "Pod" && of.namespace === at.namespace);
    if (pod === undefined || pod.class.tlsMode === "disabled") return guess;
    const because = "the slice names no pod, and istiod looks up the address only if it knew the pod first";
    return { ...guess, gaps: [{ wanted: `what istiod knows of the endpoint \`${address}\` in namespace \`${at.namespace}\``, because }] };
  }

  #selectedMachines(service: Service, port: RegistryPort): readonly Endpoint[] {
    const machines = this.#instances.in(service.namespace)?.machines ?? [];
    if (machines.length === 0 || Object.keys(service.selector).length === 0) return NONE;
    return machines.flatMap((instance) => {
      if (instance.object.kind !== "WorkloadEntry" || !selects(service.selector, instance.told.labels)) return [];
      const { ports } = instance.object;
      const targetPort = typeof port.targetPort === "number" ? (own(ports, port.name) ?? port.targetPort) : own(ports, port.targetPort);
      return targetPort === undefined ? [] : [new InstanceEndpoint(instance, targetPort, true)];
    });
  }

  #ofServiceEntry(entry: ServiceEntry, port: RegistryPort): readonly Endpoint[] {
    if (entry.workloadSelector !== null) return this.#selectedBy(entry, port, entry.workloadSelector);
    if (entry.endpoints.length > 0) return entry.endpoints.map((_, at) => this.#inline(entry, at, port));
    if (ENTRY_WITHOUT_HOST_ENDPOINTS.has(entry.resolution ?? "NONE")) return [];
    return entry.hosts.map((host) => anonymous(host, { targetPort: Number(port.targetPort), namespace: entry.namespace, ready: true, toldBy: entry, toldIn: "spec.endpoints" }, null));
  }

  #selectedBy(entry: ServiceEntry, port: RegistryPort, selector: Labels): readonly Endpoint[] {
    return (this.#instances.in(entry.namespace)?.all ?? []).flatMap((instance) => {
      if (!selects(selector, instance.told.labels) || instance.told.addresses.length === 0 || isEnded(instance)) return [];
      const named = instance.object.kind === "WorkloadEntry" ? own(instance.object.ports, port.name) : undefined;
      return [new InstanceEndpoint(instance, named ?? Number(port.targetPort), true)];
    });
  }

  #inline(entry: ServiceEntry, at: number, port: RegistryPort): Endpoint {
    const { address, labels, serviceAccount, ports, network } = entry.endpoints[at] as ServiceEntryEndpoint;
    const instance = holder(this.#instances, address);
    const account = serviceAccount ?? "";
    return {
      address,
      targetPort: own(ports, port.name) ?? Number(port.targetPort),
      tlsMode: label(labels, TLS_MODE_LABEL) ?? (account === "" ? "disabled" : "istio"),
      tunnel: saysTunnel(labels) || instance?.class.tunnel === true,
      namespace: entry.namespace,
      labels,
      serviceAccount: account === "" ? null : `${entry.namespace}/${account}`,
      network: network ?? "",
      ready: true,
      instance,
      asItIs: false,
      gaps: NO_GAPS,
      toldBy: entry,
      toldIn: `spec.endpoints[${at}].labels.${TLS_MODE_LABEL}`,
    };
  }
}

const ENTRY_WITHOUT_HOST_ENDPOINTS: ReadonlySet<string> = new Set(["NONE", "STATIC"]);

function own(ports: Readonly<Record<string, number>>, name: string): number | undefined {
  return Object.hasOwn(ports, name) ? ports[name] : undefined;
}
