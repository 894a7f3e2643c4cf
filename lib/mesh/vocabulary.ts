/** The mode a PeerAuthentication asks for. `UNSET` exists in input only: it inherits. */
export const PEER_MODES = ["STRICT", "PERMISSIVE", "DISABLE"] as const;
export type PeerMode = (typeof PEER_MODES)[number];

/** What is enforced on one target port of one workload instance. */
export const SERVER_MODES = [...PEER_MODES, "NONE", "UNCAPTURED", "GATEWAY"] as const;
export type ServerMode = (typeof SERVER_MODES)[number];

/** What leaves the client pod, and which kind of object said so. */
export const CLIENT_MODES = [
  "NONE",
  "BYPASS",
  "PASSTHROUGH",
  "BLACKHOLE",
  "AUTO_MTLS",
  "AUTO_PLAINTEXT",
  "DR_DISABLE",
  "DR_SIMPLE",
  "DR_MUTUAL",
  "DR_ISTIO_MUTUAL",
  "DR_DROPPED",
  "HBONE",
  "ZT_PLAINTEXT",
] as const;
export type ClientMode = (typeof CLIENT_MODES)[number];

/** The result on the wire. `tls` is originated and ended by others than the mesh. */
export const TRANSPORTS = ["mTLS", "tls", "plaintext", "blocked"] as const;
export type Transport = (typeof TRANSPORTS)[number];

/** What AuthorizationPolicy does to a connection that the transport let through. */
export const AUTHORIZATIONS = ["allow", "deny", "conditional"] as const;
export type Authorization = (typeof AUTHORIZATIONS)[number];

/** How a workload instance is in the mesh. */
export const DATA_PLANE_MODES = ["sidecar", "ambient", "gateway", "waypoint", "grpc-proxyless", "none"] as const;
export type DataPlaneMode = (typeof DATA_PLANE_MODES)[number];

/** `http` stands for HTTP, HTTP/2 and gRPC; requests and connections are never added together. */
export const PROTOCOL_FAMILIES = ["http", "tcp"] as const;
export type ProtocolFamily = (typeof PROTOCOL_FAMILIES)[number];

declare const brand: unique symbol;

/** A workload as people name it: `namespace/name`, the name of its Deployment, StatefulSet, CronJob, … */
export type WorkloadId = string & { readonly [brand]: "WorkloadId" };

/** A fully qualified host a client dials, lower case: `httpbin.foo.svc.cluster.local`. */
export type ServiceHost = string & { readonly [brand]: "ServiceHost" };

/** A verified identity: `spiffe://trust-domain/ns/namespace/sa/service-account`. */
export type SpiffeId = string & { readonly [brand]: "SpiffeId" };

export function workloadId(namespace: string, name: string): WorkloadId {
  return `${namespace}/${name}` as WorkloadId;
}

/** Splits a WorkloadId; Kubernetes names hold no slash, so the first one is the border. */
export function workloadIdParts(id: WorkloadId): { readonly namespace: string; readonly name: string } {
  const slash = id.indexOf("/");
  return { namespace: id.slice(0, slash), name: id.slice(slash + 1) };
}

export function serviceHost(host: string): ServiceHost {
  return host.toLowerCase() as ServiceHost;
}

/** @returns `null` where the host is none of a Kubernetes Service */
export function namespaceOfHost(host: string): string | null {
  return /^[^.]+\.([^.]+)\.svc\./.exec(host)?.[1] ?? null;
}

/** @returns `undefined` where the text is not a SPIFFE id (telemetry writes `unknown`) */
export function spiffeId(text: string): SpiffeId | undefined {
  return text.startsWith("spiffe://") ? (text as SpiffeId) : undefined;
}
