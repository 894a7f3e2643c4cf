import { listOf, type Rows, type RowsByKey } from "./map.ts";
import type { Seen } from "./row.ts";
import type { EdgeKey } from "./tally.ts";

/** A scrape shows what happened since the one before; slower scraping than this is rare. */
const SCRAPE_MS = 60_000;

function at(rows: Rows, { afterMs, untilMs }: Seen): Rows {
  return listOf(rows).map((row) => ({ ...row, lastSeenMs: untilMs, lastSeenAfterMs: afterMs }));
}

/**
 * What stood in the window at one refresh and does not at the next happened last when the window began, between the two: nobody has to be asked.
 * Slow questions are answered late, so that much is left open.
 */
export class Departures {
  #window: { readonly startMs: number; readonly lateMs: number; readonly rows: RowsByKey } | null = null;
  readonly #left = new Map<EdgeKey, Rows>();

  /**
   * Takes the rows of a refresh, whose window begins at `startMs`.
   *
   * @param lateMs how old the oldest answer in it is
   */
  note(startMs: number, rows: RowsByKey, lateMs: number): void {
    const before = this.#window;
    this.#window = { startMs, lateMs, rows };
    for (const key of rows.keys()) this.#left.delete(key);
    if (before === null) return;
    const seen = { afterMs: before.startMs - before.lateMs - SCRAPE_MS, untilMs: startMs + SCRAPE_MS };
    for (const [key, own] of before.rows) if (!rows.has(key)) this.#left.set(key, at(own, seen));
  }

  /** What left the window and was seen after `sinceMs`; the rest is forgotten. */
  since(sinceMs: number): RowsByKey {
    for (const [key, rows] of this.#left) {
      const [row] = listOf(rows);
      if ((row?.lastSeenMs ?? 0) <= sinceMs) this.#left.delete(key);
    }
    return this.#left;
  }

  forget(): void {
    this.#window = null;
    this.#left.clear();
  }
}
