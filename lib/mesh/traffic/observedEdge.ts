import type { MeshJudge } from "../judge.ts";
import type { Gap } from "../verdict.ts";
import { carrierOf } from "./carrier.ts";
import { configuredFor } from "./configured.ts";
import { disagreementOf } from "./disagreement.ts";
import type { Directory } from "./directory.ts";
import type { Drafts, EdgeDraft, ReportedPairs } from "./draft.ts";
import type { Edge, Observation, ObservedCounts } from "./edge.ts";
import { meaningOf, standsBesideServer, type Circumstances, type Meaning } from "./observation.ts";
import type { ResolvedRow } from "./party.ts";
import { beyondLog, observationOfRefusal } from "./refusal.ts";
import { latest, senderOf } from "./sender.ts";
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

function sumOf(observations: readonly Observation[]): ObservedCounts {
  const counts = { mtls: 0, plaintext: 0, tls: 0, unclear: 0, refused: 0 };
  for (const observation of observations) counts[observation.counts] += observation.count;
  return counts;
}

const NO_GAPS: readonly Gap[] = [];

function gapsOf(counted: readonly Counted[]): readonly Gap[] {
  if (counted.every(({ meaning }) => meaning.gap === undefined)) return NO_GAPS;
  const gaps = counted.flatMap(({ meaning }) => (meaning.gap === undefined ? [] : [meaning.gap]));
  return [...new Map(gaps.map((gap) => [gap.because, gap])).values()];
}

interface LastTime {
  readonly atMs: number | null;
  readonly afterMs: number | undefined;
}

/** When the last of them was; of those in the window nothing earlier is told, even where it gives no time. */
function lastTime(observations: readonly Observation[], earlier: readonly Observation[]): LastTime {
  const speaking = observations.length > 0 ? observations : earlier;
  const atMs = latest(speaking.map((observation) => observation.lastSeenMs));
  const afterMs = speaking.filter((observation) => observation.lastSeenMs === atMs).map((observation) => observation.lastSeenAfterMs ?? Number.POSITIVE_INFINITY);
  const bound = Math.max(...afterMs);
  return { atMs, afterMs: Number.isFinite(bound) ? bound : undefined };
}

function lastTimes(observations: readonly Observation[], earlier: readonly Observation[]): Pick<Edge, "lastSeenMs" | "lastPlaintextMs" | "lastSeenAfterMs" | "lastPlaintextAfterMs"> {
  const isPlaintext = (observation: Observation): boolean => observation.counts === "plaintext";
  const seen = lastTime(observations, earlier);
  const plaintext = lastTime(observations.filter(isPlaintext), earlier.filter(isPlaintext));
  return {
    lastSeenMs: seen.atMs,
    lastPlaintextMs: plaintext.atMs,
    ...(seen.afterMs === undefined ? {} : { lastSeenAfterMs: seen.afterMs }),
    ...(plaintext.afterMs === undefined ? {} : { lastPlaintextAfterMs: plaintext.afterMs }),
  };
}

/** One edge from what the window told of it; and from what the look-back told, where the window is silent. */
export function edgeOf(now: Told, past: Told | null, context: Context): Edge | null {
  const { draft } = now;
  const configured = configuredFor(context.judge, draft);
  const declaredTls = draft.host !== null && context.declaredTls.has(draft.host);
  const counting = (told: Told): readonly Counted[] => countedRows(told, { configured, declaredTls, carrier: carrierOf(told.draft, told.drafts, context.judge) });
  const counted = counting(now);
  const before = past === null ? [] : counting(past);
  const lines = draft.refusals.map(({ row }) => row);
  const observations = [...beyondLog(counted.map(observationOf), lines), ...lines.map(observationOfRefusal)];
  if (observations.length === 0 && before.length === 0) return null;
  const earlier = before.map(observationOf);
  const observed = presenceOf(observations);
  const counts = sumOf(observations);
  const { key, client, server, host, family } = draft;
  const speaking = observations.length > 0 ? counted : before;
  const { state, rule } = stateOf(observed, configured);
  return {
    key, client: client.party, server: server.party, host, family, state, rule, counts,
    bytes: observations.reduce((sum, observation) => sum + observation.bytes, 0),
    extrapolated: observations.some((observation) => observation.extrapolated),
    observations,
    ...lastTimes(observations, earlier),
    sender: senderOf(draft, speaking.map(({ resolved }) => resolved), context.directory),
    configured: configured.paths,
    gaps: gapsOf(speaking),
    disagreement: disagreementOf({ family, counts, observed, observations, configured }),
  };
}
