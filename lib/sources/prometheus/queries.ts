/** The window and the look-back before it, and what every selector is narrowed to. */
export interface Span {
  readonly windowSeconds: number;
  readonly lookBackSeconds: number;
  /** label matchers added to every selector, as PromQL writes them: `cluster="x"`; empty for none */
  readonly matchers: string;
  /** of the look-back only what the window does not show: most edges stand in both */
  readonly withoutWindow?: boolean;
}

/** One instant query, and what it is asked for: shown to whoever wants to ask again. */
export interface Query {
  readonly purpose: string;
  readonly text: string;
}

export type QueryName = "requests" | "connections" | "outcomes" | "clientSide" | "bytesAndBirths" | "lookBack" | "lookBackNear";

/** All that tells of a window; the look-back is another matter. */
export const WINDOW_QUERIES = ["requests", "connections", "outcomes", "clientSide", "bytesAndBirths"] as const satisfies readonly QueryName[];

/** Asked at every refresh. */
export const FAST_QUERIES = ["requests", "connections", "outcomes"] as const satisfies readonly QueryName[];
/** What tells of edges. */
export const EDGE_QUERIES = [...FAST_QUERIES, "clientSide"] as const satisfies readonly QueryName[];
/** The newest part of the look-back: narrows down when what fell silent was last seen. */
export function nearSeconds({ lookBackSeconds }: Pick<Span, "lookBackSeconds">): number {
  return Math.ceil(lookBackSeconds / 4);
}

/** Set by `label_replace`, so that several vectors fit one query; no label of Istio's has this name. */
export const PART = "mtlscope_part";

/** What the value of `PART` begins with where it names clusters, and what stands between the two. */
export const CLUSTERS = "clusters ";
export const BETWEEN = "|";

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

export const BY_EDGE = `sum by (${EDGE_LABELS.join(", ")})`;
export const BY_OUTCOME = `sum by (${EDGE_LABELS.join(", ")}, response_code, response_flags)`;
/** Flags of Envoy's for what was reset, or never left the client: they can stand beside others. */
function flagged(flags: readonly string[]): string {
  return `response_flags=~"(.*,)?(${flags.join("|")})(,.*)?"`;
}

export const LOST_FLAGS = ["UR", "UF", "UH", "UO", "NR", "NC"] as const;
export const RESET_FLAGS = ["UC", "UF", "UH", "UO", "NR", "NC"] as const;
/** of a response that the client's own proxy made: a request that reached the server can be reset, too, once its response has begun */
export const RESET_CODES = ["404", "500", "503"] as const;
const LOST = flagged(LOST_FLAGS);
const RESET = `response_code=~"${RESET_CODES.join("|")}",${flagged(RESET_FLAGS)}`;

export function selector(metric: string, own: readonly string[], matchers: string): string {
  return `${metric}{${[...own, matchers].filter((matcher) => matcher !== "").join(",")}}`;
}

export function part(name: string, vector: string): string {
  return `label_replace(${vector}, "${PART}", "${name}", "", "")`;
}

function increase(series: string, { windowSeconds }: Span): string {
  return `increase(${series}[${windowSeconds}s])`;
}

/** How far back a series is looked for before it counts as new: one failed scrape makes no birth. */
const BEFORE = "1h";

/** One stretch of time as PromQL writes it, and the offset of its beginning. */
interface Stretch {
  readonly range: string;
  readonly offset: string;
  readonly startSeconds: number;
}

function windowOf({ windowSeconds }: Span): Stretch {
  return { range: `[${windowSeconds}s]`, offset: "", startSeconds: windowSeconds };
}

/** Jobs that were scraped in the stretch and not before it: whether their series are new, or were there unseen, cannot be told. */
function blindJobs({ range, offset, startSeconds }: Stretch, span: Span): string {
  const up = selector("up", [], span.matchers);
  return `(count by (job) (last_over_time(${up}${range}${offset})) unless on (job) count by (job) (last_over_time(${up}[${BEFORE}] offset ${startSeconds}s)))`;
}

function ofBorn(vector: string, series: string, { stretch, span }: { readonly stretch: Stretch; readonly span: Span }): string {
  return `${vector} unless last_over_time(${series}[${BEFORE}] offset ${stretch.startSeconds}s) unless on (job) ${blindJobs(stretch, span)}`;
}

/**
 * Series born inside the window began at zero, and `increase` counts only from their first sample: their whole value, and the part of it that
 * `increase` has counted already. Two vectors, since arithmetic between whole series is what costs most.
 * Of jobs first scraped inside the window nothing is told.
 */
function born(name: string, series: string, span: Span): readonly string[] {
  const stretch = windowOf(span);
  const sum = (vector: string): string => `${BY_OUTCOME} (${ofBorn(vector, series, { stretch, span })})`;
  return [part(`born ${name}`, sum(`last_over_time(${series}${stretch.range})`)), part(`counted ${name}`, sum(increase(series, span)))];
}

