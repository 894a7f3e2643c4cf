// Kubernetes and Istio objects as a server holds them, complete enough for a real API server to accept.
import type { RawObject } from "../../support/fakeApiServer.ts";

type Labels = Readonly<Record<string, string>>;
interface Owner {
  readonly kind: string;
  readonly name: string;
}

function owners(apiVersion: string, owner: Owner | null): Readonly<Record<string, unknown>> {
  return owner === null ? {} : { ownerReferences: [{ apiVersion, kind: owner.kind, name: owner.name, uid: "00000000-0000-0000-0000-000000000001", controller: true }] };
}

const template = { metadata: { labels: { app: "any" } }, spec: { containers: [{ name: "app", image: "app:1" }] } };

export function namespace(name: string, labels: Labels = {}): RawObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name, labels } };
}

export function pod(ns: string, name: string, given: { readonly labels?: Labels; readonly owner?: Owner } = {}): RawObject {
  const metadata = { namespace: ns, name, labels: given.labels ?? {}, ...owners("apps/v1", given.owner ?? null) };
  return { apiVersion: "v1", kind: "Pod", metadata, spec: { containers: [{ name: "app", image: "app:1" }] } };
}

export function replicaSet(ns: string, name: string, owner: Owner | null): RawObject {
  return { apiVersion: "apps/v1", kind: "ReplicaSet", metadata: { namespace: ns, name, ...owners("apps/v1", owner) }, spec: { selector: { matchLabels: { app: "any" } }, template } };
}

export function job(ns: string, name: string, owner: Owner | null): RawObject {
  const spec = { template: { ...template, spec: { ...template.spec, restartPolicy: "Never" } } };
  return { apiVersion: "batch/v1", kind: "Job", metadata: { namespace: ns, name, ...owners("batch/v1", owner) }, spec };
}

export function service(ns: string, name: string, port = 80): RawObject {
  return { apiVersion: "v1", kind: "Service", metadata: { namespace: ns, name }, spec: { selector: { app: name }, ports: [{ name: "http", port, targetPort: 8080 }] } };
}

export function peerAuthentication(ns: string, name: string, mode: unknown): RawObject {
  return { apiVersion: "security.istio.io/v1", kind: "PeerAuthentication", metadata: { namespace: ns, name }, spec: { mtls: { mode } } };
}

export function destinationRule(ns: string, name: string, host: string): RawObject {
  return { apiVersion: "networking.istio.io/v1", kind: "DestinationRule", metadata: { namespace: ns, name }, spec: { host } };
}

export function istiod(ns: string, revision: string, given: { readonly version?: string; readonly domain?: string; readonly env?: Readonly<Record<string, string | object>> } = {}): RawObject {
  const args = ["discovery", ...(given.domain === undefined ? [] : ["--domain", given.domain])];
  const containers = [{ name: "discovery", image: `docker.io/istio/pilot:${given.version ?? "1.30.3"}`, args, env: Object.entries({ REVISION: revision, ...given.env }).map(([name, value]) => (typeof value === "string" ? { name, value } : { name, valueFrom: value })) }];
  const labels = { app: "istiod", "istio.io/rev": revision };
  const name = revision === "default" ? "istiod" : `istiod-${revision}`;
  return {
    apiVersion: "apps/v1", kind: "Deployment", metadata: { namespace: ns, name, labels },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: { containers } } },
  };
}

export function meshConfigMap(ns: string, name: string, mesh: string): RawObject {
  return { apiVersion: "v1", kind: "ConfigMap", metadata: { namespace: ns, name }, data: { mesh } };
}
