// `foo/httpbin` with a sidecar, `legacy/sleep` without, as an API server holds them, and the series that httpbin's sidecar writes.
import type { RawObject } from "../support/fakeApiServer.ts";
import type { Series } from "../support/prometheus.ts";
import { istiod, meshConfigMap, namespace, service } from "../sources/kubernetes/objects.ts";

interface PodGiven {
  readonly ip: string;
  readonly sidecar: boolean;
}

/** The pod of a Deployment with one replica. */
export function deploymentPod(ns: string, app: string, { ip, sidecar }: PodGiven): RawObject {
  const labels = { app, "pod-template-hash": "5f7d8", ...(sidecar && { "security.istio.io/tlsMode": "istio" }) };
  const proxy = { name: "istio-proxy", image: "docker.io/istio/proxyv2:1.30.3", args: ["proxy", "sidecar"] };
  return {
    apiVersion: "v1",
    kind: "Pod",
    metadata: { namespace: ns, name: `${app}-5f7d8-abcde`, labels, ownerReferences: [{ apiVersion: "apps/v1", kind: "ReplicaSet", name: `${app}-5f7d8`, uid: "1", controller: true }] },
    spec: { serviceAccountName: app, nodeName: "node-1", containers: [{ name: app, image: `${app}:1`, ports: [{ containerPort: 8080 }] }, ...(sidecar ? [proxy] : [])] },
    status: { phase: "Running", podIP: ip, podIPs: [{ ip }], conditions: [{ type: "Ready", status: "True" }] },
  };
}

const SLICE: RawObject = {
  apiVersion: "discovery.k8s.io/v1",
  kind: "EndpointSlice",
  metadata: { namespace: "foo", name: "httpbin-x", labels: { "kubernetes.io/service-name": "httpbin" } },
  addressType: "IPv4",
  ports: [{ name: "http", port: 8080, protocol: "TCP" }],
  endpoints: [{ addresses: ["10.0.0.10"], conditions: { ready: true }, targetRef: { kind: "Pod", namespace: "foo", name: "httpbin-5f7d8-abcde" } }],
};

export const MIGRATION: readonly RawObject[] = [
  namespace("istio-system"),
  namespace("foo", { "istio-injection": "enabled" }),
  namespace("legacy"),
  istiod("istio-system", "default"),
  meshConfigMap("istio-system", "istio", "rootNamespace: istio-system\ntrustDomain: cluster.local\n"),
  deploymentPod("foo", "httpbin", { ip: "10.0.0.10", sidecar: true }),
  deploymentPod("legacy", "sleep", { ip: "10.0.0.30", sidecar: false }),
  service("foo", "httpbin", 8000),
  SLICE,
];

const PLAINTEXT = {
  __name__: "istio_requests_total",
  app: "httpbin",
  reporter: "destination",
  request_protocol: "http",
  response_code: "200",
  response_flags: "-",
  connection_security_policy: "none",
  source_workload: "sleep",
  source_workload_namespace: "legacy",
  source_principal: "unknown",
  destination_workload: "httpbin",
  destination_workload_namespace: "foo",
  destination_principal: "unknown",
  destination_service: "httpbin.foo.svc.cluster.local",
  destination_service_name: "httpbin",
  destination_service_namespace: "foo",
};

/** One plaintext request every two seconds for the last half hour, scraped every 15 s; and the target that was scraped. */
export function plaintextSeries(nowMs: number): readonly Series[] {
  const times = Array.from({ length: 121 }, (_, scrape) => nowMs - (120 - scrape) * 15_000);
  return [
    { labels: PLAINTEXT, samples: times.map((atMs, scrape) => ({ atMs, value: 1_000 + scrape * 7.5 })) },
    { labels: { __name__: "up", job: "istio-proxies" }, samples: times.map((atMs) => ({ atMs, value: 1 })) },
  ];
}
