import type { Edge, Observation, ObservedCounts, Unproved } from "./edge.ts";

type Seen = Pick<Observation, "lastSeenMs" | "lastSeenAfterMs">;

interface LastTime {
  readonly atMs: number | null;
  readonly afterMs: number | undefined;
}

const NOTHING: readonly never[] = [];
const NEVER: LastTime = { atMs: null, afterMs: undefined };

/** Of one time two brackets say less than none. */
function later(last: LastTime, { lastSeenMs: atMs, lastSeenAfterMs: afterMs }: Seen): LastTime {
  if (atMs === null || (last.atMs !== null && atMs < last.atMs)) return last;
  if (last.atMs === null || atMs > last.atMs) return { atMs, afterMs };
  return { atMs, afterMs: last.afterMs === undefined || afterMs === undefined ? undefined : Math.max(last.afterMs, afterMs) };
}

function lastOf(observations: readonly Observation[], wanted: keyof ObservedCounts | null): LastTime | null {
  let last: LastTime | null = null;
  for (const observation of observations) if (wanted === null || observation.counts === wanted) last = later(last ?? NEVER, observation);
  return last;
}

const UNPROVED: readonly Unproved[] = ["plaintext", "tls", "unclear"];

/** What would be forgotten of the look-back where its rows give no time. */
function unproved(earlier: readonly Observation[]): readonly Unproved[] {
  return UNPROVED.filter((wanted) => earlier.some(({ counts, rule }) => counts === wanted && !(counts === "unclear" && rule === "OBS-18")));
}

export interface LastTimes {
  readonly seen: LastTime;
  readonly plaintext: LastTime;
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

/** With how much earlier its last times may have been, where they are not known exactly; and with what came before the window. */
export function bracketed(edge: Edge, { seen: { afterMs: seen }, plaintext: { afterMs: plaintext }, before }: LastTimes): Edge {
  if (seen === undefined && plaintext === undefined && before.length === 0) return edge;
  return { ...edge, ...(seen === undefined ? {} : { lastSeenAfterMs: seen }), ...(plaintext === undefined ? {} : { lastPlaintextAfterMs: plaintext }), ...(before.length === 0 ? {} : { seenBefore: before }) };
}
