import type { TimeSpan } from "./traffic/telemetry.ts";

const UNITS = [["d", 86_400], ["h", 3_600], ["min", 60], ["s", 1]] as const;

/** From this on seconds say nothing. */
const WHOLE_MINUTES_SECONDS = 3_600;

/**
 * A length of time in words: `45 s`, `15 min`, `1 h 40 min`, `1 d 12 h`.
 *
 * To the second, from an hour on to the minute, and never longer than it is: what is claimed of a window is claimed of no longer one.
 */
export function lengthText(seconds: number): string {
  const exact = seconds < WHOLE_MINUTES_SECONDS ? 1 : 60;
  let rest = Math.floor(seconds / exact) * exact;
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = Math.floor(rest / size);
    if (count > 0) parts.push(`${count} ${unit}`);
    rest -= count * size;
  }
  return parts.length === 0 ? "0 s" : parts.join(" ");
}

/** How much time spans take that do not overlap. */
export function secondsIn(spans: readonly TimeSpan[]): number {
  return spans.reduce((sum, { startMs, endMs }) => sum + (endMs - startMs) / 1_000, 0);
}
