import type { MeshJudge } from "../judge.ts";
import type { MeshSnapshot } from "../snapshot.ts";
import type { Gap } from "../verdict.ts";
import { attributeUnnamed } from "./attribution.ts";
import { configuredFor } from "./configured.ts";
import { isDeclaredTls, hostsDeclaredTls } from "./declaredTls.ts";
import { disagreementOf } from "./disagreement.ts";
import { draftEdges, pairKey, reportedPairs, type EdgeDraft, type ResolvedRow } from "./draft.ts";
import type { Edge, Observation, ObservedCounts } from "./edge.ts";
import { meaningOf, standsBesideServer, type Circumstances, type Meaning } from "./observation.ts";
import { ServiceAccounts } from "./party.ts";
import { draftRefusals, observationOfRefusal } from "./refusal.ts";
import { latest, senderOf } from "./sender.ts";
import { presenceOf, stateOf } from "./state.ts";
import type { RefusalRow, TrafficRow } from "./telemetry.ts";
import { withoutFailed } from "./ztunnel.ts";

interface Context {
  readonly judge: MeshJudge;
  readonly accounts: ServiceAccounts;
  readonly declaredTls: ReadonlySet<string>;
  readonly pairs: ReadonlySet<string>;
}

interface Counted {
  readonly resolved: ResolvedRow;
  readonly meaning: Meaning;
}

/** Whether a report from nearer the server speaks of the same traffic, so that the client's adds nothing. */
function isReported(draft: EdgeDraft, resolved: ResolvedRow, pairs: ReadonlySet<string>): boolean {
  return draft.destination.length > 0 || draft.waypoint.length > 0 || (resolved.ends.passthrough && pairs.has(pairKey(draft)));
}

/** The rows that count, each traffic once: the server's, else the waypoint's, else the client's; and what only the client can know. @see rules OBS-14, OBS-16 */
function countedRows(draft: EdgeDraft, circumstances: Circumstances, pairs: ReadonlySet<string>): readonly Counted[] {
  const serverSide = withoutFailed(draft.destination.length > 0 ? draft.destination : draft.waypoint);
  const judged = (resolved: ResolvedRow): Counted => ({ resolved, meaning: meaningOf(resolved, circumstances) });
  const clientSide = withoutFailed(draft.source).map(judged).filter(({ resolved, meaning }) => standsBesideServer(meaning) || !isReported(draft, resolved, pairs));
  return [...serverSide.map(judged), ...clientSide];
}

function observationOf({ resolved: { row, attributed }, meaning }: Counted): Observation {
  return {
    rule: attributed ? "OBS-20" : meaning.rule,
    counts: meaning.counts,
    count: row.count,
    bytes: row.bytes,
    reporter: row.reporter,
    proxy: row.proxy,
    connectionSecurityPolicy: row.connectionSecurityPolicy,
    ...(meaning.refusal === undefined ? {} : { refusal: meaning.refusal }),
    extrapolated: row.extrapolated,
    lastSeenMs: row.lastSeenMs,
    ...(meaning.detail === undefined ? {} : { detail: meaning.detail }),
  };
}

function sumOf(observations: readonly Observation[]): ObservedCounts {
  const counts = { mtls: 0, plaintext: 0, tls: 0, unclear: 0, refused: 0 };
  for (const observation of observations) counts[observation.counts] += observation.count;
  return counts;
}

function gapsOf(counted: readonly Counted[]): readonly Gap[] {
  const gaps = counted.flatMap(({ meaning }) => (meaning.gap === undefined ? [] : [meaning.gap]));
  return [...new Map(gaps.map((gap) => [gap.because, gap])).values()];
}

function lastPlaintext(observations: readonly Observation[]): number | null {
  return latest(observations.filter((observation) => observation.counts === "plaintext").map((observation) => observation.lastSeenMs));
}

interface Past {
  readonly draft: EdgeDraft;
  readonly pairs: ReadonlySet<string>;
}

/** One edge from what the window told of it; and from what the look-back told, where the window is silent. */
function edgeOf(draft: EdgeDraft, past: Past | null, context: Context): Edge | null {
  const configured = configuredFor(context.judge, draft);
  const circumstances: Circumstances = { configured, declaredTls: isDeclaredTls(context.declaredTls, draft.host) };
  const counted = countedRows(draft, circumstances, context.pairs);
  const before = past === null ? [] : countedRows(past.draft, circumstances, past.pairs);
  const observations = [...counted.map(observationOf), ...draft.refusals.map(({ row }) => observationOfRefusal(row))];
  if (observations.length === 0 && before.length === 0) return null;
  const earlier = before.map(observationOf);
  const observed = presenceOf(observations);
  const counts = sumOf(observations);
  const { client, server, host, family } = draft;
  const speaking = observations.length > 0 ? counted : before;
  return {
    key: draft.key, client, server, host, family,
    ...stateOf(observed, configured),
    counts,
    bytes: observations.reduce((sum, observation) => sum + observation.bytes, 0),
    extrapolated: observations.some((observation) => observation.extrapolated),
    observations,
    lastSeenMs: latest((observations.length > 0 ? observations : earlier).map((observation) => observation.lastSeenMs)),
    lastPlaintextMs: lastPlaintext([...observations, ...earlier]),
    sender: senderOf(draft, speaking.map(({ resolved }) => resolved), context.accounts),
    configured: configured.paths,
    gaps: gapsOf(speaking),
    disagreement: disagreementOf({ family, counts, observed, observations, configured }),
  };
}

/**
 * Every edge for which traffic or an attempt was observed in the window or the look-back, with its state.
 *
 * Linear in rows and edges; the engine is asked once per edge. Equal input gives equal output, whatever the order of rows.
 * @see rules EDGE-1 to EDGE-13, OBS-1 to OBS-20, SND-1 to SND-6
 */
export function observeEdges(snapshot: MeshSnapshot, judge: MeshJudge): readonly Edge[] {
  const { telemetry, configuration } = snapshot;
  const accounts = new ServiceAccounts(judge);
  const drafts = draftEdges(telemetry.rows.filter((row): row is TrafficRow => row.what === "traffic"), judge, accounts);
  const before = draftEdges(telemetry.lookBackRows, judge, accounts);
  attributeUnnamed(drafts);
  attributeUnnamed(before);
  draftRefusals({ drafts, before }, telemetry.rows.filter((row): row is RefusalRow => row.what === "refusal"), { snapshot, judge });
  const context: Context = { judge, accounts, declaredTls: hostsDeclaredTls(configuration), pairs: reportedPairs(drafts) };
  const pastPairs = reportedPairs(before);
  const past = (key: string): Past | null => {
    const draft = before.get(key);
    return draft === undefined ? null : { draft, pairs: pastPairs };
  };
  const empty = (draft: EdgeDraft): EdgeDraft => ({ ...draft, destination: [], waypoint: [], source: [], refusals: [] });
  const silent = [...before.values()].filter((draft) => !drafts.has(draft.key));
  const edges = [...drafts.values(), ...silent.map(empty)].map((draft) => edgeOf(draft, past(draft.key), context));
  return edges.filter((edge) => edge !== null).sort((one, other) => (one.key < other.key ? -1 : 1));
}
