import { memoised } from "../order.ts";
import { attributeUnnamed } from "./attribution.ts";
import type { Directory } from "./directory.ts";
import { draftRows, orderRows, sifted, type EdgeDraft } from "./draft.ts";
import { Entries, type Entry } from "./entries.ts";
import { Naming, type NamedEnds } from "./naming.ts";
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

/** Names that are more than so many times those in use are forgotten. */
const MOST_UNUSED = 2;
const FEW = 1_000;

/** What rows come to, edge by edge, before configuration is asked what it says. Nothing in it changes afterwards. */
export class Drafting {
  readonly telemetry: Telemetry;
  readonly window: Span;
  readonly lookBack: Span;
  /** by key, ascending */
  readonly entries: readonly Entry[];
  /** lines about refused connections */
  readonly lines: readonly RefusalRow[];
  readonly #naming: Naming;
  #reach: ReachIndex | null = null;
  #positions: Int32Array | null = null;

  /** @param before of older telemetry: edges are called as they were then */
  constructor(telemetry: Telemetry, directory: Directory, before: Drafting | null) {
    this.telemetry = telemetry;
    const naming = before?.namingFor(directory) ?? new Naming(directory);
    this.#naming = naming;
    const rows = sifted(telemetry.rows);
    this.lines = rows.lines;
    const { ends } = naming;
    const found = new Entries(naming);
    draftRows(rows, { ends, directory, draftOf: (row) => found.current(row) });
    draftRows(sifted(telemetry.lookBackRows), { ends, directory, draftOf: (row) => found.past(row) });
    const drafts = found.all.map(({ draft }) => draft);
    const pasts = found.all.map(({ past }) => past).filter((past) => past !== null);
    settle(drafts);
    settle(pasts);
    this.entries = found.told;
    this.window = new Span(drafts, (key) => this.get(key)?.draft ?? null);
    this.lookBack = new Span(pasts, (key) => this.get(key)?.past ?? null);
  }

  /** By position among the entries. */
  get reach(): ReachIndex {
    this.#reach ??= new ReachIndex(this.entries.map(({ draft }) => draft));
    return this.#reach;
  }

  /** How the next one, of other telemetry, names its edges; `null` where too many are named that are gone. */
  namingFor(directory: Directory): Naming | null {
    if (this.#naming.size > FEW + MOST_UNUSED * this.entries.length) return null;
    this.#naming.ends.turnTo(directory);
    return this.#naming;
  }

  /** The position of an edge among the entries; -1 where it is not one, or was named by another. */
  positionOf(ends: NamedEnds): number {
    this.#positions ??= this.#numbered();
    const at = this.#positions[ends.number] ?? -1;
    return this.entries[at]?.ends === ends ? at : -1;
  }

  #numbered(): Int32Array {
    const positions = new Int32Array(this.#naming.size).fill(-1);
    this.entries.forEach(({ ends }, at) => {
      positions[ends.number] = at;
    });
    return positions;
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
