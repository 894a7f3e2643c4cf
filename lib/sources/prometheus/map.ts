import type { Gap, ProtocolFamily, ReportedPeer, TrafficRow } from "#mesh";
import { EDGE_LABELS, PART, type QueryName } from "./queries.ts";
import type { Sample } from "./schema.ts";

export type Vectors = Readonly<Record<QueryName, readonly Sample[]>>;
type Labels = Sample["metric"];

/** What one connection or request came to, by which metric says so; the same event may stand in several. */
interface Outcome {
  readonly labels: Labels;
  readonly byMetric: Map<string, number>;
}

/** Everything counted under one set of edge labels. */
interface Tally {
  readonly labels: Labels;
  readonly family: ProtocolFamily;
  count: number;
  bytes: number;
  readonly outcomes: Map<string, Outcome>;
}

type Tallies = Map<string, Tally>;

const SEPARATOR = "\u0000";
/** float noise of Prometheus' extrapolation, far below one event */
const NOISE = 0.01;

function label(labels: Labels, name: string): string | null {
  const value = Object.hasOwn(labels, name) ? labels[name] : undefined;
  return value === undefined || value === "" ? null : value;
}

/** `unknown` is Istio's word for nothing, except where it is a value of its own: `connection_security_policy`. */
function known(labels: Labels, name: string): string | null {
  const value = label(labels, name);
  return value === "unknown" ? null : value;
}

function tallyFor(memoTallies: Tallies, labels: Labels, family: ProtocolFamily): Tally {
  const key = EDGE_LABELS.reduce<string>((text, name) => `${text}${SEPARATOR}${label(labels, name) ?? ""}`, family);
  const tally = memoTallies.get(key) ?? { labels, family, count: 0, bytes: 0, outcomes: new Map() };
  memoTallies.set(key, tally);
  return tally;
}

function addOutcome(memoTallies: Tallies, { metric: labels }: Sample, { by, value }: { readonly by: string; readonly value: number }): void {
  const { outcomes } = tallyFor(memoTallies, labels, by === "requests" ? "http" : "tcp");
  const key = `${label(labels, "response_code") ?? ""}${SEPARATOR}${label(labels, "response_flags") ?? ""}`;
  const outcome = outcomes.get(key) ?? { labels, byMetric: new Map<string, number>() };
  outcome.byMetric.set(by, (outcome.byMetric.get(by) ?? 0) + value);
  outcomes.set(key, outcome);
}

/** Whether a series stands in the query for outcomes too; the selectors there say the same in PromQL. */
function hasOutcome(labels: Labels, family: ProtocolFamily): boolean {
  const fromClient = label(labels, "reporter") === "source";
  const flags = label(labels, "response_flags")?.split(",") ?? [];
  if (family === "tcp") return fromClient && (flags.includes("UR") || flags.includes("UF"));
  const code = label(labels, "response_code");
  return fromClient ? code === "503" && (flags.includes("UC") || flags.includes("UF")) : code === "403";
}

type Corrections = Map<string, { readonly sample: Sample; readonly by: string; value: number }>;

/** What series born inside the window counted from zero, less what `increase` counted of it. */
function addBorn(memoCorrections: Corrections, sample: Sample, { by, value }: { readonly by: string; readonly value: number }): void {
  const { metric } = sample;
  const key = [by, ...[...EDGE_LABELS, "response_code", "response_flags"].map((name) => label(metric, name) ?? "")].join(SEPARATOR);
  const correction = memoCorrections.get(key) ?? { sample, by, value: 0 };
  correction.value += value;
  memoCorrections.set(key, correction);
}

/** A counter that was reset after its birth ends below what it counted: then `increase` has the better number, and nothing is taken away. */
function applyBorn(memoTallies: Tallies, corrections: Corrections): void {
  for (const { sample, by, value } of corrections.values()) {
    if (value <= NOISE) continue;
    if (by.startsWith("bytes ")) tallyFor(memoTallies, sample.metric, "tcp").bytes += value;
    else if (by === "requests" || by === "connections") addBornCount(memoTallies, sample, { family: by === "requests" ? "http" : "tcp", value });
    else addOutcome(memoTallies, sample, { by, value });
  }
}

function addBornCount(memoTallies: Tallies, sample: Sample, { family, value }: { readonly family: ProtocolFamily; readonly value: number }): void {
  tallyFor(memoTallies, sample.metric, family).count += value;
  if (hasOutcome(sample.metric, family)) addOutcome(memoTallies, sample, { by: family === "http" ? "requests" : "opened", value });
}

function addBytesAndBirths(memoTallies: Tallies, samples: readonly Sample[]): void {
  const corrections: Corrections = new Map();
  for (const sample of samples) {
    const part = label(sample.metric, PART) ?? "";
    const by = part.slice(part.indexOf(" ") + 1);
    if (part.startsWith("bytes ")) tallyFor(memoTallies, sample.metric, "tcp").bytes += numberOf(sample);
    else if (part.startsWith("born ")) addBorn(corrections, sample, { by, value: numberOf(sample) });
    else if (part.startsWith("counted ")) addBorn(corrections, sample, { by, value: -numberOf(sample) });
  }
  applyBorn(memoTallies, corrections);
}

