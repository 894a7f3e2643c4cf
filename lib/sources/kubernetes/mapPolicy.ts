import type {
  AuthorizationOperation, AuthorizationPolicy, AuthorizationSource, ClientTLSSettings, DestinationRule, EnvoyFilter, PeerAuthentication, TrafficPolicy,
} from "#mesh";
import type { z } from "zod";
import { mapLabels, mapMeta, mapSelector, mapWorkloadSelector, parse } from "./parse.ts";
import type { metadataSchema } from "./schema.ts";
import { authorizationPolicySchema, destinationRuleSchema, envoyFilterSchema, peerAuthenticationSchema } from "./schema.ts";

type Metadata = z.infer<typeof metadataSchema>;
type RawTrafficPolicy = z.infer<typeof destinationRuleSchema>["spec"]["trafficPolicy"];
type RawTls = NonNullable<RawTrafficPolicy>["tls"];
type RawRule = NonNullable<NonNullable<NonNullable<z.infer<typeof authorizationPolicySchema>["spec"]>["rules"]>[number]>;

export function mapPeerAuthentication(raw: unknown, meta: Metadata): PeerAuthentication {
  const spec = parse(peerAuthenticationSchema, raw).spec ?? {};
  const ports = Object.entries(spec.portLevelMtls ?? {}).map(([port, mtls]) => [port, mtls?.mode ?? null] as const);
  return {
    kind: "PeerAuthentication",
    ...mapMeta(meta),
    selector: mapSelector(spec.selector),
    mode: spec.mtls?.mode ?? null,
    portLevelMtls: Object.fromEntries(ports),
  };
}

function mapTls(tls: RawTls): ClientTLSSettings | null {
  if (tls === null || tls === undefined) return null;
  return {
    mode: tls.mode ?? null,
    credentialName: tls.credentialName ?? null,
    clientCertificate: tls.clientCertificate ?? null,
    privateKey: tls.privateKey ?? null,
    caCertificates: tls.caCertificates ?? null,
    subjectAltNames: tls.subjectAltNames ?? [],
    sni: tls.sni ?? null,
  };
}

function mapTrafficPolicy(policy: RawTrafficPolicy): TrafficPolicy | null {
  if (policy === null || policy === undefined) return null;
  return {
    tls: mapTls(policy.tls),
    loadBalancerSimple: policy.loadBalancer?.simple ?? null,
    hasLoadBalancer: (policy.loadBalancer ?? null) !== null,
    portLevelSettings: (policy.portLevelSettings ?? []).flatMap(({ port, tls, loadBalancer }) => {
      const number = port?.number ?? null;
      return number === null ? [] : [{ port: number, tls: mapTls(tls), loadBalancerSimple: loadBalancer?.simple ?? null, hasLoadBalancer: (loadBalancer ?? null) !== null }];
    }),
  };
}

export function mapDestinationRule(raw: unknown, meta: Metadata): DestinationRule {
  const { spec } = parse(destinationRuleSchema, raw);
  return {
    kind: "DestinationRule",
    ...mapMeta(meta),
    host: spec.host,
    exportTo: spec.exportTo ?? [],
    workloadSelector: mapSelector(spec.workloadSelector),
    trafficPolicy: mapTrafficPolicy(spec.trafficPolicy),
    subsets: (spec.subsets ?? []).map(({ name, labels, trafficPolicy }) => ({ name, labels: mapLabels(labels), trafficPolicy: mapTrafficPolicy(trafficPolicy) })),
  };
}

type Lists = Readonly<Partial<Record<string, readonly string[] | null | undefined>>>;

function list(lists: Lists | null | undefined, name: string): readonly string[] {
  return lists?.[name] ?? [];
}

function mapSource(source: Lists | null | undefined): AuthorizationSource {
  return {
    principals: list(source, "principals"),
    notPrincipals: list(source, "notPrincipals"),
    requestPrincipals: list(source, "requestPrincipals"),
    notRequestPrincipals: list(source, "notRequestPrincipals"),
    namespaces: list(source, "namespaces"),
    notNamespaces: list(source, "notNamespaces"),
    serviceAccounts: list(source, "serviceAccounts"),
    notServiceAccounts: list(source, "notServiceAccounts"),
    trustDomains: list(source, "trustDomains"),
    notTrustDomains: list(source, "notTrustDomains"),
    ipBlocks: list(source, "ipBlocks"),
    notIpBlocks: list(source, "notIpBlocks"),
    remoteIpBlocks: list(source, "remoteIpBlocks"),
    notRemoteIpBlocks: list(source, "notRemoteIpBlocks"),
  };
}

function mapOperation(operation: Lists | null | undefined): AuthorizationOperation {
  return {
    hosts: list(operation, "hosts"),
    notHosts: list(operation, "notHosts"),
    ports: list(operation, "ports"),
    notPorts: list(operation, "notPorts"),
    methods: list(operation, "methods"),
    notMethods: list(operation, "notMethods"),
    paths: list(operation, "paths"),
    notPaths: list(operation, "notPaths"),
  };
}

function mapRule(rule: RawRule | null): NonNullable<AuthorizationPolicy["rules"]>[number] {
  return {
    from: (rule?.from ?? []).map(({ source }) => mapSource(source)),
    to: (rule?.to ?? []).map(({ operation }) => mapOperation(operation)),
    when: (rule?.when ?? []).map(({ key, values, notValues }) => ({ key, values: values ?? [], notValues: notValues ?? [] })),
  };
}

export function mapAuthorizationPolicy(raw: unknown, meta: Metadata): AuthorizationPolicy {
  const spec = parse(authorizationPolicySchema, raw).spec ?? {};
  const targets = [...(spec.targetRefs ?? []), ...(spec.targetRef === null || spec.targetRef === undefined ? [] : [spec.targetRef])];
  return {
    kind: "AuthorizationPolicy",
    ...mapMeta(meta),
    selector: mapSelector(spec.selector),
    targetRefs: targets.map(({ group, kind, name }) => ({ group: group ?? "", kind, name })),
    action: spec.action ?? "ALLOW",
    rules: spec.rules?.map(mapRule) ?? null,
  };
}

const TRANSPORT_WORDS = /transport_?socket|tls_?context|filter_?chain|listener_?filter|use_?original_?dst/i;

/** Removal has no value to look into; of what it removes only the kind is known. What is new beside or instead of Istio's listeners and chains takes what it likes, and needs no TLS for it. */
function touchesTransport(applyTo: string, patch: { readonly operation?: string | null | undefined; readonly value?: unknown } | null | undefined): boolean {
  if (patch?.operation === "REMOVE") return /^(LISTENER|FILTER_CHAIN|LISTENER_FILTER|CLUSTER|NETWORK_FILTER)$/.test(applyTo);
  const isNew = (applyTo === "LISTENER" || applyTo === "FILTER_CHAIN") && patch?.operation !== "MERGE";
  return isNew || applyTo === "LISTENER_FILTER" || TRANSPORT_WORDS.test(JSON.stringify(patch?.value ?? {}));
}

export function mapEnvoyFilter(raw: unknown, meta: Metadata): EnvoyFilter {
  const spec = parse(envoyFilterSchema, raw).spec ?? {};
  return {
    kind: "EnvoyFilter",
    ...mapMeta(meta),
    workloadSelector: mapWorkloadSelector(spec.workloadSelector),
    patches: (spec.configPatches ?? []).map(({ applyTo, match, patch }) => ({
      applyTo: applyTo ?? "",
      context: match?.context ?? "ANY",
      touchesTransport: touchesTransport(applyTo ?? "", patch),
    })),
  };
}
