import type { AuthorizationPolicy, DestinationRule, EnvoyFilter, PeerAuthentication } from "#mesh";
import { z } from "zod";
import { labels, meta, texts, textOrNull, type SchemaOf } from "./parts.ts";

export const peerAuthenticationSchema = z.object({
  kind: z.literal("PeerAuthentication"), ...meta, selector: labels.nullable(), mode: textOrNull, portLevelMtls: z.record(z.string(), textOrNull),
}) satisfies SchemaOf<PeerAuthentication>;

const tls = z.object({
  mode: textOrNull, credentialName: textOrNull, clientCertificate: textOrNull, privateKey: textOrNull, caCertificates: textOrNull, subjectAltNames: texts, sni: textOrNull,
}).nullable();
const balancing = { loadBalancerSimple: textOrNull, hasLoadBalancer: z.boolean() };
const trafficPolicy = z.object({ tls, ...balancing, portLevelSettings: z.array(z.object({ port: z.number(), tls, ...balancing })) }).nullable();

export const destinationRuleSchema = z.object({
  kind: z.literal("DestinationRule"),
  ...meta,
  host: z.string(),
  exportTo: texts,
  workloadSelector: labels.nullable(),
  trafficPolicy,
  subsets: z.array(z.object({ name: z.string(), labels, trafficPolicy })),
}) satisfies SchemaOf<DestinationRule>;

const source = z.object({
  principals: texts, notPrincipals: texts, requestPrincipals: texts, notRequestPrincipals: texts, namespaces: texts, notNamespaces: texts,
  serviceAccounts: texts, notServiceAccounts: texts, trustDomains: texts, notTrustDomains: texts, ipBlocks: texts, notIpBlocks: texts,
  remoteIpBlocks: texts, notRemoteIpBlocks: texts,
});
const operation = z.object({ hosts: texts, notHosts: texts, ports: texts, notPorts: texts, methods: texts, notMethods: texts, paths: texts, notPaths: texts });
const condition = z.object({ key: z.string(), values: texts, notValues: texts });

export const authorizationPolicySchema = z.object({
  kind: z.literal("AuthorizationPolicy"),
  ...meta,
  selector: labels.nullable(),
  targetRefs: z.array(z.object({ group: z.string(), kind: z.string(), name: z.string() })),
  action: z.string(),
  rules: z.array(z.object({ from: z.array(source), to: z.array(operation), when: z.array(condition) })).nullable(),
}) satisfies SchemaOf<AuthorizationPolicy>;

export const envoyFilterSchema = z.object({
  kind: z.literal("EnvoyFilter"),
  ...meta,
  workloadSelector: labels.nullable(),
  patches: z.array(z.object({ applyTo: z.string(), context: z.string(), touchesTransport: z.boolean() })),
}) satisfies SchemaOf<EnvoyFilter>;
