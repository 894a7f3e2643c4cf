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

/** What is covered is known in steps of a minute at least, and of long windows in a few hundred; of a short window less than two may be missing. */
const EXACT_MS = 120_000;
const EXACT = 0.02;
const MOST = 0.25;

export function coverOf({ windowStartMs, windowEndMs, covered }: Telemetry): Cover {
  const windowMs = windowEndMs - windowStartMs;
  const knownMs = covered === undefined ? windowMs : secondsIn(covered) * 1_000;
  const whole = lengthText(windowMs / 1_000);
  const inexactMs = Math.min(Math.max(EXACT_MS, windowMs * EXACT), windowMs * MOST);
  if (windowMs - knownMs <= inexactMs) return { windowMs, knownMs: windowMs, text: whole };
  return { windowMs, knownMs, text: `${knownMs === 0 ? "nothing" : lengthText(knownMs / 1_000)} of ${whole}` };
}
