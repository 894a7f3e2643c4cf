import type { Edge, Observation, ObservedCounts, Unproved } from "./edge.ts";

type Seen = Pick<Observation, "lastSeenMs" | "lastSeenAfterMs">;

const NOTHING: readonly never[] = [];
const NEVER: Seen = { lastSeenMs: null };

/** Two observations of one latest time: if either is exact the time is, else it lies after the later of the two bounds. */
function sameTime({ lastSeenMs, lastSeenAfterMs: one }: Seen, { lastSeenAfterMs: other }: Seen): Seen {
  return one === undefined || other === undefined ? { lastSeenMs } : { lastSeenMs, lastSeenAfterMs: Math.max(one, other) };
}

function later(last: Seen, seen: Seen): Seen {
  if (seen.lastSeenMs === null || (last.lastSeenMs !== null && seen.lastSeenMs < last.lastSeenMs)) return last;
  return seen.lastSeenMs === last.lastSeenMs ? sameTime(last, seen) : seen;
}

function lastOf(observations: readonly Observation[], wanted: keyof ObservedCounts | null): Seen | null {
  let last: Seen | null = null;
  for (const observation of observations) if (wanted === null || observation.counts === wanted) last = later(last ?? NEVER, observation);
  return last;
}

const UNPROVED: readonly Unproved[] = ["plaintext", "tls", "unclear"];

/** What would be forgotten of the look-back where its rows give no time. */
function unproved(earlier: readonly Observation[]): readonly Unproved[] {
  return UNPROVED.filter((wanted) => earlier.some(({ counts, rule }) => counts === wanted && !(counts === "unclear" && rule === "OBS-18")));
}

/** When an edge was last seen, when its plaintext was, and what the look-back held other than mesh mTLS. */
export interface LastTimes {
  readonly seen: Seen;
  readonly plaintext: Seen;
  readonly before: readonly Unproved[];
}

/** When the last of an edge's observations was; of those in the window nothing earlier is told, even where it gives no time. */
export function lastTimes(observations: readonly Observation[], earlier: readonly Observation[]): LastTimes {
  return {
    seen: lastOf(observations, null) ?? lastOf(earlier, null) ?? NEVER,
    plaintext: lastOf(observations, "plaintext") ?? lastOf(earlier, "plaintext") ?? NEVER,
    before: earlier.length === 0 ? NOTHING : unproved(earlier),
  };
}

/** The edge with the bounds of its last times, where these are not exact, and with what the look-back held other than mesh mTLS. */
export function bracketed(edge: Edge, { seen: { lastSeenAfterMs: seen }, plaintext: { lastSeenAfterMs: plaintext }, before }: LastTimes): Edge {
  if (seen === undefined && plaintext === undefined && before.length === 0) return edge;
  return { ...edge, ...(seen === undefined ? {} : { lastSeenAfterMs: seen }), ...(plaintext === undefined ? {} : { lastPlaintextAfterMs: plaintext }), ...(before.length === 0 ? {} : { seenBefore: before }) };
}
