import type { ControlPlane, EndpointSlice, MeshConfig, Namespace, Pod, Service } from "#mesh";
import { z } from "zod";
import { labels, meta, texts, textOrNull, type SchemaOf } from "./parts.ts";

const numberOrNull = z.number().nullable();

export const namespaceSchema = z.object({ kind: z.literal("Namespace"), ...meta }) satisfies SchemaOf<Namespace>;

const containerSchema = z.object({
  name: z.string(),
  init: z.enum(["init", "native-sidecar", "app"]),
  args: texts,
  ports: z.array(z.object({ name: textOrNull, containerPort: z.number(), protocol: z.string() })),
  runAsUser: numberOrNull,
  probes: z.array(z.object({ kind: z.enum(["http", "grpc"]), port: z.union([z.number(), z.string()]) })).exactOptional(),
}) satisfies SchemaOf<Pod["containers"][number]>;

export const podSchema = z.object({
  kind: z.literal("Pod"),
  ...meta,
  owner: z.object({ kind: z.string(), name: z.string() }),
  serviceAccountName: z.string(),
  hostNetwork: z.boolean(),
  nodeName: textOrNull,
  phase: z.string(),
  deleting: z.boolean(),
  ready: z.boolean(),
  ips: texts,
  containers: z.array(containerSchema),
}) satisfies SchemaOf<Pod>;

export const serviceSchema = z.object({
  kind: z.literal("Service"),
  ...meta,
  type: z.enum(["ClusterIP", "NodePort", "LoadBalancer", "ExternalName"]),
  selector: labels,
  clusterIPs: texts,
  externalIPs: texts,
  externalName: textOrNull,
  publishNotReadyAddresses: z.boolean(),
  ports: z.array(z.object({
    name: textOrNull, port: z.number(), protocol: z.string(), targetPort: z.union([z.number(), z.string()]), appProtocol: textOrNull, nodePort: numberOrNull,
  })),
}) satisfies SchemaOf<Service>;

export const endpointSliceSchema = z.object({
  kind: z.literal("EndpointSlice"),
  ...meta,
  addressType: z.string(),
  serviceName: textOrNull,
  ports: z.array(z.object({ name: textOrNull, port: numberOrNull, protocol: z.string(), appProtocol: textOrNull })),
  endpoints: z.array(z.object({ addresses: texts, ready: z.boolean(), targetRef: z.object({ kind: z.string(), namespace: z.string(), name: z.string() }).nullable() })),
}) satisfies SchemaOf<EndpointSlice>;

export const meshConfigSchema = z.object({
  kind: z.literal("MeshConfig"),
  namespace: z.string(),
  name: z.string(),
  revision: z.string(),
  rootNamespace: z.string(),
  trustDomain: z.string(),
  trustDomainAliases: texts,
  caTrustDomains: texts,
  enableAutoMtls: z.boolean(),
  outboundTrafficPolicyMode: z.enum(["ALLOW_ANY", "REGISTRY_ONLY"]),
  defaultServiceExportTo: texts,
  defaultDestinationRuleExportTo: texts,
  defaultVirtualServiceExportTo: texts,
  discoverySelectors: z.array(z.object({ matchLabels: labels, matchExpressions: z.array(z.object({ key: z.string(), operator: z.string(), values: texts })) })),
  statusPort: z.number(),
  unfollowed: texts.exactOptional(),
}) satisfies SchemaOf<MeshConfig>;

export const controlPlaneSchema = z.object({
  kind: z.literal("ControlPlane"), namespace: z.string(), name: z.string(), revision: z.string(), version: textOrNull, env: labels, unreadEnv: texts.exactOptional(),
}) satisfies SchemaOf<ControlPlane>;
