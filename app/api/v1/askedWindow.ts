import type { AskedWindow } from "#pipeline";
import { refuse } from "./respond.ts";

const UNIT_SECONDS = { m: 60, h: 3600, d: 86_400 } as const;
const SHORTEST_SECONDS = 60;
const LONGEST_SECONDS = 7 * UNIT_SECONDS.d;
const FOLLOWED_SECONDS = 15 * UNIT_SECONDS.m;
/** Clocks differ a little: so far ahead is now. */
const AHEAD_MS = 60_000;
const INSTANT = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(:\d{2}([.]\d{1,3})?)?(Z|[+-]\d{2}:\d{2})$/;

/** The arguments for a question: none for the followed window. */
export type WindowArgument = readonly [] | readonly [AskedWindow];

function single(query: URLSearchParams, name: string): string | null {
  const [value, ...more] = query.getAll(name);
  if (more.length > 0) throw new RangeError(`\`${name}\` is given ${more.length + 1} times`);
  return value ?? null;
}

function secondsOf(text: string | null): number {
  if (text === null) return FOLLOWED_SECONDS;
  const [, number, unit] = /^([1-9]\d{0,5})([mhd])$/.exec(text) ?? [];
  if (number === undefined || unit === undefined) throw new RangeError("`window` is a number of minutes, hours or days, such as `15m`, `6h` or `7d`");
  const seconds = Number(number) * UNIT_SECONDS[unit as keyof typeof UNIT_SECONDS];
  if (seconds < SHORTEST_SECONDS || seconds > LONGEST_SECONDS) throw new RangeError("`window` is at least `1m` and at most `7d` long");
  return seconds;
}

/** 30 February is none, though JavaScript takes it for 2 March. */
function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

function instantOf(text: string): number {
  const [, year, month, day] = INSTANT.exec(text) ?? [];
  return year !== undefined && isDay(Number(year), Number(month), Number(day)) ? Date.parse(text) : Number.NaN;
}

/** In a query a plus is a space. */
function plusLost(text: string): string {
  return Number.isNaN(instantOf(text.replace(" ", "+"))) ? "" : "; the `+` of a zone is written `%2B` in an address";
}

function endOf(text: string | null, nowMs: number): number | null {
  if (text === null) return null;
  const endMs = instantOf(text);
  if (Number.isNaN(endMs)) throw new RangeError(`\`end\` is a time with its zone, such as \`2026-11-24T10:00:00Z\`${plusLost(text)}`);
  if (endMs > nowMs + AHEAD_MS) throw new RangeError("`end` lies in the future");
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
