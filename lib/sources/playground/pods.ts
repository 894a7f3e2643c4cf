import type { Container, Labels, Pod } from "#mesh";
import { generatedSuffix } from "./identifiers.ts";
import type { Plane, WorkloadSpec } from "./scene.ts";

export interface PodPlace {
  readonly ordinal: number;
  readonly address: string;
  readonly nodeName: string;
  readonly createdAtMs: number;
}

const SIDECAR_STATUS = JSON.stringify({
  initContainers: ["istio-init", "istio-proxy"], containers: null, volumes: ["workload-socket", "credential-socket", "workload-certs", "istio-envoy", "istio-data", "istio-podinfo", "istio-token", "istiod-ca-cert"],
  imagePullSecrets: null, revision: "default",
});

export function splitId(id: string): readonly [namespace: string, name: string] {
  const slash = id.indexOf("/");
  return [id.slice(0, slash), id.slice(slash + 1)];
}

/** The plane of one replica: those started before injection have none. */
export function planeOf(workload: WorkloadSpec, ordinal: number): Plane {
  const replicas = workload.replicas ?? 1;
  return ordinal >= replicas - (workload.replicasWithoutProxy ?? 0) ? "none" : workload.plane;
}

function podName(workload: WorkloadSpec, ordinal: number): string {
  const [, name] = splitId(workload.id);
  const suffix = generatedSuffix(`${workload.id}/${ordinal}`, 5);
  switch (workload.kind ?? "Deployment") {
    case "Deployment":
      return `${name}-${templateHash(workload)}-${suffix}`;
    case "StatefulSet":
      return `${name}-${ordinal}`;
    case "DaemonSet":
      return `${name}-${suffix}`;
    case "CronJob":
      return `${name}-29397600-${suffix}`;
  }
}

function templateHash(workload: WorkloadSpec): string {
  return generatedSuffix(workload.id, 10);
}

function planeLabels(plane: Plane, name: string): Labels {
  if (plane === "sidecar") {
    return { "security.istio.io/tlsMode": "istio", "service.istio.io/canonical-name": name, "service.istio.io/canonical-revision": "v1" };
  }
  if (plane === "gateway") return { istio: name.replace(/^istio-/, ""), "sidecar.istio.io/inject": "true" };
  if (plane === "waypoint") return { "gateway.networking.k8s.io/gateway-name": name, "gateway.istio.io/managed": "istio.io-mesh-controller" };
  return {};
}

function planeAnnotations(plane: Plane): Labels {
  switch (plane) {
    case "sidecar":
      return { "sidecar.istio.io/status": SIDECAR_STATUS, "istio.io/rev": "default" };
    case "gateway":
      return { "inject.istio.io/templates": "gateway", "istio.io/rev": "default" };
    case "ambient":
      return { "ambient.istio.io/redirection": "enabled" };
    case "waypoint":
      return { "istio.io/rev": "default" };
    case "none":
      return {};
  }
}

function istioInit(annotations: Labels): Container {
  const excludeInbound = annotations["traffic.sidecar.istio.io/excludeInboundPorts"];
  const excludeOutbound = annotations["traffic.sidecar.istio.io/excludeOutboundPorts"];
  const inbound = ["15090", "15021", "15020", ...(excludeInbound === undefined ? [] : [excludeInbound])].join(",");
  const outbound = excludeOutbound === undefined ? [] : ["-o", excludeOutbound];
  const args = ["istio-iptables", "-p", "15001", "-z", "15006", "-u", "1337", "-m", "REDIRECT", "-i", "*", "-x", "", "-b", "*", "-d", inbound, ...outbound];
  return { name: "istio-init", init: "init", args, ports: [], runAsUser: 0 };
}

function proxy(init: Container["init"], role: "sidecar" | "router" | "waypoint"): Container {
  const args = ["proxy", role, "--domain", "$(POD_NAMESPACE).svc.cluster.local", "--proxyLogLevel=warning"];
  return { name: "istio-proxy", init, args, ports: [{ name: "http-envoy-prom", containerPort: 15090, protocol: "TCP" }], runAsUser: 1337 };
}

function containers(workload: WorkloadSpec, plane: Plane): readonly Container[] {
  if (plane === "gateway") return [proxy("app", "router")];
  if (plane === "waypoint") return [proxy("app", "waypoint")];
  const [, name] = splitId(workload.id);
  const opened = [...new Set([...(workload.ports ?? []).map((port) => port.targetPort), ...(workload.privatePorts ?? [])])];
  const app: Container = { name, init: "app", args: [], ports: opened.map((containerPort) => ({ name: null, containerPort, protocol: "TCP" })), runAsUser: null };
  return plane === "sidecar" ? [istioInit(workload.annotations ?? {}), proxy("native-sidecar", "sidecar"), app] : [app];
}

/** One pod of a workload, as the API serves it after injection. */
export function podOf(workload: WorkloadSpec, place: PodPlace): Pod {
  const [namespace, name] = splitId(workload.id);
  const plane = planeOf(workload, place.ordinal);
  const kind = workload.kind ?? "Deployment";
  return {
    kind: "Pod",
    namespace,
    name: podName(workload, place.ordinal),
    labels: {
      app: name, version: "v1", ...(kind === "Deployment" ? { "pod-template-hash": templateHash(workload) } : {}),
      ...planeLabels(plane, name), ...workload.labels,
    },
    annotations: { ...planeAnnotations(plane), ...(plane === "none" ? {} : workload.annotations) },
    createdAtMs: place.createdAtMs,
    owner: { kind, name },
    serviceAccountName: name,
    hostNetwork: workload.hostNetwork ?? false,
    nodeName: place.nodeName,
    phase: "Running",
    deleting: false,
    ready: true,
    ips: [place.address],
    containers: containers(workload, plane),
  };
}