function numberOf({ value }: Sample): number {
  const number = Number(value[1]);
  return Number.isFinite(number) ? number : 0;
}

function peer(labels: Labels, side: "source" | "destination"): ReportedPeer {
  return { namespace: known(labels, `${side}_workload_namespace`), workload: known(labels, `${side}_workload`), principal: side === "source" ? known(labels, "source_principal") : null };
}

/** A sidecar's server never writes `unknown`, its client nothing else: what does is ztunnel, labelled or not. */
function isZtunnel(labels: Labels, family: ProtocolFamily): boolean {
  if (label(labels, "app") === "ztunnel") return true;
  if (family !== "tcp") return false;
  const policy = label(labels, "connection_security_policy");
  const reporter = label(labels, "reporter");
  return (reporter === "destination" && policy === "unknown") || (reporter === "source" && policy === "mutual_tls") || label(labels, "response_flags") === "DENY";
}

interface Amount {
  readonly count: number;
  readonly bytes: number;
}

/** Something that happened is never rounded to nothing. */
function whole(count: number): number {
  return count <= NOISE ? 0 : Math.max(1, Math.round(count));
}

function rowOf(labels: Labels, family: ProtocolFamily, { count, bytes }: Amount): TrafficRow {
  return {
    what: "traffic",
    reporter: label(labels, "reporter") ?? "",
    proxy: isZtunnel(labels, family) ? "ztunnel" : "envoy",
    family,
    connectionSecurityPolicy: label(labels, "connection_security_policy"),
    client: peer(labels, "source"),
    server: peer(labels, "destination"),
    serviceHost: known(labels, "destination_service"),
    serviceName: known(labels, "destination_service_name"),
    responseCode: label(labels, "response_code"),
    responseFlags: label(labels, "response_flags"),
    count: whole(count),
    bytes: Math.max(0, Math.round(bytes)),
    extrapolated: Math.abs(count - Math.round(count)) > NOISE,
    lastSeenMs: null,
  };
}

/** One row for what went through, and one for each other outcome. What ztunnel refused it opened first: the engine takes that apart. */
function rowsOf({ labels, family, count, bytes, outcomes }: Tally): readonly TrafficRow[] {
  const { app, ...bare } = labels;
  const plain: Labels = { ...bare, ...(app === undefined ? {} : { app }), response_code: "", response_flags: "" };
  const special = [...outcomes.values()].map((outcome) => ({ labels: outcome.labels, count: Math.max(...outcome.byMetric.values()) })).filter((outcome) => outcome.count > NOISE);
  const apart = special.filter((outcome) => !isZtunnel(outcome.labels, family));
  const rest = count - apart.reduce((sum, outcome) => sum + outcome.count, 0);
  const through = rest > NOISE || bytes > NOISE ? [rowOf(plain, family, { count: Math.max(0, rest), bytes })] : [];
  return [...through, ...special.map((outcome) => rowOf(outcome.labels, family, { count: outcome.count, bytes: 0 }))];
}

/** The window's rows from what the queries answered. */
export function mapWindow(vectors: Omit<Vectors, "lookBack">): readonly TrafficRow[] {
  const tallies: Tallies = new Map();
  for (const sample of vectors.requests) tallyFor(tallies, sample.metric, "http").count += numberOf(sample);
  for (const sample of vectors.connections) tallyFor(tallies, sample.metric, "tcp").count += numberOf(sample);
  for (const sample of vectors.clientSide) tallyFor(tallies, sample.metric, label(sample.metric, PART) === "requests" ? "http" : "tcp").count += numberOf(sample);
  for (const sample of vectors.outcomes) addOutcome(tallies, sample, { by: label(sample.metric, PART) ?? "", value: numberOf(sample) });
  addBytesAndBirths(tallies, vectors.bytesAndBirths);
  return [...tallies.values()].flatMap(rowsOf);
}

/** What carried traffic before the window; how much is not asked. */
export function mapLookBack(samples: readonly Sample[]): readonly TrafficRow[] {
  return samples.map((sample) => {
    const part = (label(sample.metric, PART) ?? "").replace(/^born /, "");
    const value = numberOf(sample);
    return rowOf(sample.metric, part === "requests" ? "http" : "tcp", part === "bytes" ? { count: 0, bytes: value } : { count: value, bytes: 0 });
  });
}

const NEEDED = ["reporter", "connection_security_policy", "source_workload", "source_workload_namespace", "source_principal", "destination_workload", "destination_workload_namespace", "destination_service", "destination_service_name"] as const;

function missingLabel(name: string): Gap {
  return { wanted: `label \`${name}\` of Istio's metrics`, because: "series that carry traffic do not have it: a Telemetry resource or the scrape configuration drops it" };
}

/** Istio writes `unknown` where it knows nothing: a label that is absent was dropped by somebody. */
export function droppedLabels(vectors: Omit<Vectors, "lookBack">): readonly Gap[] {
  const samples = [...vectors.requests, ...vectors.connections, ...vectors.clientSide];
  const dropped = NEEDED.filter((name) => samples.some(({ metric }) => label(metric, name) === null));
  const without = vectors.bytesAndBirths.map(({ metric }) => label(metric, PART) ?? "").filter((part) => part.startsWith("without "));
  return [...dropped, ...without.map((part) => part.slice("without ".length))].map(missingLabel);
}
