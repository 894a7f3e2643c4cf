import type { Flow, Schedule } from "../scene.ts";

type Row = readonly [from: string, to: string, port: number, perSecond: number, more?: Partial<Flow>];

function flows(rows: readonly Row[]): readonly Flow[] {
  return rows.map(([from, to, port, perSecond, more]) => ({ from, to, port, perSecond, ...more }));
}

/** A burst of a minute that ended 21 minutes before the scene opens: outside a window of 15 minutes, inside the look-back. */
const JUST_RAN: Schedule = { everySeconds: 4200, forSeconds: 60, endedSecondsAgo: 1260 };
const EVERY_TEN_MINUTES: Schedule = { everySeconds: 600, forSeconds: 30, endedSecondsAgo: 120 };

/** Ordinary calls between sidecars, by Service. */
const MESH = flows([
  ["shop/frontend", "shop/catalog", 80, 38],
  ["shop/frontend", "shop/cart", 80, 9],
  ["shop/frontend", "shop/checkout", 9090, 2.4],
  ["shop/frontend", "shop/search", 80, 11],
  ["shop/frontend", "shop/reviews", 80, 14],
  ["shop/frontend", "shop/recommendations", 9090, 12],
  ["shop/frontend", "shop/images", 80, 61],
  ["shop/frontend", "shop/promotions", 80, 6],
  ["shop/frontend", "shop/wishlist", 80, 1.5],
  ["shop/frontend", "shop/currency", 9090, 21],
  ["shop/frontend", "shop/sessions", 6379, 4],
  ["shop/frontend", "accounts/login", 80, 1.1],
  ["shop/catalog", "data/catalog-db", 5432, 0.6],
  ["shop/catalog", "shop/pricing", 9090, 17],
  ["shop/catalog", "shop/inventory", 80, 7],
  ["shop/cart", "shop/pricing", 9090, 8],
  ["shop/cart", "data/redis", 6379, 1.2],
  ["shop/checkout", "shop/cart", 80, 2.4],
  ["shop/checkout", "shop/currency", 9090, 2.2],
  ["shop/checkout", "payments/payment-api", 80, 1.9],
  ["shop/checkout", "accounts/addresses", 80, 1.8],
  ["shop/checkout", "data/orders-db", 5432, 0.4],
  ["shop/promotions", "shop/pricing", 9090, 3],
  ["shop/wishlist", "shop/catalog", 80, 1.2],
  ["shop/recommendations", "shop/reviews", 80, 3],
  ["payments/payment-api", "payments/cards", 80, 1.7],
  ["payments/payment-api", "payments/fraud-scoring", 80, 1.7],
  ["payments/payment-api", "payments/ledger", 80, 1.6],
  ["payments/payment-api", "payments/invoices", 80, 1.4],
  ["payments/payment-api", "payments/vault", 8200, 0.2],
  ["payments/refunds", "payments/payment-api", 80, 0.1],
  ["payments/refunds", "payments/ledger", 80, 0.1],
  ["accounts/login", "accounts/profiles", 80, 1.3],
  ["accounts/login", "accounts/sso", 443, 0.3],
  ["accounts/login", "accounts/audit", 80, 1.1],
  ["accounts/profiles", "accounts/notifications", 80, 0.5],
  ["accounts/addresses", "data/schema-registry", 80, 0.2],
]);

/** Plaintext, each with another cause. */
const PLAINTEXT = flows([
  // no sidecar
  ["legacy/pos-bridge", "shop/inventory", 80, 2.5],
  ["legacy/erp", "data/orders-db", 5432, 0.05],
  // an ingress controller outside the mesh
  ["platform/ingress-nginx", "shop/frontend", 80, 5],
  // a scraper on a port of no Service
  ["platform/prometheus", "shop/catalog", 9102, 0.066, { byAddress: true }],
  ["platform/prometheus", "shop/cart", 9102, 0.066, { byAddress: true }],
  // an agent in the node's network: its address names no pod
  ["platform/log-collector", "accounts/audit", 80, 0.4],
  // in the mesh, but by pod address
  ["shop/search", "shop/catalog", 8080, 1, { byAddress: true }],
  // DestinationRule DISABLE in the client's namespace
  ["accounts/notifications", "shop/newsletter", 80, 0.7],
  // a port that the client's proxy does not capture
  ["accounts/profiles", "data/orders-db", 5432, 0.3],
  // a Sidecar that hides the Service from the client
  ["shop/promotions", "accounts/profiles", 80, 0.6],
  // a headless Service of which one broker has no sidecar
  ["shop/checkout", "data/kafka", 9092, 0.3],
  // a CronJob
  ["legacy/price-import", "shop/pricing", 9090, 2, { schedule: EVERY_TEN_MINUTES }],
  // ztunnel to a sidecar that offers no tunnel
  ["analytics/event-collector", "shop/sessions", 6379, 0.4],
]);

