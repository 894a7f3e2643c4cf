import type { IstioGateway, KubernetesGateway, ServiceEntry, Sidecar, VirtualService, WorkloadEntry } from "#mesh";
import { z } from "zod";
import { labels, meta, texts, textOrNull, type SchemaOf } from "./parts.ts";

const numberOrNull = z.number().nullable();
const namedPorts = z.record(z.string(), z.number());

export const sidecarSchema = z.object({
  kind: z.literal("Sidecar"),
  ...meta,
  workloadSelector: labels.nullable(),
  egress: z.array(z.object({ hosts: texts, port: numberOrNull, protocol: z.string().exactOptional(), captureMode: textOrNull })).nullable(),
  ingress: z.array(z.object({ port: z.number(), protocol: z.string(), captureMode: textOrNull, tlsMode: textOrNull })).nullable(),
  outboundTrafficPolicyMode: textOrNull,
}) satisfies SchemaOf<Sidecar>;

export const serviceEntrySchema = z.object({
  kind: z.literal("ServiceEntry"),
  ...meta,
  hosts: texts,
  addresses: texts,
  ports: z.array(z.object({ number: z.number(), name: z.string(), protocol: z.string(), targetPort: numberOrNull })),
  location: textOrNull,
  resolution: textOrNull,
  endpoints: z.array(z.object({ address: z.string(), ports: namedPorts, labels, serviceAccount: textOrNull, network: textOrNull })),
  workloadSelector: labels.nullable(),
  exportTo: texts,
}) satisfies SchemaOf<ServiceEntry>;

export const workloadEntrySchema = z.object({
  kind: z.literal("WorkloadEntry"), ...meta, address: z.string(), ports: namedPorts, serviceAccount: textOrNull, network: textOrNull, workloadLabels: labels,
}) satisfies SchemaOf<WorkloadEntry>;

const destinations = z.array(z.object({ host: z.string(), subset: textOrNull, port: numberOrNull }));
const routes = z.array(z.object({ conditional: z.boolean(), destinations }));
const matches = z.array(z.object({ port: numberOrNull, gateways: texts, sniHosts: texts, conditional: z.boolean() })).exactOptional();

export const virtualServiceSchema = z.object({
  kind: z.literal("VirtualService"),
  ...meta,
  hosts: texts,
  gateways: texts,
  exportTo: texts,
  http: routes,
  tcp: z.array(z.object({ conditional: z.boolean(), matches, destinations })),
  tls: z.array(z.object({ sniHosts: texts, matches, destinations })),
}) satisfies SchemaOf<VirtualService>;

export const gatewaySchema = z.object({
  kind: z.literal("Gateway"),
  ...meta,
  selector: labels,
  servers: z.array(z.object({ port: z.number(), protocol: z.string(), hosts: texts, tlsMode: textOrNull, bind: z.string().exactOptional() })),
}) satisfies SchemaOf<IstioGateway>;

export const kubernetesGatewaySchema = z.object({
  kind: z.literal("KubernetesGateway"),
  ...meta,
  gatewayClassName: z.string(),
  listeners: z.array(z.object({ name: z.string(), port: z.number(), protocol: z.string(), tlsMode: z.string().nullable(), hostname: textOrNull.exactOptional() })),
}) satisfies SchemaOf<KubernetesGateway>;
