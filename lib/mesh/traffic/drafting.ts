import { compareText, groupBy, memoised } from "../order.ts";
import { attributeUnnamed } from "./attribution.ts";
import type { Directory } from "./directory.ts";
import { draftRows, orderRows, sifted, type EdgeDraft } from "./draft.ts";
import { Entries, type Entry } from "./entries.ts";
import { Ends } from "./party.ts";
import { dropPassthroughTwins } from "./passthrough.ts";
import { ReachIndex } from "./reachIndex.ts";
import { Span } from "./span.ts";
import type { RefusalRow, Telemetry } from "./telemetry.ts";

/** Of one client. */
function byRest({ draft: one }: Entry, { draft: other }: Entry): number {
  return compareText(one.server.start, other.server.start) || compareText(one.key, other.key);
}

/** By key, ascending. A key begins with its client's, then its server's: comparing these alone compares fewer and shorter texts. */
function sorted(entries: readonly Entry[]): readonly Entry[] {
  const byClient = groupBy(entries, ({ draft }) => draft.client.start);
  const starts = [...byClient.keys()].sort();
  return starts.flatMap((start) => byClient.get(start)?.toSorted(byRest) ?? []);
}

/** What all rows together say of some, once each is with its edge. */
function settle(drafts: readonly EdgeDraft[]): void {
  for (const draft of drafts) orderRows(draft);
  attributeUnnamed(drafts);
  dropPassthroughTwins(drafts);
}

/** What rows come to, edge by edge, before configuration is asked what it says. Nothing in it changes afterwards. */
export class Drafting {
  readonly telemetry: Telemetry;
  readonly window: Span;
  readonly lookBack: Span;
  /** by key, ascending */
  readonly entries: readonly Entry[];
  /** lines about refused connections */
  readonly lines: readonly RefusalRow[];
  #reach: ReachIndex | null = null;

  constructor(telemetry: Telemetry, directory: Directory) {
    this.telemetry = telemetry;
    const rows = sifted(telemetry.rows);
    this.lines = rows.lines;
    const ends = new Ends(directory);
    const found = new Entries(ends);
    draftRows(rows, { ends, directory, draftOf: (row) => found.current(row) });
    draftRows(sifted(telemetry.lookBackRows), { ends, directory, draftOf: (row) => found.past(row) });
    const drafts = found.all.map(({ draft }) => draft);
    const pasts = found.all.map(({ past }) => past).filter((past) => past !== null);
    settle(drafts);
    settle(pasts);
    this.entries = sorted(found.told);
    this.window = new Span(drafts, (key) => this.get(key)?.draft ?? null);
    this.lookBack = new Span(pasts, (key) => this.get(key)?.past ?? null);
  }

  /** By position among the entries. */
  get reach(): ReachIndex {
    this.#reach ??= new ReachIndex(this.entries.map(({ draft }) => draft));
    return this.#reach;
  }

  get(key: string): Entry | undefined {
    return this.entries[this.find(key)];
  }

  /** The position of an edge among the entries; -1 where traffic drew none, in the window or before it. Lines ask for the same ones again and again. */
  readonly find = memoised((key: string) => this.#search(key));

  #search(key: string): number {
    let [low, high] = [0, this.entries.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.entries[middle]?.draft.key ?? "";
      if (found === key) return middle;
      if (found < key) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}
