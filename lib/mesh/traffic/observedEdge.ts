import type { MeshJudge } from "../judge.ts";
import type { Gap } from "../verdict.ts";
import { carrierOf } from "./carrier.ts";
import { configuredFor, sameAnswers } from "./configured.ts";
import { disagreementOf } from "./disagreement.ts";
import type { Directory } from "./directory.ts";
import type { Drafts, EdgeDraft, ReportedPairs } from "./draft.ts";
import type { Edge, Observation } from "./edge.ts";
import { meaningOf, standsBesideServer, type Circumstances, type Meaning } from "./observation.ts";
import type { ResolvedRow } from "./party.ts";
import { beyondLog, observationOfRefusal } from "./refusal.ts";
import { bracketed, lastTimes } from "./lastSeen.ts";
import { senderOf } from "./sender.ts";
import { presenceOf, stateOf } from "./state.ts";
import { withoutFailed } from "./ztunnel.ts";

export interface Context {
  readonly judge: MeshJudge;
  readonly directory: Directory;
  readonly declaredTls: ReadonlySet<string>;
}

/** One span's drafts, and the pairs that servers reported in it. */
export interface Told {
  readonly draft: EdgeDraft;
  readonly pairs: ReportedPairs;
  readonly drafts: Drafts;
}

interface Counted {
  readonly resolved: ResolvedRow;
  readonly meaning: Meaning;
}

/** Whether a report from nearer the server speaks of the same traffic, so that the client's adds nothing. */
function isReported({ draft, pairs }: Told, resolved: ResolvedRow): boolean {
  return draft.destination.length > 0 || draft.waypoint.length > 0 || (resolved.host === null && pairs.has(draft));
}

/** The rows that count, each traffic once: the server's, else the waypoint's, else the client's; and what only the client can know. @see rules OBS-14, OBS-16 */
function countedRows(told: Told, circumstances: Circumstances): readonly Counted[] {
  const { destination, waypoint, source } = told.draft;
  const counted: Counted[] = [];
  for (const resolved of withoutFailed(destination.length > 0 ? destination : waypoint)) counted.push({ resolved, meaning: meaningOf(resolved, circumstances) });
  for (const resolved of withoutFailed(source)) {
    const meaning = meaningOf(resolved, circumstances);
    if (standsBesideServer(meaning) || !isReported(told, resolved)) counted.push({ resolved, meaning });
  }
  return counted;
}

function observationOf({ resolved: { row, attributed }, meaning }: Counted): Observation {
  const { reporter, proxy, connectionSecurityPolicy, count, bytes, extrapolated, lastSeenMs, lastSeenAfterMs } = row;
  const exact = { rule: attributed ? "OBS-20" : meaning.rule, counts: meaning.counts, count, bytes, reporter, proxy, connectionSecurityPolicy, extrapolated, lastSeenMs } as const;
  const observation = lastSeenAfterMs === undefined ? exact : { ...exact, lastSeenAfterMs };
  if (meaning.refusal === undefined && meaning.detail === undefined) return observation;
  return { ...observation, ...(meaning.refusal === undefined ? {} : { refusal: meaning.refusal }), ...(meaning.detail === undefined ? {} : { detail: meaning.detail }) };
}

/** Numbers over all observations of the window. */
function sumsOf(observations: readonly Observation[]): Pick<Edge, "counts" | "bytes" | "extrapolated"> {
  const counts = { mtls: 0, plaintext: 0, tls: 0, unclear: 0, refused: 0 };
  let [bytes, extrapolated] = [0, false];
  for (const observation of observations) {
    counts[observation.counts] += observation.count;
    bytes += observation.bytes;
    extrapolated ||= observation.extrapolated;
  }
  return { counts, bytes, extrapolated };
}

const NO_GAPS: readonly Gap[] = [];

function gapsOf(counted: readonly Counted[]): readonly Gap[] {
  let isWhole = true;
  for (const { meaning } of counted) isWhole &&= meaning.gap === undefined;
  if (isWhole) return NO_GAPS;
  const gaps = counted.flatMap(({ meaning }) => (meaning.gap === undefined ? [] : [meaning.gap]));
  return [...new Map(gaps.map((gap) => [gap.because, gap])).values()];
}

function observationsOf({ draft }: Told, counted: readonly Counted[]): readonly Observation[] {
  const observations = counted.map(observationOf);
  if (draft.refusals.length === 0) return observations;
  const lines = draft.refusals.map(({ row }) => row);
  return [...beyondLog(observations, lines), ...lines.map(observationOfRefusal)];
}

const NOTHING: readonly never[] = [];

/** What the window told of an edge, and what the look-back did. */
interface Telling {
  readonly now: Told;
  readonly past: Told | null;
}

/**
 * One edge from what the window told of it; and from what the look-back told, where the window is silent.
 *
 * @param known as it was made before, from the same telling and in a mesh of the same workloads: it is the same where configuration says the same
 */
export function edgeOf({ now, past }: Telling, context: Context, known: Edge | null): Edge | null {
  const { draft } = now;
  const { key, client, server, host, family } = draft;
  const configured = configuredFor(context.judge, draft);
  // another object all the same: reasons of the same answers may be others
  if (known !== null && sameAnswers(known.configured, configured.paths)) return { ...known };
  const declaredTls = host !== null && context.declaredTls.has(host);
  const counting = (told: Told): readonly Counted[] => countedRows(told, { configured: configured.summary, declaredTls, carrier: carrierOf(told.draft, told.drafts, context.judge) });
  const counted = counting(now);
  const before = past === null ? NOTHING : counting(past);
  const observations = observationsOf(now, counted);
  if (observations.length === 0 && before.length === 0) return null;
  const earlier = before.map(observationOf);
  const observed = presenceOf(observations);
  const speaking = observations.length > 0 ? counted : before;
  const { state, rule } = stateOf(observed, configured.summary);
  const { counts, bytes, extrapolated } = sumsOf(observations);
  const times = lastTimes(observations, earlier);
  const edge = {
    key, client: client.party, server: server.party, host, family, state, rule, counts, bytes, extrapolated, observations,
    lastSeenMs: times.seen.atMs,
    lastPlaintextMs: times.plaintext.atMs,
    sender: senderOf(draft, speaking, context.directory),
    configured: configured.paths,
    gaps: gapsOf(speaking),
    disagreement: disagreementOf({ family, counts, observed, observations, configured }),
  };
  return bracketed(edge, times);
}
