/** The window and the look-back before it, and what every selector is narrowed to. */
export interface Span {
  readonly windowSeconds: number;
  readonly lookBackSeconds: number;
  /** label matchers added to every selector, as PromQL writes them: `cluster="x"`; empty for none */
  readonly matchers: string;
}

/** One instant query, and what it is asked for: shown to whoever wants to ask again. */
export interface Query {
  readonly purpose: string;
  readonly text: string;
}

export type QueryName = "requests" | "connections" | "outcomes" | "clientSide" | "bytesAndBirths" | "lookBack";

/** Asked at every refresh; the others at most once a minute. */
export const FAST_QUERIES = ["requests", "connections", "outcomes"] as const satisfies readonly QueryName[];
export const SLOW_QUERIES = ["clientSide", "bytesAndBirths", "lookBack"] as const satisfies readonly QueryName[];

/** Set by `label_replace`, so that several vectors fit one query; no label of Istio's has this name. */
export const PART = "mtlscope_part";

export const EDGE_LABELS = [
  "reporter", "connection_security_policy", "source_workload", "source_workload_namespace", "source_principal", "destination_workload",
  "destination_workload_namespace", "destination_service", "destination_service_name", "app",
] as const;

const REQUESTS = "istio_requests_total";
const OPENED = "istio_tcp_connections_opened_total";
const CLOSED = "istio_tcp_connections_closed_total";
const FAILED = "istio_tcp_connections_failed_total";
const SENT = "istio_tcp_sent_bytes_total";
const RECEIVED = "istio_tcp_received_bytes_total";

const BY_EDGE = `sum by (${EDGE_LABELS.join(", ")})`;
const SERIES_BY_EDGE = `count by (${EDGE_LABELS.join(", ")})`;
const BY_OUTCOME = `sum by (${EDGE_LABELS.join(", ")}, response_code, response_flags)`;
const LOST = 'response_flags=~"UF,URX|URX,UF|UF|UR"';
const RESET = 'response_code="503",response_flags=~"UC|UF,URX|URX,UF|UF"';

function selector(metric: string, matchers: readonly string[], span: Span): string {
  return `${metric}{${[...matchers, span.matchers].filter((matcher) => matcher !== "").join(",")}}`;
}

function part(name: string, vector: string): string {
  return `label_replace(${vector}, "${PART}", "${name}", "", "")`;
}

function increase(series: string, { windowSeconds }: Span): string {
  return `increase(${series}[${windowSeconds}s])`;
}

/**
 * What `increase` leaves out for series that were born inside the window: it counts from their first sample, and they began at zero.
 * Where no target was scraped at the start of the window, a birth cannot be told from the first scrape, and nothing is added.
 */
function born(series: string, span: Span): string {
  const window = `${span.windowSeconds}s`;
  const last = `last_over_time(${series}[${window}])`;
  const missed = `(${last} - (${increase(series, span)} or ${last} * 0)) unless ${series} offset ${window}`;
  const blind = `(count(${selector("up", [], span)}) unless on () count(${selector("up", [], span)} offset ${window}))`;
  return `(${BY_OUTCOME} ((${missed}) unless on () ${blind}) != 0)`;
}

/** Series that grew in the look-back, births counted from zero: their end is not what they began with. */
function grew(series: string, span: Span): string {
  const end = `last_over_time(${series}[${span.lookBackSeconds}s] offset ${span.windowSeconds}s)`;
  const start = `${series} offset ${span.windowSeconds + span.lookBackSeconds}s`;
  return `(${SERIES_BY_EDGE} ((${end} - (${start} or ${end} * 0)) != 0))`;
}

/** Requests and connections with an outcome of their own; they stand in the other queries too and are taken out there. */
function outcomes(span: Span, vector: (series: string) => string): readonly string[] {
  return [
    part("requests", vector(selector(REQUESTS, ['reporter="source"', RESET], span))),
    part("requests", vector(selector(REQUESTS, ['reporter!="source"', 'response_code="403"'], span))),
    part("opened", vector(selector(OPENED, ['reporter="source"', LOST], span))),
    part("closed", vector(selector(CLOSED, ['reporter="source"', LOST], span))),
    part("closed", vector(selector(CLOSED, ['response_flags="DENY"'], span))),
    part("failed", vector(selector(FAILED, ['response_flags!="-"'], span))),
  ];
}

function texts(span: Span): Readonly<Record<QueryName, string>> {
  const edges = (metric: string, reporter: string): string => `${BY_EDGE} (${increase(selector(metric, [reporter], span), span)}) > 0`;
  const all = (metric: string): string => selector(metric, [], span);
  const counted = (series: string): string => `(${BY_OUTCOME} (${increase(series, span)}) > 0)`;
  const [, , , lostClosed = "", denied = "", failed = ""] = outcomes(span, (series) => born(series, span));
  return {
    requests: edges(REQUESTS, 'reporter!="source"'),
    connections: edges(OPENED, 'reporter!="source"'),
    outcomes: outcomes(span, counted).join(" or "),
    clientSide: [part("requests", `(${edges(REQUESTS, 'reporter="source"')})`), part("connections", `(${edges(OPENED, 'reporter="source"')})`)].join(" or "),
    bytesAndBirths: [
      ...[SENT, RECEIVED].map((metric) => part(`bytes ${metric}`, `(${BY_EDGE} (${increase(all(metric), span)}) > 0)`)),
      ...[SENT, RECEIVED].map((metric) => part(`born bytes ${metric}`, born(all(metric), span))),
      part("born requests", born(all(REQUESTS), span)),
      part("born connections", born(all(OPENED), span)),
      ...[lostClosed, denied, failed].map((vector) => vector.replace(`"${PART}", "`, `"${PART}", "born `)),
      ...["response_code", "response_flags"].map((label) => part(`without ${label}`, `count(${selector(REQUESTS, [`${label}=""`], span)})`)),
    ].join(" or "),
    lookBack: [part("requests", grew(all(REQUESTS), span)), part("connections", grew(all(OPENED), span)), ...[SENT, RECEIVED].map((metric) => part(`bytes ${metric}`, grew(all(metric), span)))].join(" or "),
  };
}

const PURPOSES: Readonly<Record<QueryName, string>> = {
  requests: "requests in the window, as servers and waypoints report them",
  connections: "connections opened in the window, as servers, waypoints and ztunnel report them",
  outcomes: "requests and connections that were reset, denied or refused in the window",
  clientSide: "requests and connections in the window, as clients report them",
  bytesAndBirths: "bytes in the window, and what series born inside it counted before their first sample",
  lookBack: "what carried traffic in the look-back before the window",
};

/** The six questions that make the mesh-wide picture, however large the mesh is. */
export function queriesFor(span: Span): Readonly<Record<QueryName, Query>> {
  const text = texts(span);
  const query = (name: QueryName): Query => ({ purpose: PURPOSES[name], text: text[name] });
  return {
    requests: query("requests"), connections: query("connections"), outcomes: query("outcomes"),
    clientSide: query("clientSide"), bytesAndBirths: query("bytesAndBirths"), lookBack: query("lookBack"),
  };
}
