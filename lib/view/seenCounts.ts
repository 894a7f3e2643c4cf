import type { Edge } from "#mesh";
import type { CountsView } from "./meshView.ts";

/**
 * What was seen on an edge, in numbers. Of connections opened before the window only bytes may have been seen in it:
 * nobody told how many those were, one at least, and what happened is never shown as 0.
 */
export function seenCounts({ counts, bytes, observations }: Pick<Edge, "counts" | "bytes" | "observations">): CountsView {
  if (bytes === 0) return counts;
  const older = observations.filter((one) => one.count === 0 && one.bytes > 0 && counts[one.counts] === 0);
  return older.length === 0 ? counts : { ...counts, ...Object.fromEntries(older.map((one) => [one.counts, 1])) };
}
