import { memoised } from "../order.ts";
import { attributeUnnamed } from "./attribution.ts";
import type { Directory } from "./directory.ts";
import { isTold, orderRows, type EdgeDraft } from "./draft.ts";
import { Gathering } from "./gathering.ts";
import { dropPassthroughTwins } from "./passthrough.ts";
import { ReachIndex } from "./reachIndex.ts";
import { Span } from "./span.ts";
import type { RefusalRow, Telemetry } from "./telemetry.ts";

/** What all rows together say of some, once each is with its edge. */
function settle(drafts: readonly EdgeDraft[]): void {
  for (const draft of drafts) orderRows(draft);
  attributeUnnamed(drafts);
  dropPassthroughTwins(drafts);
}

function pastsOf(drafts: readonly EdgeDraft[]): readonly EdgeDraft[] {
  return drafts.map(({ past }) => past).filter((past) => past !== null);
}

/** What rows come to, edge by edge, before configuration is asked what it says. Nothing in it changes afterwards. */
export class Drafting {
  readonly telemetry: Telemetry;
  readonly window: Span;
  readonly lookBack: Span;
  /** those of which any row is left, by key, ascending */
  readonly drafts: readonly EdgeDraft[];
  /** lines about refused connections */
  readonly lines: readonly RefusalRow[];
  #reach: ReachIndex | null = null;

  constructor(telemetry: Telemetry, directory: Directory) {
    this.telemetry = telemetry;
    const gathering = new Gathering(telemetry, directory);
    this.lines = gathering.lines;
    const drafts = gathering.drafts();
    const pasts = pastsOf(drafts);
    settle(drafts);
    settle(pasts);
    this.drafts = drafts.filter((draft) => isTold(draft) || (draft.past !== null && isTold(draft.past)));
    this.window = new Span(drafts, (key) => this.get(key) ?? null);
    this.lookBack = new Span(pasts, (key) => this.get(key)?.past ?? null);
  }

  /** By position among the drafts. */
  get reach(): ReachIndex {
    this.#reach ??= new ReachIndex(this.drafts);
    return this.#reach;
  }

  get(key: string): EdgeDraft | undefined {
    return this.drafts[this.find(key)];
  }

  /** The position of an edge among the drafts; -1 where traffic drew none, in the window or before it. Lines ask for the same ones again and again. */
  readonly find = memoised((key: string) => this.#search(key));

  #search(key: string): number {
    let [low, high] = [0, this.drafts.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.drafts[middle]?.key ?? "";
      if (found === key) return middle;
      if (found < key) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}
