import type { Telemetry } from "#mesh";
import { lengthText, secondsIn } from "#mesh";

/** How much of the window the counts tell of. */
export interface Cover {
  readonly windowMs: number;
  /** equal to the whole where the rest is less than can be told; `null` where nobody knows, which is never taken for the whole */
  readonly knownMs: number | null;
  /** until when traffic is known, gaps before that aside; `null` where nobody knows, or nothing is */
  readonly knownUntilMs: number | null;
  /** `15 min`, `1 h of 7 d`, or `an unknown part of 15 min` */
  readonly text: string;
}

/** What is covered is known in steps of a minute at least, and of long windows in a few hundred; of a short window less than two may be missing. */
const EXACT_MS = 120_000;
const EXACT = 0.02;
const MOST = 0.25;

/** How much of the window was scraped, in numbers and in words: what is missing by less than can be told is not said to be missing. @see rule PRE-28 */
export function coverOf({ windowStartMs, windowEndMs, covered }: Telemetry): Cover {
  const windowMs = windowEndMs - windowStartMs;
  const whole = lengthText(windowMs / 1_000);
  if (covered === undefined) return { windowMs, knownMs: null, knownUntilMs: null, text: `an unknown part of ${whole}` };
  const knownMs = secondsIn(covered) * 1_000;
  const knownUntilMs = covered.at(-1)?.endMs ?? null;
  const inexactMs = Math.min(Math.max(EXACT_MS, windowMs * EXACT), windowMs * MOST);
  if (windowMs - knownMs <= inexactMs) return { windowMs, knownMs: windowMs, knownUntilMs, text: whole };
  return { windowMs, knownMs, knownUntilMs, text: `${knownMs === 0 ? "nothing" : lengthText(knownMs / 1_000)} of ${whole}` };
}
