import type { AuthorizationPolicy, AuthorizationSource, ConfigurationObjects, DestinationRule, PeerAuthentication, ServiceEntry, Sidecar, VirtualService } from "#mesh";
import { metaOf, type GeneratedService } from "./generatedService.ts";
import type { Random } from "./random.ts";

type Policies = Pick<ConfigurationObjects, "PeerAuthentication" | "DestinationRule" | "Sidecar" | "ServiceEntry" | "VirtualService" | "AuthorizationPolicy">;

/** The mesh is PERMISSIVE, a third of its teams are STRICT, and one workload in twenty has a policy of its own. */
function peerAuthentications(services: readonly GeneratedService[], namespaces: readonly string[], random: Random): readonly PeerAuthentication[] {
  const policy = (namespace: string, name: string, rest: Partial<PeerAuthentication>): PeerAuthentication => ({ kind: "PeerAuthentication", ...metaOf(namespace, name), selector: null, mode: "STRICT", portLevelMtls: {}, ...rest });
  return [
    policy("istio-system", "default", { mode: "PERMISSIVE" }),
    ...namespaces.filter((_, at) => at % 3 === 0).map((namespace) => policy(namespace, "default", {})),
    ...services.filter(() => random.chance(0.05)).map(({ namespace, name }) => {
      const portLevelMtls = random.chance(0.5) ? { 9000: "PERMISSIVE" } : {};
      return policy(namespace, name, { selector: { app: name }, mode: random.chance(0.8) ? "STRICT" : "DISABLE", portLevelMtls });
    }),
  ];
}

const TLS_MODES = ["ISTIO_MUTUAL", "ISTIO_MUTUAL", "DISABLE", "SIMPLE", null] as const;

function destinationRules(services: readonly GeneratedService[], random: Random): readonly DestinationRule[] {
  return services.filter(() => random.chance(0.1)).map(({ namespace, name }) => {
    const mode = TLS_MODES[random.below(TLS_MODES.length)] ?? null;
    const tls = mode === null ? null : { mode, credentialName: null, clientCertificate: null, privateKey: null, caCertificates: null, subjectAltNames: [], sni: null };
    return {
      kind: "DestinationRule", ...metaOf(namespace, name), host: `${name}.${namespace}.svc.cluster.local`, exportTo: [], workloadSelector: null,
      trafficPolicy: { tls, loadBalancerSimple: null, hasLoadBalancer: false, portLevelSettings: [] },
      subsets: [{ name: "v1", labels: { version: "v1" }, trafficPolicy: null }],
    };
  });
}

function virtualServices(services: readonly GeneratedService[], random: Random): readonly VirtualService[] {
  return services.filter(() => random.chance(0.02)).map(({ namespace, name }) => ({
    kind: "VirtualService", ...metaOf(namespace, name), hosts: [name], gateways: [], exportTo: [], tcp: [], tls: [],
    http: [{ conditional: false, destinations: [{ host: name, subset: null, port: null }] }],
  }));
}

/** Every fifth team narrows what its proxies know to its own, its neighbour's and the control plane's services. */
function sidecars(namespaces: readonly string[]): readonly Sidecar[] {
  return namespaces.filter((_, at) => at % 5 === 0).map((namespace, at) => ({
    kind: "Sidecar", ...metaOf(namespace, "default"), workloadSelector: null, ingress: null, outboundTrafficPolicyMode: null,
    egress: [{ hosts: ["./*", "istio-system/*", `team-${at}/*`, `team-${at + 20}/*`], port: null, captureMode: null }],
  }));
}

const ANYBODY: AuthorizationSource = {
  principals: [], notPrincipals: [], requestPrincipals: [], notRequestPrincipals: [], namespaces: [], notNamespaces: [], serviceAccounts: [], notServiceAccounts: [],
  trustDomains: [], notTrustDomains: [], ipBlocks: [], notIpBlocks: [], remoteIpBlocks: [], notRemoteIpBlocks: [],
};

/** Every fourth team lets in itself and a few others; one in eight denies a namespace. */
function authorizationPolicies(namespaces: readonly string[], random: Random): readonly AuthorizationPolicy[] {
  const policy = (namespace: string, action: string, others: readonly string[]): AuthorizationPolicy => ({
    kind: "AuthorizationPolicy", ...metaOf(namespace, action.toLowerCase()), selector: null, targetRefs: [], action, rules: [{ from: [{ ...ANYBODY, namespaces: others }], to: [], when: [] }],
  });
  const some = (): string => namespaces[random.below(namespaces.length)] ?? "";
  return [
    ...namespaces.filter((_, at) => at % 4 === 0).map((namespace) => policy(namespace, "ALLOW", [namespace, some(), some(), some()])),
    ...namespaces.filter((_, at) => at % 8 === 1).map((namespace) => policy(namespace, "DENY", [some()])),
  ];
}

export const EXTERNAL_HOSTS: readonly string[] = Array.from({ length: 20 }, (_, number) => `api-${number}.example.com`);

function serviceEntries(): readonly ServiceEntry[] {
  return EXTERNAL_HOSTS.map((host, number) => ({
    kind: "ServiceEntry", ...metaOf("istio-system", `external-${number}`), hosts: [host], addresses: [], ports: [{ number: 443, name: "https", protocol: "HTTPS", targetPort: null }],
    location: "MESH_EXTERNAL", resolution: "DNS", endpoints: [], workloadSelector: null, exportTo: [],
  }));
}

export function generatedPolicies(services: readonly GeneratedService[], namespaces: readonly string[], random: Random): Policies {
  return {
    PeerAuthentication: peerAuthentications(services, namespaces, random),
    DestinationRule: destinationRules(services, random),
    VirtualService: virtualServices(services, random),
    Sidecar: sidecars(namespaces),
    AuthorizationPolicy: authorizationPolicies(namespaces, random),
    ServiceEntry: serviceEntries(),
  };
}
