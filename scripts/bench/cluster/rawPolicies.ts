import type { AuthorizationPolicy, DestinationRule, PeerAuthentication, ServiceEntry, Sidecar, VirtualService } from "#mesh";
import { rawMeta, type Raw } from "./rawMeta.ts";

// The generated policies as they would be written, in the versions that the CRDs store.

const SECURITY = "security.istio.io/v1beta1";
const NETWORKING = "networking.istio.io/v1alpha3";

export function rawPeerAuthentication(policy: PeerAuthentication): Raw {
  const ports = Object.entries(policy.portLevelMtls).map(([port, mode]) => [port, { mode }]);
  const selector = policy.selector === null ? {} : { selector: { matchLabels: policy.selector } };
  return { apiVersion: SECURITY, kind: "PeerAuthentication", metadata: rawMeta(policy), spec: { ...selector, mtls: { mode: policy.mode }, portLevelMtls: Object.fromEntries(ports) as Raw } };
}

export function rawAuthorizationPolicy(policy: AuthorizationPolicy): Raw {
  const rules = (policy.rules ?? []).map(({ from }) => ({ from: from.map(({ namespaces }) => ({ source: { namespaces } })) }));
  return { apiVersion: SECURITY, kind: "AuthorizationPolicy", metadata: rawMeta(policy), spec: { action: policy.action, rules } };
}

export function rawDestinationRule(rule: DestinationRule): Raw {
  const tls = rule.trafficPolicy?.tls ?? null;
  return {
    apiVersion: NETWORKING, kind: "DestinationRule", metadata: rawMeta(rule),
    spec: { host: rule.host, trafficPolicy: tls === null ? {} : { tls: { mode: tls.mode } }, subsets: rule.subsets.map(({ name, labels }) => ({ name, labels })) },
  };
}

export function rawVirtualService(service: VirtualService): Raw {
  const http = service.http.map(({ destinations }) => ({ route: destinations.map(({ host }) => ({ destination: { host } })) }));
  return { apiVersion: NETWORKING, kind: "VirtualService", metadata: rawMeta(service), spec: { hosts: service.hosts, http } };
}

export function rawSidecar(sidecar: Sidecar): Raw {
  return { apiVersion: NETWORKING, kind: "Sidecar", metadata: rawMeta(sidecar), spec: { egress: (sidecar.egress ?? []).map(({ hosts }) => ({ hosts })) } };
}

export function rawServiceEntry(entry: ServiceEntry): Raw {
  const ports = entry.ports.map(({ number, name, protocol }) => ({ number, name, protocol }));
  return { apiVersion: NETWORKING, kind: "ServiceEntry", metadata: rawMeta(entry), spec: { hosts: entry.hosts, ports, location: entry.location, resolution: entry.resolution } };
}
