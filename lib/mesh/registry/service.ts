import { refOf } from "../deduction.ts";
import { label } from "../order.ts";
import type { PortProtocol } from "../joining/protocol.ts";
import { protocolNamed, servicePortProtocol } from "../joining/protocol.ts";
import type { Labels, ObjectMeta, Service, ServiceEntry } from "../snapshot.ts";
import type { ObjectRef } from "../verdict.ts";
import type { ServiceHost } from "../vocabulary.ts";
import { serviceHost } from "../vocabulary.ts";

/** A port of a host in istiod's registry, with the protocol as which proxies treat it. */
export interface RegistryPort {
  readonly number: number;
  readonly name: string;
  readonly protocol: PortProtocol;
  readonly targetPort: number | string;
}

/**
 * How a proxy finds the endpoints of a host: told one by one (`EDS`), resolved by name (`DNS`), or wherever the
 * application dialled (`ORIGINAL_DST`: headless Services, resolution NONE). An alias has none of its own.
 */
export type Resolution = "EDS" | "DNS" | "ORIGINAL_DST" | "ALIAS";

/** One host of istiod's registry, from a Service or a ServiceEntry. */
export interface RegistryService {
  readonly host: ServiceHost;
  readonly namespace: string;
  readonly meta: ObjectMeta;
  readonly ref: ObjectRef;
  readonly source: Service | ServiceEntry;
  readonly resolution: Resolution;
  /** headless in the sense of Kubernetes: the name resolves to pod addresses */
  readonly headless: boolean;
  /** MESH_EXTERNAL: no auto mTLS */
  readonly external: boolean;
  /** what the name resolves to, where that is an address of its own */
  readonly addresses: readonly string[];
  readonly ports: readonly RegistryPort[];
  /** as written; empty where the mesh's default holds */
  readonly exportTo: readonly string[];
  readonly aliasOf: ServiceHost | null;
}

const EXPORT_TO_ANNOTATION = "networking.istio.io/exportTo";

function annotatedExportTo(service: Service): readonly string[] {
  const written = label(service.annotations, EXPORT_TO_ANNOTATION) ?? "";
  return written.split(",").map((namespace) => namespace.trim()).filter((namespace) => namespace !== "");
}

/** The full name of a Service: `reviews.default.svc.cluster.local`. */
export function kubernetesHost(service: Service, clusterDomain: string): ServiceHost {
  return serviceHost(`${service.name}.${service.namespace}.svc.${clusterDomain}`);
}

function kubernetesResolution(service: Service): Resolution {
  if (service.type === "ExternalName") return "ALIAS";
  return service.clusterIPs[0] === "None" ? "ORIGINAL_DST" : "EDS";
}

export function fromService(service: Service, clusterDomain: string): RegistryService {
  const resolution = kubernetesResolution(service);
  return {
    host: kubernetesHost(service, clusterDomain),
    namespace: service.namespace,
    meta: service,
    ref: refOf(service),
    source: service,
    resolution,
    headless: resolution === "ORIGINAL_DST",
    external: false,
    addresses: resolution === "EDS" ? service.clusterIPs : [],
    ports: service.ports.map((port) => ({ number: port.port, name: port.name ?? "", protocol: servicePortProtocol(port), targetPort: port.targetPort })),
    exportTo: annotatedExportTo(service),
    aliasOf: service.externalName === null ? null : serviceHost(service.externalName),
  };
}

const ENTRY_RESOLUTIONS: ReadonlyMap<string, Resolution> = new Map([["STATIC", "EDS"], ["DNS", "DNS"], ["DNS_ROUND_ROBIN", "DNS"], ["DYNAMIC_DNS", "DNS"]]);

/** One registry host per host of the entry. Without `location` it is outside the mesh, without `resolution` it is NONE. */
export function fromServiceEntry(entry: ServiceEntry): readonly RegistryService[] {
  return entry.hosts.map((host) => ({
    host: serviceHost(host),
    namespace: entry.namespace,
    meta: entry,
    ref: refOf(entry),
    source: entry,
    resolution: ENTRY_RESOLUTIONS.get(entry.resolution ?? "") ?? "ORIGINAL_DST",
    headless: false,
    external: entry.location !== "MESH_INTERNAL",
    addresses: entry.addresses,
    ports: entry.ports.map(({ number, name, protocol, targetPort }) => ({ number, name, protocol: protocolNamed(protocol), targetPort: targetPort ?? number })),
    exportTo: entry.exportTo,
    aliasOf: null,
  }));
}

function sameLabels(a: Labels, b: Labels): boolean {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => label(b, key) === a[key]);
}

function sameEntry(a: ServiceEntry, b: ServiceEntry): boolean {
  return (a.resolution ?? "NONE") === (b.resolution ?? "NONE") && sameLabels(a.labels, b.labels) && sameLabels(a.workloadSelector ?? {}, b.workloadSelector ?? {});
}

function sameNames(a: readonly string[], b: readonly string[]): boolean {
  const [ours, theirs] = [new Set(a), new Set(b)];
  return ours.size === theirs.size && a.every((name) => theirs.has(name));
}

/** Whether istiod makes one service of two ServiceEntries: nothing but their ports, endpoints and addresses may differ. */
export function isPartOf(a: RegistryService, b: RegistryService): boolean {
  if (a.source.kind !== "ServiceEntry" || b.source.kind !== "ServiceEntry" || a.host !== b.host || a.namespace !== b.namespace) return false;
  return sameEntry(a.source, b.source) && sameNames(a.exportTo, b.exportTo);
}

export function portOf(service: RegistryService, number: number): RegistryPort | undefined {
  return service.ports.find((port) => port.number === number);
}
