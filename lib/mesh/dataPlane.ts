import { label } from "./order.ts";
import type { Container, Pod, WorkloadEntry } from "./snapshot.ts";
import type { DataPlaneMode } from "./vocabulary.ts";

/** What clients read to decide on mTLS: the label, not the container. */
export const TLS_MODE_LABEL = "security.istio.io/tlsMode";
export const TUNNEL_LABEL = "networking.istio.io/tunnel";
export const REDIRECTION_ANNOTATION = "ambient.istio.io/redirection";
export const TEMPLATES_ANNOTATION = "inject.istio.io/templates";

export function proxyContainer(pod: Pod): Container | undefined {
  return pod.containers.find(({ name, init }) => name === "istio-proxy" && init !== "init");
}

/** How a pod is in the mesh, by what runs in it; labels of intent prove nothing. */
export function podDataPlaneMode(pod: Pod): DataPlaneMode {
  const proxy = proxyContainer(pod);
  if (proxy?.args.includes("router") ?? false) return "gateway";
  if (proxy?.args.includes("waypoint") ?? false) return "waypoint";
  if (pod.hostNetwork) return "none";
  if ((label(pod.annotations, TEMPLATES_ANNOTATION) ?? "").split(",").includes("grpc-agent")) return "grpc-proxyless";
  if (proxy !== undefined) return "sidecar";
  return label(pod.annotations, REDIRECTION_ANNOTATION) === "enabled" ? "ambient" : "none";
}

/** A WorkloadEntry is a machine; only an identity says that a proxy runs on it. */
export function workloadEntryDataPlaneMode(entry: WorkloadEntry): DataPlaneMode {
  return entry.serviceAccount !== null || label(entry.workloadLabels, TLS_MODE_LABEL) !== undefined ? "sidecar" : "none";
}

/** Whether ztunnels and proxies of an ambient control plane may reach it through a tunnel. */
export function advertisesTunnel(pod: Pod): boolean {
  if (pod.hostNetwork) return false;
  return label(pod.annotations, REDIRECTION_ANNOTATION) === "enabled" || (label(pod.labels, TUNNEL_LABEL) ?? "").split(",").includes("http");
}
