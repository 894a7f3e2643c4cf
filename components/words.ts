import type { ClientMode, CountsView, DataPlaneMode, EdgeConsequence, EdgeState, FindingView, NodeView, ReadinessView, SenderConfidence, ServerMode, Transport } from "#view";

/** What each state means, as a person would say it; the states' own names are the labels. */
export const STATE_MEANING: Readonly<Record<EdgeState, string>> = {
  blocked: "every attempt was refused",
  "mixed, partly blocked": "some got through, some were refused",
  mixed: "more than one of mTLS, plaintext and application TLS on the same connection",
  plaintext: "everything seen was plaintext",
  "application TLS": "TLS of the application itself, without a mesh identity",
  mTLS: "everything whose security was reported was mutual TLS",
  unclear: "traffic whose security nobody reported",
  "expected blocked": "no traffic in the window; configuration would refuse it",
  idle: "no traffic in the window, seen before it",
};

/** What there was on a connection, as a filter; beside it there may have been other things. */
export const HAVING = {
  plaintext: "with plaintext",
  refused: "with refusals",
  unclear: "with unreported security",
  tls: "with application TLS",
  mtls: "with mTLS",
  unreported: "with unreported traffic that is plaintext by configuration",
  disagreement: "that do otherwise than configured",
} as const satisfies Readonly<Record<keyof CountsView | "unreported" | "disagreement", string>>;
export type Having = keyof typeof HAVING;

export const ACCEPTS: Readonly<Record<ServerMode | "unknown", string>> = {
  STRICT: "mTLS only",
  PERMISSIVE: "mTLS and plaintext",
  DISABLE: "plaintext only",
  NONE: "whatever arrives, no proxy",
  UNCAPTURED: "whatever arrives, the port is not captured",
  GATEWAY: "what the Gateway's own servers say",
  unknown: "cannot be told",
};

/** Words beside a mode that says nothing to who reads it for the first time. */
export const MODE_GLOSS: Readonly<Partial<Record<ServerMode | ClientMode | "unknown", string>>> = { NONE: "no proxy", UNCAPTURED: "past the proxy", BYPASS: "past its proxy" };

export const SENDS: Readonly<Record<ClientMode | "unknown", string>> = {
  NONE: "plaintext, it runs no proxy",
  BYPASS: "plaintext, past its proxy",
  PASSTHROUGH: "what the application sends, passed through",
  BLACKHOLE: "nothing, the proxy drops it",
  AUTO_MTLS: "mTLS, by auto mTLS",
  AUTO_PLAINTEXT: "plaintext, auto mTLS found no mTLS endpoint",
  DR_DISABLE: "plaintext, by DestinationRule",
  DR_SIMPLE: "TLS without a client certificate, by DestinationRule",
  DR_MUTUAL: "mutual TLS with its own certificate, by DestinationRule",
  DR_ISTIO_MUTUAL: "mTLS, by DestinationRule",
  DR_DROPPED: "plaintext: the DestinationRule asks for TLS that istiod cannot build",
  HBONE: "mTLS, in an HBONE tunnel",
  ZT_PLAINTEXT: "plaintext, ztunnel passes it on",
  unknown: "cannot be told",
};

export const TRANSPORT: Readonly<Record<Transport, string>> = {
  mTLS: "mTLS",
  tls: "application TLS",
  plaintext: "plaintext",
  blocked: "blocked",
};

export const DATA_PLANE: Readonly<Record<DataPlaneMode, string>> = {
  sidecar: "sidecar",
  ambient: "ambient",
  gateway: "gateway",
  waypoint: "waypoint",
  "grpc-proxyless": "proxyless gRPC",
  none: "no proxy",
};

export const CONFIDENCE: Readonly<Record<SenderConfidence, string>> = {
  "proved by identity": "the mTLS certificate names it",
  "address, one owner": "one workload owned the address; an address is no identity",
  "address, several candidates": "several workloads share the address",
  inferred: "from configuration or timing, not observed",
  unidentified: "nothing names the sender",
};