/** Series that grew in the newest seconds of the look-back, or were born in them. */
function grew(name: string, series: string, { seconds, span }: { readonly seconds: number; readonly span: Span }): readonly string[] {
  const stretch = { range: `[${seconds}s]`, offset: ` offset ${span.windowSeconds}s`, startSeconds: span.windowSeconds + seconds };
  const range = `${series}${stretch.range}${stretch.offset}`;
  const shown = span.withoutWindow === true ? ` unless (${BY_EDGE} (${increase(series, span)}) > 0)` : "";
  return [part(name, `((${BY_EDGE} (increase(${range})) > 0)${shown})`), part(`born ${name}`, `(${BY_EDGE} (${ofBorn(`last_over_time(${range})`, series, { stretch, span })}) > 0)`)];
}

function seenIn(seconds: number, span: Span): readonly string[] {
  const series = { requests: REQUESTS, connections: OPENED, bytes: SENT };
  return Object.entries(series).map(([name, metric]) => grew(name, selector(metric, [], span.matchers), { seconds, span }).join(" or "));
}

/** Requests and connections with an outcome of their own, by the metric that tells it; they stand in the other queries too and are taken out there. */
function outcomes(span: Span): readonly (readonly [metric: string, series: string])[] {
  return [
    ["requests", selector(REQUESTS, ['reporter="source"', RESET], span.matchers)],
    ["requests", selector(REQUESTS, ['reporter!="source"', 'response_code="403"'], span.matchers)],
    ["opened", selector(OPENED, ['reporter="source"', LOST], span.matchers)],
    ["closed", selector(CLOSED, ['reporter="source"', LOST], span.matchers)],
    ["closed", selector(CLOSED, ['response_flags="DENY"'], span.matchers)],
    ["failed", selector(FAILED, ['response_flags!="-"'], span.matchers)],
  ];
}

/** Counters that lack what outcomes are told by: nobody counts resets and denials then. */
export function withoutLabels(matchers: string): readonly string[] {
  return ["response_code", "response_flags"].map((label) => part(`without ${label}`, `count(${selector(REQUESTS, [`${label}=""`], matchers)})`));
}

/** Which clusters the ends of what is counted are in, by Istio's own labels: each two as the value of `PART`. */
function clusters({ matchers }: Span): string {
  const pairs = `label_join(group by (source_cluster, destination_cluster) (${selector(REQUESTS, [], matchers)} or ${selector(OPENED, [], matchers)}), "${PART}", "${BETWEEN}", "source_cluster", "destination_cluster")`;
  return `label_replace(${pairs}, "${PART}", "${CLUSTERS}$1", "${PART}", "(.*)")`;
}

function bytesAndBirths(span: Span): readonly string[] {
  const all = (metric: string): string => selector(metric, [], span.matchers);
  const bytes = (metric: string): string => part(`bytes ${metric}`, `(${BY_EDGE} (${increase(all(metric), span)}) > 0)`);
  const ownMetric = outcomes(span).filter(([metric]) => metric === "closed" || metric === "failed");
  const groups = [
    [bytes(SENT), bytes(RECEIVED), part("blind", blindJobs(windowOf(span), span)), ...withoutLabels(span.matchers), clusters(span)],
    born("requests", all(REQUESTS), span),
    [...born("connections", all(OPENED), span), ...ownMetric.flatMap(([metric, series]) => born(metric, series, span))],
    ...[SENT, RECEIVED].map((metric) => born(`bytes ${metric}`, all(metric), span)),
  ];
  return groups.map((vectors) => vectors.join(" or "));
}

/** Each question as vectors that `or` joins: where the whole is too much at once, they are asked one after the other. */
export function partsFor(span: Span): Readonly<Record<QueryName, readonly string[]>> {
  const edges = (metric: string, reporter: string): string => `${BY_EDGE} (${increase(selector(metric, [reporter], span.matchers), span)}) > 0`;
  return {
    requests: [edges(REQUESTS, 'reporter!="source"')],
    connections: [edges(OPENED, 'reporter!="source"')],
    outcomes: [outcomes(span).map(([metric, series]) => part(metric, `(${BY_OUTCOME} (${increase(series, span)}) > 0)`)).join(" or ")],
    clientSide: [[part("requests", `(${edges(REQUESTS, 'reporter="source"')})`), part("connections", `(${edges(OPENED, 'reporter="source"')})`)].join(" or ")],
    bytesAndBirths: bytesAndBirths(span),
    lookBack: seenIn(span.lookBackSeconds, span),
    lookBackNear: seenIn(nearSeconds(span), span),
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
  lookBackNear: "what carried traffic in the newest quarter of the look-back",
};

/** The questions that make the mesh-wide picture, however large the mesh is: six, and one that tells when idle edges were last seen. */
export function queriesFor(span: Span): Readonly<Record<QueryName, Query>> {
  const parts = partsFor(span);
  const query = (name: QueryName): Query => ({ purpose: PURPOSES[name], text: parts[name].join(" or ") });
  return {
    requests: query("requests"), connections: query("connections"), outcomes: query("outcomes"),
    clientSide: query("clientSide"), bytesAndBirths: query("bytesAndBirths"), lookBack: query("lookBack"), lookBackNear: query("lookBackNear"),
  };
}
