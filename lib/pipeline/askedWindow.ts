import type { TelemetryRequest } from "#sources";
import { FOLLOWED_SECONDS } from "#window";

const HOUR_SECONDS = 3600;
const DAY_SECONDS = 86_400;
const MINUTE_MS = 60_000;

/** A window other than the one that is followed; `endMs` `null`: it ends now. */
export interface AskedWindow {
  readonly windowSeconds: number;
  readonly endMs: number | null;
}

/** The window that every page shows unless another is asked for. */
export const FOLLOWED: TelemetryRequest = { windowSeconds: FOLLOWED_SECONDS, lookBackSeconds: HOUR_SECONDS, endMs: null };

/** As long as the window, at least an hour; of long windows the day before, since more would cost as much as the window itself. */
export function lookBackSeconds(windowSeconds: number): number {
  return Math.min(Math.max(HOUR_SECONDS, windowSeconds), DAY_SECONDS);
}

/** Ends are whole minutes, so that those who ask at nearly the same time share an answer. */
export function requestOf({ windowSeconds, endMs }: AskedWindow, nowMs: number): TelemetryRequest & { readonly endMs: number } {
  const end = endMs ?? nowMs;
  return { windowSeconds, lookBackSeconds: lookBackSeconds(windowSeconds), endMs: windowSeconds < HOUR_SECONDS && endMs === null ? end : Math.floor(end / MINUTE_MS) * MINUTE_MS };
}

/** How old an answer may become before a new asker has it read again: a sixtieth of the window; what was read some time after its end does not change. */
export function freshForMs({ windowSeconds, endMs }: AskedWindow, readAtMs: number): number {
  if (endMs !== null && readAtMs - endMs > 10 * MINUTE_MS) return Number.POSITIVE_INFINITY;
  return Math.min(Math.max(15_000, (windowSeconds * 1000) / 60), 30 * MINUTE_MS);
}

export function keyOf({ windowSeconds, endMs }: AskedWindow): string {
  return `${windowSeconds} ${endMs === null ? "now" : Math.floor(endMs / MINUTE_MS)}`;
}
