import type { MeshJudge } from "../judge.ts";
import { appended } from "../order.ts";
import { eachOnce, type Gap } from "../verdict.ts";
import { namespaceOfHost, type WorkloadId } from "../vocabulary.ts";
import { carrierOf } from "./carrier.ts";
import { sameAnswers, type ConfiguredAnswer } from "./configured.ts";
import { disagreementOf } from "./disagreement.ts";
import type { Directory } from "./directory.ts";
import type { EdgeDraft } from "./draft.ts";
import type { ConfiguredPath, Edge, Observation } from "./edge.ts";
import { meaningOf, standsBesideServer, type Circumstances, type Meaning } from "./observation.ts";
import { onwardGap, unknownOnward } from "./onward.ts";
import { beyondLog, observationOfRefusal } from "./refusal.ts";
import { workloadOf } from "./party.ts";
import { bracketed, lastTimes } from "./lastSeen.ts";
import { isAttributed, senderOf } from "./sender.ts";
import type { Told } from "./span.ts";
import { presenceOf, stateOf } from "./state.ts";
import type { TrafficRow } from "./telemetry.ts";
import { isNotMtls, isWithoutCertificate, reportedRows } from "./shortfall.ts";
import { unreportedDetail, unreportedOnward, unreportedOwn, unreportedRows } from "./unreported.ts";
import { withoutFailed } from "./ztunnel.ts";

/** What the rows of an edge are read with. */
export interface Context {
  readonly judge: MeshJudge;
  readonly directory: Directory;
  readonly declaredTls: ReadonlySet<string>;
}

/** Whether a report from nearer the server speaks of the same traffic, so that the client's adds nothing. */
function isReported({ draft, span }: Told): boolean {
  return draft.destination.length > 0 || draft.waypoint.length > 0 || (draft.host === null && span.isReported(draft));
}

const NONE: readonly never[] = [];

/** The rows of one span that count, and what they come to. */
class Counted {
  rows: readonly TrafficRow[] = NONE;
  observations: readonly Observation[] = NONE;
  gaps: readonly Gap[] = NONE;
  /** what the client sent without certificate, left to the server's report */
  bare: readonly TrafficRow[] = NONE;
  /** and what it sent with a certificate of its own */
  own: readonly TrafficRow[] = NONE;

  add(draft: EdgeDraft, row: TrafficRow, meaning: Meaning): void {
    this.rows = appended(this.rows, row);
    this.observations = appended(this.observations, observationOf(row, meaning, isAttributed(draft, row)));
    if (meaning.gap !== undefined) this.gaps = appended(this.gaps, meaning.gap);
  }
}

const NOTHING_COUNTED = new Counted();

/**
 * Each traffic once: by the server's rows, else the waypoint's, else the client's; and what only the client can know.
 * What nobody known reported may be other traffic: it counts beside all of that.
 *
 * @see rules OBS-9, OBS-14, OBS-16
 */
function counted(told: Told, circumstances: Circumstances): Counted {
  const { draft } = told;
  const into = new Counted();
  for (const row of withoutFailed(reportedRows(draft))) into.add(draft, row, meaningOf(row, circumstances));
  for (const row of withoutFailed(draft.source)) {
    const meaning = meaningOf(row, circumstances);
    if (standsBesideServer(meaning) || !isReported(told)) into.add(draft, row, meaning);
    else if (isWithoutCertificate(row)) into.bare = appended(into.bare, row);
    else if (meaning.rule === "OBS-26") into.own = appended(into.own, row);
  }
  for (const row of withoutFailed(draft.others)) into.add(draft, row, meaningOf(row, circumstances));
  addUnplaced(into, draft);
  return into;
}

/** A server in the mesh reported it, under a Service that leads to several workloads or to none that is known. @see rule OBS-24 */
function addUnplaced(intoCounted: Counted, draft: EdgeDraft): void {
  const { host, server: { party } } = draft;
  if (party.kind !== "external" || host === null || namespaceOfHost(host) === null) return;
  const reported = reportedRows(draft);
  if (reported.length === 0) return;
  const because = "reports of servers name none, and that Service leads to several, or to none that is known";
  intoCounted.gaps = appended(intoCounted.gaps, { wanted: `the workload that took what was sent to \`${host}\`${reported.some(isNotMtls) ? " without mTLS" : ""}`, because });
}

/** What is surely not among the mTLS that the server reported. @see rules OBS-25, OBS-26 */
function addOthers(intoCounted: Counted, draft: EdgeDraft, circumstances: Circumstances): void {
  const { unknownOnward } = circumstances;
  if (unknownOnward === null && intoCounted.own.length === 0) return;
  const onward = unknownOnward === null ? NONE : unreportedOnward(draft);
  for (const row of [...onward, ...unreportedOwn(intoCounted.own, intoCounted.bare, draft)]) intoCounted.add(draft, row, meaningOf(row, circumstances));
}

