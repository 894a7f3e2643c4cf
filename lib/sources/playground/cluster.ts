import { EMPTY_CONFIGURATION, type Configuration, type ConfigurationObjects, type ControlPlane, type EndpointSlice, type Labels, type MeshConfig, type MeshObject, type Pod, type Service } from "#mesh";
import { generatedSuffix } from "./identifiers.ts";
import { podOf, splitId } from "./pods.ts";
import type { PortSpec, Scene, WorkloadSpec } from "./scene.ts";

const DAY_MS = 86_400_000;
const NODES = [{ name: "node-1", address: "192.168.10.11" }, { name: "node-2", address: "192.168.10.12" }] as const;

interface Addresses {
  pod: number;
  service: number;
}

function meta(namespace: string, name: string, createdAtMs: number): { readonly namespace: string; readonly name: string; readonly labels: Labels; readonly annotations: Labels; readonly createdAtMs: number } {
  return { namespace, name, labels: {}, annotations: {}, createdAtMs };
}

function podsOf(workload: WorkloadSpec, addresses: Addresses, createdAtMs: number): readonly Pod[] {
  return Array.from({ length: workload.replicas ?? 1 }, (_, ordinal) => {
    const node = NODES[ordinal % 2 === 0 ? 0 : 1];
    const next = (): string => `10.244.${ordinal % 2 === 0 ? 1 : 2}.${(addresses.pod += 1)}`;
    const address = workload.podAddresses?.[ordinal] ?? (workload.hostNetwork === true ? node.address : next());
    return podOf(workload, { ordinal, address, nodeName: node.name, createdAtMs });
  });
}

function serviceOf(workload: WorkloadSpec, ports: readonly PortSpec[], at: { readonly clusterIP: string; readonly createdAtMs: number }): Service {
  const [namespace, name] = splitId(workload.id);
  return {
    kind: "Service", ...meta(namespace, name, at.createdAtMs), labels: { app: name, ...workload.serviceLabels },
    type: "ClusterIP", selector: { app: name }, clusterIPs: [at.clusterIP], externalIPs: [], externalName: null, publishNotReadyAddresses: false,
    ports: ports.map(({ name: portName, port, targetPort }) => ({ name: portName, port, protocol: "TCP", targetPort, appProtocol: null, nodePort: null })),
  };
}

function sliceOf(service: Service, pods: readonly Pod[], createdAtMs: number): EndpointSlice {
  const { namespace, name } = service;
  return {
    kind: "EndpointSlice", ...meta(namespace, `${name}-${generatedSuffix(`${namespace}/${name}`, 5)}`, createdAtMs), addressType: "IPv4", serviceName: name,
    labels: { "kubernetes.io/service-name": name, "endpointslice.kubernetes.io/managed-by": "endpointslice-controller.k8s.io" },
    ports: service.ports.map((port) => ({ name: port.name, port: Number(port.targetPort), protocol: "TCP", appProtocol: null })),
    endpoints: pods.map((pod) => ({ addresses: pod.ips, ready: pod.ready, targetRef: { kind: "Pod", namespace, name: pod.name } })),
  };
}

function meshConfig(): MeshConfig {
  return {
    kind: "MeshConfig", namespace: "istio-system", name: "istio", revision: "default", rootNamespace: "istio-system", trustDomain: "cluster.local",
    trustDomainAliases: [], caTrustDomains: [], enableAutoMtls: true, outboundTrafficPolicyMode: "ALLOW_ANY", defaultServiceExportTo: ["*"],
    defaultDestinationRuleExportTo: ["*"], defaultVirtualServiceExportTo: ["*"], discoverySelectors: [], statusPort: 15020,
  };
}

function controlPlane(scene: Scene): ControlPlane {
  return { kind: "ControlPlane", namespace: "istio-system", name: "istiod", revision: "default", version: scene.istioVersion, env: scene.istiodEnv };
}

/** Adds objects to a configuration; those without a creation time get this one, as the API server would stamp them. */
export function withObjects(configuration: Configuration, added: readonly MeshObject[], createdAtMs: number): Configuration {
  const objects: Record<string, readonly MeshObject[]> = { ...configuration.objects };
  for (const object of added) {
    objects[object.kind] = [...(objects[object.kind] ?? []), stamped(object, createdAtMs)];
  }
  return { ...configuration, objects: objects as unknown as ConfigurationObjects };
}

/** @returns the object with a creation time where it has none and its kind carries one */
export function stamped(object: MeshObject, createdAtMs: number): MeshObject {
  return "createdAtMs" in object && object.createdAtMs === null ? { ...object, createdAtMs } : object;
}

/** Everything the API server would serve of a scene's cluster, without what was added lately. */
export function clusterOf(scene: Scene, openedAtMs: number): Configuration {
  const addresses: Addresses = { pod: 1, service: 19 };
  const createdAtMs = openedAtMs - 30 * DAY_MS;
  const built = scene.workloads.flatMap((workload): readonly MeshObject[] => {
    const pods = podsOf(workload, addresses, openedAtMs - 2 * DAY_MS);
    const ports = workload.ports ?? [];
    if (ports.length === 0) return pods;
    const clusterIP = workload.headless === true ? "None" : (workload.clusterIP ?? `10.96.0.${(addresses.service += 1)}`);
    const service = serviceOf(workload, ports, { clusterIP, createdAtMs });
    return [...pods, service, sliceOf(service, pods, createdAtMs)];
  });
  const namespaces = scene.namespaces.map(({ name, labels }) => ({
    kind: "Namespace" as const, ...meta("", name, createdAtMs), labels: { "kubernetes.io/metadata.name": name, ...labels },
  }));
  return withObjects(EMPTY_CONFIGURATION, [...namespaces, ...built, ...scene.policies, meshConfig(), controlPlane(scene)], openedAtMs - 7 * DAY_MS);
}