/** In the order in which a preview lists them: what breaks first. */
export const CONSEQUENCE: Readonly<Record<EdgeConsequence, string>> = {
  "becomes blocked": "refused from then on",
  "becomes accepted": "refused today, gets through afterwards",
  "becomes mTLS": "not mTLS today, mTLS afterwards",
  uncertain: "cannot be told, because something is not known",
  "identity gained or lost": "an AuthorizationPolicy now matches, or no longer does",
  "already blocked": "refused today already",
  "stays plaintext": "the change does not reach it",
  "stays unknown": "unknown before as after: not changed by this",
  "stays application TLS": "the application's own TLS goes on",
  "stays mTLS": "no change",
};

export const CONSEQUENCES = Object.keys(CONSEQUENCE) as readonly EdgeConsequence[];

export const READINESS: Readonly<Record<ReadinessView["kind"], string>> = {
  "is STRICT": "is STRICT",
  "STRICT in part": "STRICT in part",
  ready: "ready",
  "not ready": "not ready",
  unknown: "unknown",
  "nothing to protect": "no proxies",
};

/** How a page's list is narrowed to one kind of its rows: namespaces by readiness, workloads by what they accept, proposals by what they break. */
export const ONLY: ReadonlySet<string> = new Set([...Object.keys(READINESS), ...Object.keys(ACCEPTS), "no proxy", "nothing blocked"]);

/** Worst first. */
export const FINDING_SEVERITY: Readonly<Record<FindingView["severity"], { readonly title: string; readonly means: string }>> = {
  "breaks traffic": { title: "Breaks traffic", means: "connections are refused, or would be" },
  "weaker than it seems": { title: "Weaker than it seems", means: "something gets through that looks as if it could not" },
  "no effect": { title: "No effect", means: "it can go, or was meant otherwise" },
  "cannot be told": { title: "Cannot be told", means: "it puts verdicts out of reach" },
};

export const NODE_KIND: Readonly<Record<NodeView["kind"], string>> = {
  workload: "Workload",
  node: "Cluster node",
  address: "Address",
  external: "External host",
  unidentified: "Unidentified sender",
};

export const PAGES = [
  { path: "/", label: "Overview", short: "Overview" },
  { path: "/graph", label: "Graph", short: "Graph" },
  { path: "/connections", label: "Connections", short: "Connections" },
  { path: "/workloads", label: "Workloads", short: "Workloads" },
  { path: "/senders", label: "Plaintext senders", short: "Senders" },
  { path: "/findings", label: "Findings", short: "Findings" },
  { path: "/proposals", label: "Proposals", short: "Proposals" },
] as const;
export type PagePath = (typeof PAGES)[number]["path"];

export const SHORTCUTS = [
  { keys: "/ or Ctrl K", does: "search" },
  { keys: "Esc", does: "close the panel" },
  { keys: "↑ ↓", does: "row to row in a table, node to node in the graph" },
  { keys: "Home End", does: "first row, last row" },
  { keys: "Enter", does: "open what has the focus" },
  { keys: "?", does: "this list" },
] as const;

export const WORDS = {
  product: "mtlscope",
  skip: "Skip to content",
  allNamespaces: "all namespaces",
  simulated: "simulated",
  saved: "saved state",
  live: "live",
  disconnected: "not connected",
  notReading: "not reading",
  cannotReach: "mtlscope's own server does not answer. The picture below is the last one; it comes back by itself when the server does.",
  halted: "mtlscope stopped reading the mesh and is starting that again by itself; its log says why. The picture below is the last one.",
  cannotReachEmpty: "mtlscope's own server does not answer. Check that it still runs; this page tries again by itself.",
  notJson: "the server answered with something other than JSON; is something else listening on this port?",
  noTraffic: "No traffic in the window. That is absence of evidence, not safety.",
  nothingArrived: "nothing arrived: no proof",
  nothingMatches: "Nothing matches these filters.",
  clearFilters: "Clear filters",
  nothingNeedsYou: "Nothing found that needs you. What mtlscope cannot see is listed above.",
  nothingReadYet: "Not all is read yet, so nothing can be said of what needs you.",
  noGaps: "Every source answered. What none of them counts is not seen either.",
  addressIsNoIdentity: "A name that came from an address is not an identity.",
  noPath: "Configuration knows no port and no endpoint for this way, so what is accepted and sent cannot be told. Only what was observed is known.",
  onlyChanges: "Only what changes",
  copied: "Copied",
} as const;
