import type { Gap, TrafficRow } from "#mesh";
import { BETWEEN, CLUSTERS, type QueryName } from "./queries.ts";
import type { Seen } from "./row.ts";
import type { Sample } from "./sample.ts";
import { label } from "./schema.ts";
import { addBytesAndBirths, addOutcome, rowsOf, tallyFor, type EdgeKey, type Tallies } from "./tally.ts";

/** What the questions about a window were answered. */
export type WindowVectors = Readonly<Record<Exclude<QueryName, "lookBack" | "lookBackNear">, readonly Sample[]>>;

/** What was counted under one set of labels: one row nearly always, which needs no list of its own. */
export type Rows = TrafficRow | readonly TrafficRow[];

/** Rows by the labels they were counted under, so that two readings can be compared. */
export type RowsByKey = ReadonlyMap<EdgeKey, Rows>;

export function listOf(rows: Rows): readonly TrafficRow[] {
  return "what" in rows ? [rows] : rows;
}

/** Adds what one question round told of a window, or of a piece of it. @param seen when all of that was seen; `null` where nobody asked */
export function addWindow(memoTallies: Tallies, vectors: WindowVectors, seen: Seen | null): void {
  const adding = { tallies: memoTallies, seen };
  for (const sample of vectors.requests) tallyFor(adding, sample.set, "http").count += sample.value;
  for (const sample of vectors.connections) tallyFor(adding, sample.set, "tcp").count += sample.value;
  for (const sample of vectors.clientSide) tallyFor(adding, sample.set, sample.rest.part === "requests" ? "http" : "tcp").count += sample.value;
  for (const sample of vectors.outcomes) addOutcome(adding, sample, { by: sample.rest.part ?? "", value: sample.value });
  addBytesAndBirths(adding, vectors.bytesAndBirths);
}

export function rowsByKey(tallies: Tallies): RowsByKey {
  const rows = new Map<EdgeKey, Rows>();
  for (const [key, tally] of tallies) {
    const own = rowsOf(tally);
    const [first, ...others] = own;
    if (first !== undefined) rows.set(key, others.length === 0 ? first : own);
  }
  return rows;
}

/** The window's rows from what the queries answered. */
export function mapWindow(vectors: WindowVectors): RowsByKey {
  const tallies: Tallies = new Map();
  addWindow(tallies, vectors, null);
  return rowsByKey(tallies);
}

/** What carried traffic before the window, by its labels, when; how much is not asked. */
export function mapLookBack(samples: readonly Sample[], seen: Seen): RowsByKey {
  const tallies: Tallies = new Map();
  const adding = { tallies, seen };
  for (const sample of samples) {
    const by = (sample.rest.part ?? "").replace(/^born /, "");
    const tally = tallyFor(adding, sample.set, by === "requests" ? "http" : "tcp");
    if (by === "bytes") tally.bytes += sample.value;
    else tally.count += sample.value;
  }
  return rowsByKey(tallies);
}

const NEEDED = ["reporter", "connection_security_policy", "source_workload", "source_workload_namespace", "source_principal", "destination_workload", "destination_workload_namespace", "destination_service", "destination_service_name"] as const;

function missingLabel(name: string): Gap {
  return { wanted: `label \`${name}\` of Istio's metrics`, because: "series that carry traffic do not have it: a Telemetry resource or the scrape configuration drops it" };
}

/** Istio writes `unknown` where it knows nothing: a label that is absent was dropped by somebody. */
export function droppedLabels(vectors: WindowVectors): readonly Gap[] {
  const samples = [...vectors.requests, ...vectors.connections, ...vectors.clientSide];
  const dropped = NEEDED.filter((name) => samples.some(({ set }) => label(set.labels, name) === null));
  const without = vectors.bytesAndBirths.map(({ rest }) => rest.part ?? "").filter((part) => part.startsWith("without "));
  return [...dropped, ...without.map((part) => part.slice("without ".length))].map(missingLabel);
}

const NOT_TOLD: ReadonlySet<string> = new Set(["", "unknown"]);

/** A workload's name alone does not say of which cluster it is. */
export function severalClusters({ bytesAndBirths }: Pick<WindowVectors, "bytesAndBirths">): readonly Gap[] {
  const named = bytesAndBirths.flatMap(({ rest: { part } }) => (part?.startsWith(CLUSTERS) === true ? part.slice(CLUSTERS.length).split(BETWEEN) : []));
  const clusters = [...new Set(named)].filter((name) => !NOT_TOLD.has(name)).sort();
  if (clusters.length < 2) return [];
  const because = `Istio's metrics name several (${clusters.map((name) => `\`${name}\``).join(", ")}), and workloads of one namespace and name are one here: \`PROMETHEUS_SELECTOR\` can leave out what other clusters report`;
  return [{ wanted: "of which cluster the workloads are that traffic is counted of", because }];
}

/** What is in doubt of all that a window's answers tell. */
export function doubtsOf(vectors: WindowVectors): readonly Gap[] {
  return [...droppedLabels(vectors), ...blindAtStart(vectors), ...severalClusters(vectors)];
}

/** Jobs whose series may be older than the window and were not seen before it. */
export function blindAtStart({ bytesAndBirths }: Pick<WindowVectors, "bytesAndBirths">): readonly Gap[] {
  const jobs = bytesAndBirths.filter(({ rest }) => rest.part === "blind").map(({ rest }) => rest.job);
  return jobs.map((job) => ({
    wanted: `what series of ${job === null ? "targets without a job" : `job \`${job}\``} counted before they were first scraped`,
    because: "its scraping began inside the window: what came before cannot be told from what came within, and is not counted",
  }));
}
