import { lengthText } from "#time-spans";
import { FOLLOWED_SECONDS, instantMs, isAhead, LONGEST_SECONDS, windowSeconds } from "#window";
import type { Address } from "../address/address.ts";
import { moment } from "../numbers.ts";

/** Why the window of an address cannot be shown, in the page's own words; `null` where the address alone does not say. */
export function badWindow({ window, end }: Pick<Address, "window" | "end">, nowMs: number): string | null {
  const seconds = window === null ? FOLLOWED_SECONDS : windowSeconds(window);
  if (seconds !== null && seconds > LONGEST_SECONDS) return `A window is at most ${lengthText(LONGEST_SECONDS)} long, and this address asks for ${lengthText(seconds)}.`;
  if (end === null) return null;
  const endMs = instantMs(end);
  if (endMs === null) return "This address asks for a window that ends at a time that does not exist.";
  return isAhead(endMs, nowMs) ? `This address asks for a window that ends in the future: ${moment(endMs)}.` : null;
}
