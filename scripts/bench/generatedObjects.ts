import type { ConfigurationObjects, Container, EndpointSlice, Labels, Pod, Service, ServicePort } from "#mesh";
import { EMPTY_CONFIGURATION } from "#mesh";
import { generatedPolicies } from "./generatedPolicies.ts";
import { metaOf, type GeneratedService, type Plane } from "./generatedService.ts";
import type { Random } from "./random.ts";

interface Plan {
  readonly workloads: number;
  readonly namespaces: number;
  readonly random: Random;
  /** of one workload; one to three where it is not said */
  readonly instances?: (random: Random) => number;
}

export interface Generated {
  readonly objects: ConfigurationObjects;
  readonly services: readonly GeneratedService[];
}

const NODES = 200;

/** Of a hundred namespaces 75 inject sidecars, 15 are ambient, 10 are outside; one workload in twenty opted out of injection. */
function planeOf(namespace: number, random: Random): Plane {
  if (namespace % 20 >= 18) return "none";
  if (namespace % 20 >= 15) return "ambient";
  return random.chance(0.05) ? "none" : "sidecar";
}

const APP: Container = {
  name: "app", init: "app", args: [], runAsUser: 1000,
  ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }, { name: "tcp", containerPort: 9000, protocol: "TCP" }],
};
const PROXY: Container = { name: "istio-proxy", init: "native-sidecar", args: ["proxy", "sidecar"], runAsUser: 1337, ports: [] };
const INIT: Container = { name: "istio-init", init: "init", args: ["istio-iptables", "-p", "15001", "-z", "15006", "-u", "1337", "-m", "REDIRECT", "-i", "*", "-x", "", "-b", "*", "-d", "15090,15021,15020"], runAsUser: 0, ports: [] };

const CONTAINERS: Readonly<Record<Plane, readonly Container[]>> = { sidecar: [INIT, PROXY, APP], ambient: [APP], none: [APP] };

function address(number: number): string {
  return `10.${64 + (number >> 16)}.${(number >> 8) & 255}.${number & 255}`;
}

interface Numbered {
  readonly namespace: string;
  readonly name: string;
  readonly plane: Plane;
}

function podLabels({ name, plane }: Numbered): Labels {
  const labels = { app: name, version: "v1", "pod-template-hash": "5c7d9b6f44", "app.kubernetes.io/part-of": "shop" };
  return plane === "sidecar" ? { ...labels, "security.istio.io/tlsMode": "istio", "service.istio.io/canonical-name": name } : labels;
}

function podAnnotations(plane: Plane, random: Random): Labels {
  if (plane === "ambient") return { "ambient.istio.io/redirection": "enabled" };
  if (plane === "none") return {};
  const status = { "sidecar.istio.io/status": '{"initContainers":["istio-init","istio-proxy"],"revision":"default"}' };
  return random.chance(0.03) ? { ...status, "traffic.sidecar.istio.io/excludeInboundPorts": "9000" } : status;
}

function podOf(of: Numbered, number: number, random: Random): Pod {
  const { namespace, name, plane } = of;
  return {
    kind: "Pod",
    ...metaOf(namespace, `${name}-5c7d9b6f44-${number.toString(36)}`, podLabels(of), podAnnotations(plane, random)),
    owner: { kind: "Deployment", name },
    serviceAccountName: name,
    hostNetwork: false,
    nodeName: `node-${random.below(NODES)}`,
    phase: "Running",
    deleting: false,
    ready: true,
    ips: [address(number)],
    containers: CONTAINERS[plane],
  };
}

const PORTS: readonly ServicePort[] = [
  { name: "http", port: 80, protocol: "TCP", targetPort: 8080, appProtocol: null, nodePort: null },
  { name: "tcp", port: 9000, protocol: "TCP", targetPort: "tcp", appProtocol: null, nodePort: null },
];

function serviceOf({ namespace, name, headless }: GeneratedService, number: number): Service {
  return {
    kind: "Service", ...metaOf(namespace, name), type: "ClusterIP", selector: { app: name },
    clusterIPs: [headless ? "None" : `172.20.${number >> 8}.${number & 255}`], externalIPs: [], externalName: null, publishNotReadyAddresses: false, ports: PORTS,
  };
}

function sliceOf({ namespace, name, pods }: GeneratedService): EndpointSlice {
  return {
    kind: "EndpointSlice", ...metaOf(namespace, `${name}-7xk2p`, { "kubernetes.io/service-name": name }), addressType: "IPv4", serviceName: name,
    ports: [{ name: "http", port: 8080, protocol: "TCP", appProtocol: null }, { name: "tcp", port: 9000, protocol: "TCP", appProtocol: null }],
    endpoints: pods.map((pod) => ({ addresses: pod.ips, ready: true, targetRef: { kind: "Pod", namespace, name: pod.name } })),
  };
}

/** Two instances on average; every twentieth Service is headless. */
function generatedServices({ workloads, namespaces, random, instances = (dice) => 1 + dice.below(3) }: Plan): readonly GeneratedService[] {
  let pods = 0;
  return Array.from({ length: workloads }, (_, number) => {
    const of: Numbered = { namespace: `team-${number % namespaces}`, name: `service-${number}`, plane: planeOf(number % namespaces, random) };
    return { ...of, headless: random.chance(0.05), pods: Array.from({ length: instances(random) }, () => podOf(of, (pods += 1), random)) };
  });
}

export function generatedObjects(plan: Plan): Generated {
  const services = generatedServices(plan);
  const names = Array.from({ length: plan.namespaces }, (_, number) => `team-${number}`);
  const objects: ConfigurationObjects = {
    ...EMPTY_CONFIGURATION.objects,
    Namespace: [...names, "istio-system"].map((name) => ({ kind: "Namespace", ...metaOf("", name, { "kubernetes.io/metadata.name": name }) })),
    Pod: services.flatMap(({ pods }) => pods),
    Service: services.map(serviceOf),
    EndpointSlice: services.map(sliceOf),
    ...generatedPolicies(services, names, plan.random),
    ControlPlane: [{ kind: "ControlPlane", namespace: "istio-system", name: "istiod", revision: "default", version: "1.30.3", env: { PILOT_ENABLE_AMBIENT: "true" } }],
  };
  return { objects, services };
}
