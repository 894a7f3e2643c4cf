import { compareText, groupBy } from "../order.ts";
import { attributeUnnamed } from "./attribution.ts";
import type { Directory } from "./directory.ts";
import { draftEdges, ReportedPairs, type Drafts, type EdgeDraft } from "./draft.ts";
import { Ends } from "./party.ts";
import { dropPassthroughTwins } from "./passthrough.ts";
import { ReachIndex } from "./reachIndex.ts";
import type { RefusalRow, Telemetry } from "./telemetry.ts";

/** What the window tells of an edge, and what the look-back does. */
export interface Entry {
  readonly draft: EdgeDraft;
  readonly past: EdgeDraft | null;
}

const NOTHING = { destination: [], waypoint: [], source: [], attributed: false, refusals: [] } as const;

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

function entriesOf(drafts: Drafts, before: Drafts): readonly Entry[] {
  const pasts = new Map<EdgeDraft, EdgeDraft>();
  const entries: Entry[] = [];
  for (const past of before.values()) {
    const draft = drafts.get(past.key);
    if (draft === undefined) entries.push({ draft: { ...past, ...NOTHING }, past });
    else pasts.set(draft, past);
  }
  for (const draft of drafts.values()) entries.push({ draft, past: pasts.get(draft) ?? null });
  return sorted(entries);
}

/** What rows come to, edge by edge, before configuration is asked what it says. Nothing in it changes afterwards. */
export class Drafting {
  readonly telemetry: Telemetry;
  readonly drafts: Drafts;
  readonly before: Drafts;
  readonly pairs: ReportedPairs;
  readonly pastPairs: ReportedPairs;
  /** by key, ascending */
  readonly entries: readonly Entry[];
  /** lines about refused connections */
  readonly lines: readonly RefusalRow[];
  #reach: ReachIndex | null = null;

  constructor(telemetry: Telemetry, directory: Directory) {
    this.telemetry = telemetry;
    this.lines = telemetry.rows.filter((row) => row.what === "refusal");
    const ends = new Ends(directory);
    this.drafts = draftEdges(telemetry.rows, ends, directory);
    this.before = draftEdges(telemetry.lookBackRows, ends, directory);
    for (const intoDrafts of [this.drafts, this.before]) {
      attributeUnnamed(intoDrafts);
      dropPassthroughTwins(intoDrafts);
    }
    this.pairs = new ReportedPairs(this.drafts);
    this.pastPairs = new ReportedPairs(this.before);
    this.entries = entriesOf(this.drafts, this.before);
  }

  /** By position among the entries. */
  get reach(): ReachIndex {
    this.#reach ??= new ReachIndex(this.entries.map(({ draft }) => draft));
    return this.#reach;
  }

  /** Whether traffic drew an edge, in the window or before it. */
  has(key: string): boolean {
    return this.drafts.has(key) || this.before.has(key);
  }

  /** The position of an edge among the entries; -1 where traffic drew none. */
  find(key: string): number {
    if (!this.has(key)) return -1;
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
