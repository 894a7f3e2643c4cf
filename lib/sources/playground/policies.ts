import type { AuthorizationPolicy, ClientTLSSettings, DestinationRule, KubernetesGateway, Labels, ObjectMeta, PeerAuthentication, ServiceEntry, Sidecar, TrafficPolicy, ValidatingWebhookConfiguration } from "#mesh";
import { splitId } from "./pods.ts";

/** Istio's objects as a scene writes them: what is not said is absent. `createdAtMs` is stamped when the cluster is built. */
function meta(id: string): ObjectMeta {
  const [namespace, name] = splitId(id);
  return { namespace, name, labels: {}, annotations: {}, createdAtMs: null };
}

export function peerAuthentication(id: string, mode: "STRICT" | "PERMISSIVE" | "DISABLE", more: Partial<Pick<PeerAuthentication, "selector" | "portLevelMtls">> = {}): PeerAuthentication {
  return { kind: "PeerAuthentication", ...meta(id), selector: null, mode, portLevelMtls: {}, ...more };
}

function clientTls(mode: string): ClientTLSSettings {
  return { mode, credentialName: null, clientCertificate: null, privateKey: null, caCertificates: null, subjectAltNames: [], sni: null };
}

export function destinationRule(id: string, host: string, tlsMode: string): DestinationRule {
  const trafficPolicy: TrafficPolicy = { tls: clientTls(tlsMode), loadBalancerSimple: null, hasLoadBalancer: false, portLevelSettings: [] };
  return { kind: "DestinationRule", ...meta(id), host, exportTo: [], workloadSelector: null, trafficPolicy, subsets: [] };
}

/** A Sidecar that imports only these hosts. */
export function sidecarEgress(id: string, workloadSelector: Labels, hosts: readonly string[]): Sidecar {
  return { kind: "Sidecar", ...meta(id), workloadSelector, egress: [{ hosts, port: null, captureMode: null }], ingress: null, outboundTrafficPolicyMode: null };
}

/** An ALLOW for these principals only: everybody else is denied. */
export function allowPrincipals(id: string, selector: Labels, principals: readonly string[]): AuthorizationPolicy {
  const nobody = {
    notPrincipals: [], requestPrincipals: [], notRequestPrincipals: [], namespaces: [], notNamespaces: [], serviceAccounts: [], notServiceAccounts: [],
    trustDomains: [], notTrustDomains: [], ipBlocks: [], notIpBlocks: [], remoteIpBlocks: [], notRemoteIpBlocks: [],
  };
  return { kind: "AuthorizationPolicy", ...meta(id), selector, targetRefs: [], action: "ALLOW", rules: [{ from: [{ principals, ...nobody }], to: [], when: [] }] };
}

export function externalService(id: string, host: string): ServiceEntry {
  return {
    kind: "ServiceEntry", ...meta(id), hosts: [host], addresses: [], ports: [{ number: 443, name: "tls", protocol: "TLS", targetPort: null }],
    location: "MESH_EXTERNAL", resolution: "DNS", endpoints: [], workloadSelector: null, exportTo: [],
  };
}

export function waypointGateway(id: string): KubernetesGateway {
  return { kind: "KubernetesGateway", ...meta(id), gatewayClassName: "istio-waypoint", listeners: [{ name: "mesh", port: 15008, protocol: "HBONE", tlsMode: null }] };
}

/** Asked, at a Service's port 443, before objects of some kind are written. */
export function validatingWebhook(name: string, webhook: string, service: string): ValidatingWebhookConfiguration {
  const [namespace, serviceName] = splitId(service);
  return { kind: "ValidatingWebhookConfiguration", ...meta(`/${name}`), webhooks: [{ name: webhook, failurePolicy: "Fail", service: { namespace, name: serviceName, port: 443 } }] };
}
