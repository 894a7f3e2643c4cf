/** Annotations that a rule or a proposal names. What is kept or saved of an object may leave out every other. */
export const ANNOTATIONS: ReadonlySet<string> = new Set([
  "ambient.istio.io/bypass-inbound-capture",
  "ambient.istio.io/redirection",
  "argocd.argoproj.io/tracking-id",
  "inject.istio.io/templates",
  "istio.io/dry-run",
  "istio.io/rev",
  "networking.istio.io/exportTo",
  "prometheus.io/port",
  "prometheus.io/scheme",
  "prometheus.io/scrape",
  "proxy.istio.io/config",
  "sidecar.istio.io/inject",
  "sidecar.istio.io/interceptionMode",
  "sidecar.istio.io/rewriteAppHTTPProbers",
  "sidecar.istio.io/status",
  "status.sidecar.istio.io/port",
  "traffic.sidecar.istio.io/excludeInboundPorts",
  "traffic.sidecar.istio.io/excludeInterfaces",
  "traffic.sidecar.istio.io/excludeOutboundIPRanges",
  "traffic.sidecar.istio.io/excludeOutboundPorts",
  "traffic.sidecar.istio.io/includeInboundPorts",
  "traffic.sidecar.istio.io/includeOutboundIPRanges",
  "traffic.sidecar.istio.io/includeOutboundPorts",
]);

/** Kinds that say whom the API server calls. A proposal reads them; no verdict depends on them. */
export const API_SERVER_CALL_KINDS: ReadonlySet<string> = new Set(["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "APIService"]);

/** The annotation that holds a whole proxy configuration, environment variables included. */
export const PROXY_CONFIG_ANNOTATION = "proxy.istio.io/config";

/** Environment variables of proxies that a rule names; only that they are set matters. */
export const PROXY_VARIABLES: ReadonlySet<string> = new Set(["TLS_CLIENT_CERT_CHAIN"]);

/** Containers of which a rule reads the arguments. */
export const ARGUMENT_CONTAINERS: ReadonlySet<string> = new Set(["istio-init", "istio-validation", "istio-proxy"]);
