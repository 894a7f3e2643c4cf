import { label } from "../order.ts";
import type { Container, Labels, Pod, WorkloadEntry } from "../snapshot.ts";
import type { DataPlaneMode } from "../vocabulary.ts";

/** What clients read to decide on mTLS: the label, not the container. */
export const TLS_MODE_LABEL = "security.istio.io/tlsMode";
export const TUNNEL_LABEL = "networking.istio.io/tunnel";
export const REDIRECTION_ANNOTATION = "ambient.istio.io/redirection";
export const TEMPLATES_ANNOTATION = "inject.istio.io/templates";

export function proxyContainer(pod: Pod): Container | undefined {
  return pod.containers.find(({ name, init }) => name === "istio-proxy" && init !== "init");
}

/** A proxy that serves others, and not the application beside it. */
function standalone(proxy: Container | undefined): DataPlaneMode | null {
  if (proxy?.args.includes("router") === true) return "gateway";
  return proxy?.args.includes("waypoint") === true ? "waypoint" : null;
}

/** How a pod is in the mesh, by what runs in it; labels of intent prove nothing. */
export function podDataPlaneMode(pod: Pod): DataPlaneMode {
  const proxy = proxyContainer(pod);
  const alone = standalone(proxy);
  if (alone !== null) return alone;
  if (pod.hostNetwork) return "none";
  const templates = label(pod.annotations, TEMPLATES_ANNOTATION) ?? "";
  if (templates.split(",").includes("grpc-agent")) return "grpc-proxyless";
  if (proxy !== undefined) return "sidecar";
  return label(pod.annotations, REDIRECTION_ANNOTATION) === "enabled" ? "ambient" : "none";
}

/** A WorkloadEntry is a machine; only an identity says that a proxy runs on it. */
export function workloadEntryDataPlaneMode(entry: WorkloadEntry): DataPlaneMode {
  return entry.serviceAccount !== null || label(entry.workloadLabels, TLS_MODE_LABEL) !== undefined ? "sidecar" : "none";
}

/** A sidecar that ends tunnels says so; so may a machine's entry. */
export function saysTunnel(labels: Labels): boolean {
  return (label(labels, TUNNEL_LABEL) ?? "").split(",").includes("http");
}

/** Whether ztunnels and proxies of an ambient control plane may reach it through a tunnel. */
export function advertisesTunnel(pod: Pod): boolean {
  if (pod.hostNetwork) return false;
  return label(pod.annotations, REDIRECTION_ANNOTATION) === "enabled" || saysTunnel(pod.labels);
}
