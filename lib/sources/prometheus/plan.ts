import type { Gap, TimeSpan } from "#mesh";
import { lengthText, secondsIn } from "#mesh";
import { joined, momentText } from "./coverage.ts";
import { secondsOf, type Pieces } from "./pieces.ts";

/** A stretch that is read in one way, as far as it is not read yet. */
export interface Unread {
  readonly pieces: Pieces;
  readonly recorded: boolean;
}

/** What is to be read of a window and of its look-back; each from the newest to the oldest. */
export interface Plan {
  readonly window: readonly Unread[];
  readonly lookBack: readonly Unread[];
}

export const NOTHING_PLANNED: Plan = { window: [], lookBack: [] };

function gapsOf(stretches: readonly Unread[], wanted: string, because: string): readonly Gap[] {
  const rest = joined(stretches.flatMap(({ pieces }) => pieces.rest));
  return rest.map(({ startMs, endMs }) => ({ wanted: `${wanted} from ${momentText(startMs)} to ${momentText(endMs)}`, because }));
}

/** What has not been read, in words. @param stopped why it is not read any more; `null`: it is being read */
export function unreadGaps({ window, lookBack }: Plan, stopped: string | null, read: string): readonly Gap[] {
  return [
    ...gapsOf(window, "traffic", stopped ?? `not read yet: ${read} have been read, the newest first`),
    ...gapsOf(lookBack, "what carried traffic before the window,", stopped ?? "not read yet: the window is read first"),
  ];
}

export function howMuch(read: readonly TimeSpan[], whole: TimeSpan): string {
  return `${lengthText(secondsIn(read))} of ${lengthText(secondsOf(whole))} of the window`;
}
