const UNIT_SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3_600, d: 86_400 };
const LENGTH = /^([1-9]\d{0,5})([mhd])$/;
const INSTANT = /^(\d{4})-(\d{2})-(\d{2})T\d{2}:\d{2}(?::\d{2}(?:[.]\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/;

/** Clocks differ a little: so far ahead is now. */
const AHEAD_MS = 60_000;

/** The window that is followed, and shown unless another is asked for; as it stands in an address, and its length. */
export const FOLLOWED_WINDOW = "15m";
export const FOLLOWED_SECONDS = 900;

/** No window is longer. The shortest is a minute, which is the shortest that can be written. */
export const LONGEST_SECONDS = 604_800;

/**
 * How long a window is that is written as a number of minutes, hours or days: `15m`, `6h`, `7d`.
 *
 * @returns `null` where it is written otherwise; it may be longer than `LONGEST_SECONDS`
 */
export function windowSeconds(text: string): number | null {
  const [, number, unit = ""] = LENGTH.exec(text) ?? [];
  const seconds = UNIT_SECONDS[unit];
  return number === undefined || seconds === undefined ? null : Number(number) * seconds;
}

/** Written as a time with its zone: `2026-11-24T10:00:00Z`, `2026-11-24T12:30+02:30`. Whether there is such a time, `instantMs` says. */
export function isInstant(text: string): boolean {
  return INSTANT.test(text);
}

/** Of a zone written with a plus in an address that does not escape it nothing else is left: in a query a plus is a space. */
export function isInstantWithoutPlus(text: string): boolean {
  return !isInstant(text) && isInstant(text.replace(" ", "+"));
}

/** 30 February is none, though JavaScript takes it for 2 March. */
function isDay(year: number, month: number, day: number): boolean {
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** @returns `null` where it is no time with its zone, or there is no such time */
export function instantMs(text: string): number | null {
  const [, year, month, day] = INSTANT.exec(text) ?? [];
  const atMs = isDay(Number(year), Number(month), Number(day)) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(atMs) ? null : atMs;
}

/** Whether a time is so far ahead that no window can end there. */
export function isAhead(endMs: number, nowMs: number): boolean {
  return endMs > nowMs + AHEAD_MS;
}
