import { allowPrincipals, destinationRule, externalService, peerAuthentication, sidecarEgress, validatingWebhook, waypointGateway } from "../policies.ts";
import type { Scene } from "../scene.ts";
import { shopFlows } from "./shopFlows.ts";
import { shopWorkloads } from "./shopWorkloads.ts";

const INJECTED = { "istio-injection": "enabled" };
const AMBIENT = { "istio.io/dataplane-mode": "ambient" };

/** A shop half way to STRICT, with every state an edge can have. */
export const shop: Scene = {
  id: "shop",
  title: "Shop: nine namespaces, half way to STRICT",
  namespaces: [
    { name: "istio-system" },
    { name: "platform" },
    { name: "shop", labels: INJECTED },
    { name: "payments", labels: INJECTED },
    { name: "accounts", labels: INJECTED },
    { name: "data", labels: INJECTED },
    { name: "legacy" },
    { name: "analytics", labels: AMBIENT },
    { name: "logistics", labels: AMBIENT },
  ],
  workloads: shopWorkloads,
  flows: shopFlows,
  policies: [
    peerAuthentication("logistics/default", "STRICT"),
    destinationRule("accounts/newsletter-plain", "newsletter.shop.svc.cluster.local", "DISABLE"),
    destinationRule("shop/cards-plain", "cards.payments.svc.cluster.local", "DISABLE"),
    destinationRule("accounts/elasticsearch", "elasticsearch.data.svc.cluster.local", "ISTIO_MUTUAL"),
    sidecarEgress("shop/promotions", { app: "promotions" }, ["./*", "istio-system/*"]),
    allowPrincipals("payments/invoices", { app: "invoices" }, ["cluster.local/ns/payments/sa/payment-api"]),
    externalService("payments/card-network", "api.cardnetwork.example"),
    waypointGateway("analytics/waypoint"),
    // sso keeps its clients as objects of the cluster
    validatingWebhook("sso-clients", "clients.sso.example", "accounts/sso"),
  ],
  addedLately: { secondsAgo: 1200, policies: [peerAuthentication("payments/default", "STRICT")] },
  istioVersion: "1.30.3",
  istiodEnv: { PILOT_ENABLE_AMBIENT: "true" },
};
