import type { Container, EndpointSlice, Namespace, Pod, Probe, Service, WorkloadOwner } from "#mesh";
import type { z } from "zod";
import { mapLabels, mapMeta, parse } from "./parse.ts";
import type { metadataSchema } from "./schema.ts";
import { endpointSliceSchema, podSchema, serviceSchema } from "./schema.ts";

type Metadata = z.infer<typeof metadataSchema>;
type RawPod = z.infer<typeof podSchema>;
type RawContainer = NonNullable<RawPod["spec"]["containers"]>[number];

export function mapNamespace(_raw: unknown, meta: Metadata): Namespace {
  return { kind: "Namespace", ...mapMeta(meta) };
}

function replicaSetOwner(name: string, hash: string | undefined): WorkloadOwner {
  const isDeployments = hash !== undefined && name.endsWith(`-${hash}`);
  return isDeployments ? { kind: "Deployment", name: name.slice(0, -hash.length - 1) } : { kind: "ReplicaSet", name };
}

function jobOwner(name: string): WorkloadOwner {
  const cronJob = /^(.+)-\d{8,10}$/.exec(name)?.[1];
  return cronJob === undefined ? { kind: "Job", name } : { kind: "CronJob", name: cronJob };
}

/** The name people and Istio's metrics use: a Deployment's, not its ReplicaSet's; a CronJob's, not its Job's. */
function mapOwner(meta: Metadata): WorkloadOwner {
  const references = meta.ownerReferences ?? [];
  const owner = references.find((reference) => reference.controller === true) ?? references[0];
  if (owner === undefined) return { kind: "Pod", name: meta.name };
  switch (owner.kind) {
    case "ReplicaSet":
      return replicaSetOwner(owner.name, meta.labels?.["pod-template-hash"]);
    case "Job":
      return jobOwner(owner.name);
  }
  return { kind: owner.kind, name: owner.name };
}

const NO_PROBES: readonly Probe[] = [];

function probesOf(kind: Probe["kind"], port: number | string | null | undefined): readonly Probe[] {
  return port === undefined || port === null ? NO_PROBES : [{ kind, port }];
}

/** A host of its own is not the pod's address. */
function mapProbe(handler: RawContainer["livenessProbe"]): readonly Probe[] {
  const isElsewhere = (handler?.httpGet?.host ?? "") !== "";
  return [...(isElsewhere ? NO_PROBES : probesOf("http", handler?.httpGet?.port)), ...probesOf("grpc", handler?.grpc?.port)];
}

function mapProbes({ livenessProbe, readinessProbe, startupProbe, lifecycle }: RawContainer): readonly Probe[] {
  const probes = [livenessProbe, readinessProbe, startupProbe, lifecycle?.postStart, lifecycle?.preStop].flatMap(mapProbe);
  return probes.length === 0 ? NO_PROBES : probes;
}

function mapContainer(raw: RawContainer, init: Container["init"], podUser: number | null): Container {
  return {
    name: raw.name,
    init,
    args: raw.args ?? [],
    ports: (raw.ports ?? []).map((port) => ({ name: port.name ?? null, containerPort: port.containerPort, protocol: port.protocol ?? "TCP" })),
    runAsUser: raw.securityContext?.runAsUser ?? podUser,
    probes: mapProbes(raw),
  };
}

function mapContainers(spec: RawPod["spec"]): readonly Container[] {
  const podUser = spec.securityContext?.runAsUser ?? null;
  const init = (spec.initContainers ?? []).map((raw) => mapContainer(raw, raw.restartPolicy === "Always" ? "native-sidecar" : "init", podUser));
  return [...init, ...(spec.containers ?? []).map((raw) => mapContainer(raw, "app", podUser))];
}

function mapPodIps(status: RawPod["status"]): readonly string[] {
  const ips = (status?.podIPs ?? []).map(({ ip }) => ip ?? "").filter((ip) => ip !== "");
  if (ips.length > 0) return ips;
  const ip = status?.podIP ?? "";
  return ip === "" ? [] : [ip];
}

export function mapPod(raw: unknown, meta: Metadata): Pod {
  const { spec, status } = parse(podSchema, raw);
  const conditions = status?.conditions ?? [];
  return {
    kind: "Pod",
    ...mapMeta(meta),
    owner: mapOwner(meta),
    serviceAccountName: spec.serviceAccountName ?? "default",
    hostNetwork: spec.hostNetwork ?? false,
    nodeName: spec.nodeName ?? null,
    phase: status?.phase ?? "Unknown",
    deleting: (meta.deletionTimestamp ?? null) !== null,
    ready: conditions.some(({ type, status: is }) => type === "Ready" && is === "True"),
    ips: mapPodIps(status),
    containers: mapContainers(spec),
  };
}

const SERVICE_TYPES: ReadonlySet<string> = new Set<Service["type"]>(["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]);

function serviceType(text: string | null | undefined): Service["type"] {
  return text !== null && text !== undefined && SERVICE_TYPES.has(text) ? (text as Service["type"]) : "ClusterIP";
}

function clusterIps(spec: z.infer<typeof serviceSchema>["spec"]): readonly string[] {
  const ips = spec.clusterIPs ?? [];
  if (ips.length > 0) return ips;
  const ip = spec.clusterIP ?? "";
  return ip === "" ? [] : [ip];
}

export function mapService(raw: unknown, meta: Metadata): Service {
  const { spec } = parse(serviceSchema, raw);
  return {
    kind: "Service",
    ...mapMeta(meta),
    type: serviceType(spec.type),
    selector: mapLabels(spec.selector),
    clusterIPs: clusterIps(spec),
    externalIPs: spec.externalIPs ?? [],
    externalName: spec.externalName ?? null,
    publishNotReadyAddresses: spec.publishNotReadyAddresses ?? false,
    ports: (spec.ports ?? []).map((port) => ({
      name: port.name ?? null,
      port: port.port,
      protocol: port.protocol ?? "TCP",
      targetPort: port.targetPort ?? port.port,
      appProtocol: port.appProtocol ?? null,
      nodePort: port.nodePort ?? null,
    })),
  };
}

export function mapEndpointSlice(raw: unknown, meta: Metadata): EndpointSlice {
  const slice = parse(endpointSliceSchema, raw);
  return {
    kind: "EndpointSlice",
    ...mapMeta(meta),
    addressType: slice.addressType ?? "IPv4",
    serviceName: meta.labels?.["kubernetes.io/service-name"] ?? null,
    ports: (slice.ports ?? []).map((port) => ({
      name: port.name ?? null,
      port: port.port ?? null,
      protocol: port.protocol ?? "TCP",
      appProtocol: port.appProtocol ?? null,
    })),
    endpoints: (slice.endpoints ?? []).map(({ addresses, conditions, targetRef }) => ({
      addresses: addresses ?? [],
      ready: conditions?.ready ?? true,
      targetRef:
        targetRef === null || targetRef === undefined
          ? null
          : { kind: targetRef.kind ?? "", namespace: targetRef.namespace ?? meta.namespace ?? "", name: targetRef.name ?? "" },
    })),
  };
}
