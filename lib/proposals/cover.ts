import type { Telemetry } from "#mesh";
import { lengthText, secondsIn } from "#mesh";

/** How much of the window the counts tell of; where nobody knows, the whole is taken. */
export interface Cover {
  readonly windowMs: number;
  /** equal to the whole where the rest is less than can be told */
  readonly knownMs: number;
  /** `15 min`, or `1 h of 7 d` */
  readonly text: string;
}

/** What is covered is known to within five minutes, and of long windows in a few hundred steps. */
const EXACT_MS = 300_000;
const EXACT = 0.02;

export function coverOf({ windowStartMs, windowEndMs, covered }: Telemetry): Cover {
  const windowMs = windowEndMs - windowStartMs;
  const knownMs = covered === undefined ? windowMs : secondsIn(covered) * 1_000;
  const whole = lengthText(windowMs / 1_000);
  if (windowMs - knownMs <= Math.max(EXACT_MS, windowMs * EXACT)) return { windowMs, knownMs: windowMs, text: whole };
  return { windowMs, knownMs, text: `${knownMs === 0 ? "nothing" : lengthText(knownMs / 1_000)} of ${whole}` };
}
