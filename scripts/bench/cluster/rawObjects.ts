import type { ConfigurationObjects, EndpointSlice, Namespace, Pod, Service } from "#mesh";
import { rawMeta, type Raw } from "./rawMeta.ts";
import { rawPod } from "./rawPod.ts";
import { rawAuthorizationPolicy, rawDestinationRule, rawPeerAuthentication, rawServiceEntry, rawSidecar, rawVirtualService } from "./rawPolicies.ts";

/** Where the API server stores an object, and the object. */
export type Stored = readonly [key: string, object: Raw];

interface Named {
  readonly namespace: string;
  readonly name: string;
}

function stored<T extends Named>(folder: string, objects: readonly T[], raw: (object: T) => Raw): readonly Stored[] {
  return objects.map((object) => [[folder, object.namespace, object.name].filter((part) => part !== "").join("/"), raw(object)]);
}

function rawNamespace(namespace: Namespace): Raw {
  return { apiVersion: "v1", kind: "Namespace", metadata: rawMeta(namespace), spec: { finalizers: ["kubernetes"] }, status: { phase: "Active" } };
}

function rawService({ type, selector, clusterIPs, ports, ...meta }: Service): Raw {
  const wired = ports.map(({ name, port, protocol, targetPort }) => ({ name, port, protocol, targetPort }));
  const spec = { type, selector, clusterIP: clusterIPs[0], clusterIPs, ports: wired, sessionAffinity: "None", ipFamilies: ["IPv4"], ipFamilyPolicy: "SingleStack", internalTrafficPolicy: "Cluster" };
  return { apiVersion: "v1", kind: "Service", metadata: rawMeta(meta), spec, status: { loadBalancer: {} } };
}

function rawSlice({ addressType, ports, endpoints, ...meta }: EndpointSlice): Raw {
  const wired = endpoints.map(({ addresses, targetRef }) => ({ addresses, conditions: { ready: true, serving: true, terminating: false }, nodeName: "node-1", targetRef }));
  return { apiVersion: "discovery.k8s.io/v1", kind: "EndpointSlice", metadata: rawMeta(meta), addressType, ports: ports.map(({ name, port, protocol }) => ({ name, port, protocol })), endpoints: wired };
}

/** As large as they are: a template is most of a ReplicaSet. */
function rawReplicaSet({ namespace, owner, labels, ...pod }: Pod): Raw {
  const { spec } = rawPod({ namespace, owner, labels, ...pod });
  const metadata = { ...rawMeta({ namespace, name: `${owner.name}-5c7d9b6f44`, labels }), ownerReferences: [{ apiVersion: "apps/v1", kind: owner.kind, name: owner.name, uid: "00000000-0000-0000-0000-000000000002", controller: true }] };
  return { apiVersion: "apps/v1", kind: "ReplicaSet", metadata, spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } }, status: { replicas: 1 } };
}

function replicaSets(pods: readonly Pod[]): readonly Stored[] {
  const firsts = [...new Map(pods.map((pod) => [`${pod.namespace}/${pod.owner.name}`, pod])).values()];
  return firsts.map((pod) => [`replicasets/${pod.namespace}/${pod.owner.name}-5c7d9b6f44`, rawReplicaSet(pod)]);
}

function controlPlane(): readonly Stored[] {
  const of = { namespace: "istio-system", name: "istiod", labels: { app: "istiod", "istio.io/rev": "default" } };
  const env = [{ name: "REVISION", value: "default" }, { name: "PILOT_ENABLE_AMBIENT", value: "true" }];
  const template = { metadata: { labels: of.labels }, spec: { containers: [{ name: "discovery", image: "docker.io/istio/pilot:1.30.3", args: ["discovery"], env }] } };
  const deployment = { apiVersion: "apps/v1", kind: "Deployment", metadata: rawMeta(of), spec: { replicas: 1, selector: { matchLabels: of.labels }, template } };
  const config = { apiVersion: "v1", kind: "ConfigMap", metadata: rawMeta({ ...of, name: "istio" }), data: { mesh: "trustDomain: cluster.local\nrootNamespace: istio-system\n" } };
  return [["deployments/istio-system/istiod", deployment], ["configmaps/istio-system/istio", config]];
}

/** The generated mesh as a cluster stores it, ReplicaSets and control plane included. */
export function storedObjects(objects: ConfigurationObjects): readonly Stored[] {
  return [
    ...stored("namespaces", objects.Namespace.filter(({ name }) => name !== "istio-system"), rawNamespace),
    ...controlPlane(),
    ...stored("services/specs", objects.Service, rawService),
    ...stored("endpointslices", objects.EndpointSlice, rawSlice),
    ...replicaSets(objects.Pod),
    ...stored("pods", objects.Pod, rawPod),
    ...stored("security.istio.io/peerauthentications", objects.PeerAuthentication, rawPeerAuthentication),
    ...stored("security.istio.io/authorizationpolicies", objects.AuthorizationPolicy, rawAuthorizationPolicy),
    ...stored("networking.istio.io/destinationrules", objects.DestinationRule, rawDestinationRule),
    ...stored("networking.istio.io/virtualservices", objects.VirtualService, rawVirtualService),
    ...stored("networking.istio.io/sidecars", objects.Sidecar, rawSidecar),
    ...stored("networking.istio.io/serviceentries", objects.ServiceEntry, rawServiceEntry),
  ];
}
