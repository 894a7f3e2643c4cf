import type { AskedWindow } from "#pipeline";
import { FOLLOWED_SECONDS, instantMs, isAhead, isInstantWithoutPlus, LONGEST_SECONDS, windowSeconds } from "#window";
import { refuse } from "./respond.ts";

/** The arguments for a question: none for the followed window. */
export type WindowArgument = readonly [] | readonly [AskedWindow];

function single(query: URLSearchParams, name: string): string | null {
  const [value, ...more] = query.getAll(name);
  if (more.length > 0) throw new RangeError(`\`${name}\` is given ${more.length + 1} times`);
  return value ?? null;
}

function secondsOf(text: string | null): number {
  if (text === null) return FOLLOWED_SECONDS;
  const seconds = windowSeconds(text);
  if (seconds === null) throw new RangeError("`window` is a number of minutes, hours or days, such as `15m`, `6h` or `7d`");
  if (seconds > LONGEST_SECONDS) throw new RangeError("`window` is at least `1m` and at most `7d` long");
  return seconds;
}

function endOf(text: string | null, nowMs: number): number | null {
  if (text === null) return null;
  const endMs = instantMs(text);
  if (endMs === null) throw new RangeError(`\`end\` is a time with its zone, such as \`2026-11-24T10:00:00Z\`${isInstantWithoutPlus(text) ? "; the `+` of a zone is written `%2B` in an address" : ""}`);
  if (isAhead(endMs, nowMs)) throw new RangeError("`end` lies in the future");
  if (endMs <= 0) throw new RangeError("`end` lies before 1970");
  return endMs > nowMs ? null : endMs;
}

/** Which window is asked for, by `window` and `end` in the address; or the answer that says what is wrong with them. */
export function askedWindow(url: string, nowMs = Date.now()): WindowArgument | Response {
  const query = new URL(url, "http://localhost").searchParams;
  try {
    const [windowSeconds, endMs] = [secondsOf(single(query, "window")), endOf(single(query, "end"), nowMs)];
    return windowSeconds === FOLLOWED_SECONDS && endMs === null ? [] : [{ windowSeconds, endMs }];
  } catch (error) {
    if (error instanceof RangeError) return refuse(400, "bad_request", error.message);
    throw error;
  }
}
