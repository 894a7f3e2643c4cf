import type { TimeSpan } from "#mesh";
import { joined, uncovered } from "./coverage.ts";

/** From the newest to the oldest. */
function cut({ startMs, endMs }: TimeSpan, seconds: number): readonly TimeSpan[] {
  const pieces: TimeSpan[] = [];
  for (let untilMs = endMs; untilMs > startMs; untilMs -= seconds * 1000) pieces.push({ startMs: Math.max(startMs, untilMs - seconds * 1000), endMs: untilMs });
  return pieces;
}

export function secondsOf({ startMs, endMs }: TimeSpan): number {
  return Math.round((endMs - startMs) / 1000);
}

/** Pieces of a stretch of time, read from the newest to the oldest; what is too much at once is halved. */
export class Pieces {
  #left: readonly TimeSpan[];
  #seconds: number;
  #postponed: readonly TimeSpan[] = [];
  readonly #smallest: number;

  constructor(whole: TimeSpan, { smallestSeconds, seconds }: { readonly smallestSeconds: number; readonly seconds: number }) {
    this.#smallest = smallestSeconds;
    this.#seconds = Math.max(seconds, smallestSeconds);
    this.#left = cut(whole, this.#seconds);
  }

  next(): TimeSpan | undefined {
    const [piece, ...rest] = this.#left;
    this.#left = rest;
    return piece;
  }

  /** The last piece that was taken is still to be read. */
  putBack(piece: TimeSpan): void {
    this.#left = [piece, ...this.#left];
  }

  /** The last piece that was taken is to be read when all others have been. */
  postpone(piece: TimeSpan): void {
    this.#postponed = [...this.#postponed, piece];
  }

  resume(): void {
    this.#left = [...this.#left, ...this.#postponed];
    this.#postponed = [];
  }

  /** Nothing is left but what is postponed. */
  get isThrough(): boolean {
    return this.#left.length === 0;
  }

  /** @returns whether there are smaller pieces */
  halve(piece: TimeSpan | null): boolean {
    const seconds = Math.ceil(Math.min(this.#seconds, piece === null ? Infinity : secondsOf(piece)) / 2);
    if (seconds < this.#smallest) return false;
    this.#seconds = seconds;
    this.#left = [...(piece === null ? [] : [piece]), ...this.#left].flatMap((one) => cut(one, seconds));
    return true;
  }

  get rest(): readonly TimeSpan[] {
    return joined([...this.#left, ...this.#postponed]);
  }
}

/** A part of a window that is recorded, or is not. */
export interface Stretch {
  readonly span: TimeSpan;
  readonly recorded: boolean;
}

/** From the newest to the oldest; together they are the whole. */
export function stretchesOf(whole: TimeSpan, recorded: readonly TimeSpan[]): readonly Stretch[] {
  const stretches = [...recorded.map((span) => ({ span, recorded: true })), ...uncovered(whole, recorded).map((span) => ({ span, recorded: false }))];
  return stretches.toSorted((one, other) => other.span.startMs - one.span.startMs);
}