const REFUSED = flows([
  // STRICT, and a client without proxy
  ["legacy/erp", "payments/ledger", 80, 0.2],
  // STRICT, and a DestinationRule that switches the client's mTLS off
  ["shop/cart", "payments/cards", 80, 0.5],
  // a DestinationRule that asks mTLS of a server without proxy
  ["accounts/audit", "data/elasticsearch", 9200, 0.3],
  // an AuthorizationPolicy that does not name the caller
  ["accounts/notifications", "payments/invoices", 80, 0.1],
  // ztunnel, STRICT
  ["legacy/fax-gateway", "logistics/labels", 80, 0.1],
]);

const IN_BETWEEN = flows([
  // one request in 300 goes out by a port that the proxy does not capture
  ["shop/recommendations", "shop/reviews", 8081, 0.01],
  // one replica of three was started before injection
  ["accounts/addresses", "accounts/profiles", 80, 0.6],
  ["accounts/addresses", "payments/fraud-scoring", 80, 0.3],
  // no proxy at the server: nobody says how it arrived
  ["shop/search", "data/elasticsearch", 9200, 9],
  ["shop/images", "data/minio", 9000, 4],
  // the application's own TLS
  ["legacy/crm", "accounts/sso", 443, 0.2, { applicationTls: true }],
  // outside the cluster
  ["payments/cards", "external:api.cardnetwork.example", 443, 0.4, { applicationTls: true }],
  // quiet now
  ["platform/backup", "data/redis", 6379, 0.5, { schedule: JUST_RAN }],
  ["payments/payouts", "payments/ledger", 80, 1, { schedule: JUST_RAN }],
  ["legacy/price-import", "payments/payment-api", 80, 0.5, { schedule: JUST_RAN }],
]);

const AMBIENT = flows([
  ["shop/frontend", "analytics/clickstream", 80, 5],
  ["shop/checkout", "logistics/shipping", 80, 1.2],
  ["analytics/clickstream", "analytics/event-collector", 80, 6],
  ["analytics/event-collector", "analytics/ml-features", 80, 2],
  ["analytics/reports", "analytics/dashboards", 80, 0.5],
  ["logistics/shipping", "logistics/tracking", 80, 2],
  ["logistics/shipping", "logistics/labels", 80, 1],
  ["logistics/shipping", "logistics/warehouse", 80, 1],
  ["logistics/returns", "logistics/warehouse", 8080, 0.3, { byAddress: true }],
  ["legacy/crm", "analytics/event-collector", 80, 0.4],
]);

const EDGE_OF_THE_MESH = flows([
  ["istio-system/istio-ingressgateway", "shop/frontend", 80, 40],
  ["istio-system/istio-ingressgateway", "accounts/login", 80, 3],
]);

/** Written by hand: what is observed is not what configuration says. */
const DISAGREEMENTS = flows([
  ["shop/wishlist", "shop/sessions", 6379, 0.5, { despite: { happens: "plaintext", because: "the proxy of wishlist has lost istiod and still follows a DestinationRule that is gone" } }],
  ["legacy/mainframe-adapter", "payments/vault", 8200, 0.1, { despite: { happens: "plaintext", because: "the proxy of vault has not taken the STRICT policy yet" } }],
]);

export const shopFlows: readonly Flow[] = [...MESH, ...PLAINTEXT, ...REFUSED, ...IN_BETWEEN, ...AMBIENT, ...EDGE_OF_THE_MESH, ...DISAGREEMENTS];