/** What only the client told of although the server reported other traffic of it. @see rule OBS-23 */
function addUnreported(intoCounted: Counted, told: Told, { paths, clients }: { readonly paths: readonly ConfiguredPath[]; readonly clients: number }): void {
  const rows = unreportedRows(intoCounted.bare, told, paths);
  if (rows.length === 0) return;
  const meaning: Meaning = { rule: "OBS-23", counts: "unclear", detail: unreportedDetail(paths, clients) };
  for (const row of rows) intoCounted.add(told.draft, row, meaning);
}

function instancesOf(workload: WorkloadId | null, judge: MeshJudge): number {
  return workload === null ? 0 : (judge.workloads.get(workload)?.instances.length ?? 0);
}

function observationOf(row: TrafficRow, meaning: Meaning, attributed: boolean): Observation {
  const { reporter, proxy, connectionSecurityPolicy, count, bytes, extrapolated, lastSeenMs, lastSeenAfterMs } = row;
  const exact = { rule: attributed ? "OBS-20" : meaning.rule, counts: meaning.counts, count, bytes, reporter, proxy, connectionSecurityPolicy, extrapolated, lastSeenMs } as const;
  const observation = lastSeenAfterMs === undefined ? exact : { ...exact, lastSeenAfterMs };
  if (meaning.refusal === undefined && meaning.detail === undefined) return observation;
  return { ...observation, ...(meaning.refusal === undefined ? {} : { refusal: meaning.refusal }), ...(meaning.detail === undefined ? {} : { detail: meaning.detail }) };
}

/** Numbers over all observations of the window. */
function sumsOf(observations: readonly Observation[]): Pick<Edge, "counts" | "bytes" | "extrapolated"> {
  const counts = { mtls: 0, plaintext: 0, tls: 0, unclear: 0, refused: 0 };
  let bytes = 0;
  let extrapolated = false;
  for (const observation of observations) {
    counts[observation.counts] += observation.count;
    bytes += observation.bytes;
    extrapolated ||= observation.extrapolated;
  }
  return { counts, bytes, extrapolated };
}

/** What rows come to, and lines. */
function withLines(observations: readonly Observation[], { refusals }: EdgeDraft): readonly Observation[] {
  if (refusals.length === 0) return observations;
  const lines = refusals.map(({ row }) => row);
  return [...beyondLog(observations, lines), ...lines.map(observationOfRefusal)];
}

function circumstancesOf(told: Told, { summary, paths }: ConfiguredAnswer, { judge, directory, declaredTls }: Context): Circumstances {
  const { host, family } = told.draft;
  return {
    configured: summary,
    declaredTls: family === "tcp" && host !== null && declaredTls.has(host),
    carrier: carrierOf(told, paths, judge),
    directory,
    unknownOnward: unknownOnward(told, paths, judge),
    onwardGap: onwardGap(told, judge),
  };
}

/** What the window told of an edge, what the look-back did, and what configuration says. */
interface Telling {
  readonly now: Told;
  readonly past: Told | null;
  readonly configured: ConfiguredAnswer;
}

/**
 * One edge from what the window told of it; and from what the look-back told, where the window is silent.
 *
 * @param known as it was made before, from the same rows and lines and in a mesh of the same workloads: it is the same where configuration says the same
 */
export function edgeOf({ now, past, configured }: Telling, context: Context, known: Edge | null): Edge | null {
  const { draft } = now;
  const { key, client, server, host, family } = draft;
  // another object all the same: reasons of the same answers may be others
  if (known !== null && sameAnswers(known.configured, configured.paths)) return { ...known };
  const circumstances = circumstancesOf(now, configured, context);
  const current = counted(now, circumstances);
  addOthers(current, draft, circumstances);
  if (current.bare.length > 0) addUnreported(current, now, { paths: configured.paths, clients: instancesOf(workloadOf(client.party), context.judge) });
  const before = past === null ? NOTHING_COUNTED : counted(past, circumstancesOf(past, configured, context));
  const observations = withLines(current.observations, draft);
  if (observations.length === 0 && before.rows.length === 0) return null;
  const observed = presenceOf(observations);
  const speaking = past === null || observations.length > 0 ? draft : past.draft;
  const spoken = speaking === draft ? current : before;
  const { state, rule } = stateOf(observed, configured.summary);
  const { counts, bytes, extrapolated } = sumsOf(observations);
  const times = lastTimes(observations, before.observations);
  const edge = {
    key, client: client.party, server: server.party, host, family, state, rule, counts, bytes, extrapolated, observations,
    lastSeenMs: times.seen.lastSeenMs,
    lastPlaintextMs: times.plaintext.lastSeenMs,
    sender: senderOf(speaking, spoken.rows, context.directory),
    configured: configured.paths,
    gaps: eachOnce(spoken.gaps),
    disagreement: disagreementOf({ observed, observations, configured }),
  };
  return bracketed(edge, times);
}
