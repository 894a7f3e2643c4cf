import type { PortSpec, WorkloadSpec } from "../scene.ts";

const HTTP: readonly PortSpec[] = [{ name: "http", port: 80, targetPort: 8080 }];
const GRPC: readonly PortSpec[] = [{ name: "grpc", port: 9090, targetPort: 9090 }];

function tcp(name: string, port: number): readonly PortSpec[] {
  return [{ name, port, targetPort: port }];
}

type Row = readonly [name: string, more: Omit<WorkloadSpec, "id" | "plane"> & Partial<Pick<WorkloadSpec, "plane">>];

function inNamespace(namespace: string, plane: WorkloadSpec["plane"], rows: readonly Row[]): readonly WorkloadSpec[] {
  return rows.map(([name, more]) => ({ id: `${namespace}/${name}`, plane, ...more }));
}

const ISTIO: readonly Row[] = [
  ["istiod", { ports: [{ name: "grpc-xds", port: 15010, targetPort: 15010 }, { name: "https-dns", port: 15012, targetPort: 15012 }] }],
  ["istio-ingressgateway", { plane: "gateway", replicas: 2, ports: [{ name: "https", port: 443, targetPort: 8443 }] }],
  ["ztunnel", { kind: "DaemonSet", replicas: 2 }],
];

/** Outside the mesh, and calling into it: an ingress controller, a scraper, an agent on every node, a nightly job. */
const PLATFORM: readonly Row[] = [
  ["ingress-nginx", { replicas: 2, ports: HTTP }],
  ["prometheus", { kind: "StatefulSet", ports: tcp("http-web", 9090) }],
  ["grafana", { ports: HTTP }],
  ["log-collector", { kind: "DaemonSet", replicas: 2, hostNetwork: true }],
  ["cert-manager", {}],
  ["backup", { kind: "CronJob" }],
];

const SHOP: readonly Row[] = [
  ["frontend", { replicas: 2, ports: HTTP }],
  ["catalog", { replicas: 2, ports: HTTP, privatePorts: [9102] }],
  ["cart", { replicas: 2, ports: HTTP, privatePorts: [9102] }],
  ["checkout", { replicas: 2, ports: GRPC }],
  ["search", { ports: HTTP }],
  ["reviews", { ports: [...HTTP, { name: "http-admin", port: 8081, targetPort: 8081 }] }],
  ["recommendations", { ports: GRPC, annotations: { "traffic.sidecar.istio.io/excludeOutboundPorts": "8081" } }],
  ["pricing", { ports: GRPC }],
  ["currency", { ports: GRPC }],
  ["promotions", { ports: HTTP }],
  ["inventory", { ports: HTTP }],
  ["images", { ports: HTTP }],
  ["sessions", { kind: "StatefulSet", ports: tcp("tcp-redis", 6379) }],
  ["wishlist", { ports: HTTP }],
  ["newsletter", { ports: HTTP }],
];

const PAYMENTS: readonly Row[] = [
  ["payment-api", { replicas: 2, ports: HTTP }],
  ["cards", { ports: HTTP }],
  ["fraud-scoring", { ports: HTTP }],
  ["ledger", { ports: HTTP }],
  ["invoices", { ports: HTTP }],
  ["refunds", { ports: HTTP }],
  ["payouts", { kind: "CronJob" }],
  ["vault", { kind: "StatefulSet", ports: tcp("tcp-vault", 8200) }],
];

const ACCOUNTS: readonly Row[] = [
  ["login", { replicas: 2, ports: HTTP }],
  ["sso", { ports: [{ name: "https", port: 443, targetPort: 8443 }] }],
  ["profiles", { ports: HTTP, annotations: { "traffic.sidecar.istio.io/excludeOutboundPorts": "5432" } }],
  ["addresses", { replicas: 3, replicasWithoutProxy: 1, ports: HTTP }],
  ["notifications", { ports: HTTP }],
  ["audit", { ports: HTTP }],
];

const DATA: readonly Row[] = [
  ["orders-db", { kind: "StatefulSet", ports: tcp("tcp-postgres", 5432) }],
  ["catalog-db", { kind: "StatefulSet", ports: tcp("tcp-postgres", 5432) }],
  ["kafka", { kind: "StatefulSet", replicas: 3, replicasWithoutProxy: 1, headless: true, ports: tcp("tcp-kafka", 9092) }],
  ["redis", { ports: tcp("tcp-redis", 6379) }],
  ["elasticsearch", { plane: "none", kind: "StatefulSet", ports: tcp("http-es", 9200), labels: { "sidecar.istio.io/inject": "false" } }],
  ["minio", { plane: "none", kind: "StatefulSet", ports: tcp("http-minio", 9000), labels: { "sidecar.istio.io/inject": "false" } }],
  ["schema-registry", { ports: HTTP }],
];

const LEGACY: readonly Row[] = [
  ["erp", {}],
  ["pos-bridge", {}],
  ["crm", { ports: HTTP }],
  ["fax-gateway", {}],
  ["mainframe-adapter", {}],
  ["price-import", { kind: "CronJob" }],
];

const ANALYTICS: readonly Row[] = [
  ["event-collector", { ports: HTTP }],
  ["clickstream", { ports: HTTP }],
  ["dashboards", { ports: HTTP, serviceLabels: { "istio.io/use-waypoint": "waypoint" } }],
  ["reports", {}],
  ["ml-features", { ports: HTTP }],
  ["waypoint", { plane: "waypoint" }],
];

const LOGISTICS: readonly Row[] = [
  ["shipping", { ports: HTTP }],
  ["tracking", { ports: HTTP }],
  ["labels", { ports: HTTP }],
  ["warehouse", { ports: HTTP }],
  ["returns", { ports: HTTP }],
];

export const shopWorkloads: readonly WorkloadSpec[] = [
  ...inNamespace("istio-system", "none", ISTIO),
  ...inNamespace("platform", "none", PLATFORM),
  ...inNamespace("shop", "sidecar", SHOP),
  ...inNamespace("payments", "sidecar", PAYMENTS),
  ...inNamespace("accounts", "sidecar", ACCOUNTS),
  ...inNamespace("data", "sidecar", DATA),
  ...inNamespace("legacy", "none", LEGACY),
  ...inNamespace("analytics", "ambient", ANALYTICS),
  ...inNamespace("logistics", "ambient", LOGISTICS),
];
