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

/** Asked at every refresh. */
export const FAST_QUERIES = ["requests", "connections", "outcomes"] as const satisfies readonly QueryName[];
/** Asked at most once a minute, beside a refresh. */
export const MINUTELY_QUERIES = ["clientSide", "bytesAndBirths"] as const satisfies readonly QueryName[];
/** Asked every few minutes: the past moves slowly. */
export const RARE_QUERIES = ["lookBack"] as const satisfies readonly QueryName[];

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
 * Series born inside the window began at zero, and `increase` counts only from their first sample: their whole value, and the part of it that
 * `increase` has counted already. Two vectors, since arithmetic between whole series is what costs most.
 * Where no target was scraped at the start of the window, a birth cannot be told from the first scrape, and nothing is told.
 */
function born(name: string, series: string, span: Span): readonly string[] {
  const before = `${series} offset ${span.windowSeconds}s`;
  const blind = `(count(${selector("up", [], span)}) unless on () count(${selector("up", [], span)} offset ${span.windowSeconds}s))`;
  const ofBorn = (vector: string): string => `(${BY_OUTCOME} (${vector} unless ${before}) unless on () ${blind})`;
  return [part(`born ${name}`, ofBorn(`last_over_time(${series}[${span.windowSeconds}s])`)), part(`counted ${name}`, ofBorn(increase(series, span)))];
}

/** Series that grew in the look-back, or were born in it. */
function grew(name: string, series: string, span: Span): readonly string[] {
  const range = `${series}[${span.lookBackSeconds}s] offset ${span.windowSeconds}s`;
  const before = `${series} offset ${span.windowSeconds + span.lookBackSeconds}s`;
  return [part(name, `(${BY_EDGE} (increase(${range})) > 0)`), part(`born ${name}`, `(${BY_EDGE} (last_over_time(${range}) unless ${before}) > 0)`)];
}

/** Requests and connections with an outcome of their own, by the metric that tells it; they stand in the other queries too and are taken out there. */
function outcomes(span: Span): readonly (readonly [metric: string, series: string])[] {
  return [
    ["requests", selector(REQUESTS, ['reporter="source"', RESET], span)],
    ["requests", selector(REQUESTS, ['reporter!="source"', 'response_code="403"'], span)],
    ["opened", selector(OPENED, ['reporter="source"', LOST], span)],
    ["closed", selector(CLOSED, ['reporter="source"', LOST], span)],
    ["closed", selector(CLOSED, ['response_flags="DENY"'], span)],
    ["failed", selector(FAILED, ['response_flags!="-"'], span)],
  ];
}

function texts(span: Span): Readonly<Record<QueryName, string>> {
  const all = (metric: string): string => selector(metric, [], span);
  const edges = (metric: string, reporter: string): string => `${BY_EDGE} (${increase(selector(metric, [reporter], span), span)}) > 0`;
  const ownMetric = outcomes(span).filter(([metric]) => metric === "closed" || metric === "failed");
  return {
    requests: edges(REQUESTS, 'reporter!="source"'),
    connections: edges(OPENED, 'reporter!="source"'),
    outcomes: outcomes(span).map(([metric, series]) => part(metric, `(${BY_OUTCOME} (${increase(series, span)}) > 0)`)).join(" or "),
    clientSide: [part("requests", `(${edges(REQUESTS, 'reporter="source"')})`), part("connections", `(${edges(OPENED, 'reporter="source"')})`)].join(" or "),
    bytesAndBirths: [
      ...[SENT, RECEIVED].map((metric) => part(`bytes ${metric}`, `(${BY_EDGE} (${increase(all(metric), span)}) > 0)`)),
      ...[SENT, RECEIVED].flatMap((metric) => born(`bytes ${metric}`, all(metric), span)),
      ...born("requests", all(REQUESTS), span),
      ...born("connections", all(OPENED), span),
      ...ownMetric.flatMap(([metric, series]) => born(metric, series, span)),
      ...["response_code", "response_flags"].map((label) => part(`without ${label}`, `count(${selector(REQUESTS, [`${label}=""`], span)})`)),
    ].join(" or "),
    lookBack: [...grew("requests", all(REQUESTS), span), ...grew("connections", all(OPENED), span), ...grew("bytes", all(SENT), span)].join(" or "),
  };
}

/** What each question is asked for: the words of its gap, too. */
export const PURPOSES: Readonly<Record<QueryName, string>> = {
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
