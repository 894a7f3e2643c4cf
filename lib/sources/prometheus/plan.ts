import type { Gap, TimeSpan } from "#mesh";
import { lengthText, secondsIn } from "#mesh";
import { inBoth, joined, momentText } from "./coverage.ts";
import { Pieces, secondsOf, stretchesOf } from "./pieces.ts";

/** A window up to this long is one piece. */
const PIECE_SECONDS = 3600;
const MOST_PIECES = 28;
/** Records cost little: these pieces are there to tell when something was last seen. */
const MOST_RECORDED_PIECES = 7;
const SMALLEST_SECONDS = 300;

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

/** How a stretch of time is read. */
export interface Means {
  /** what is read from records */
  readonly recorded: readonly TimeSpan[];
  /** a shorter window would be too short for how often is scraped */
  readonly shortestSeconds: number;
}

/** All of a stretch of time, in pieces that a server can answer. */
export function unreadOf(whole: TimeSpan, { recorded, shortestSeconds }: Means): readonly Unread[] {
  const smallestSeconds = Math.max(SMALLEST_SECONDS, shortestSeconds);
  return stretchesOf(whole, inBoth([whole], recorded)).map(({ span, recorded: isRecorded }) => {
    const parts = secondsOf(whole) / (isRecorded ? MOST_RECORDED_PIECES : MOST_PIECES);
    return { recorded: isRecorded, pieces: new Pieces(span, { smallestSeconds, seconds: Math.max(PIECE_SECONDS, Math.ceil(parts / 60) * 60) }) };
  });
}

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
