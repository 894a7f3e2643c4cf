import { lengthText } from "#time-spans";
import { FOLLOWED_WINDOW, type Address } from "../address/address.ts";
import { moment } from "../numbers.ts";

const UNIT_SECONDS: Readonly<Record<string, number>> = { m: 60, h: 3600, d: 86_400 };
const LONGEST_SECONDS = 7 * 86_400;

function secondsOf(window: string): number {
  return Number.parseInt(window, 10) * (UNIT_SECONDS[window.slice(-1)] ?? 0);
}

/** 30 February is read as 2 March: what is read is compared with what is written. */
function endMsOf(end: string): number {
  const day = end.slice(0, 10);
  const read = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(read.getTime()) && read.toISOString().startsWith(day) ? Date.parse(end) : Number.NaN;
}

/** Why the window of an address cannot be shown, in the page's own words; `null` where the address alone does not say. */
export function badWindow({ window, end }: Pick<Address, "window" | "end">, nowMs: number): string | null {
  const seconds = secondsOf(window ?? FOLLOWED_WINDOW);
  if (seconds > LONGEST_SECONDS) return `A window is at most ${lengthText(LONGEST_SECONDS)} long, and this address asks for ${lengthText(seconds)}.`;
  if (end === null) return null;
  const endMs = endMsOf(end);
  if (Number.isNaN(endMs)) return "This address asks for a window that ends at a time that does not exist.";
  return endMs > nowMs ? `This address asks for a window that ends in the future: ${moment(endMs)}.` : null;
}
