import { draftOf, isTold, type EdgeDraft } from "./draft.ts";
import type { NamedEnds, Naming } from "./naming.ts";
import type { TrafficRow } from "./telemetry.ts";

/** An edge that rows tell of: what the window tells, and what the look-back does. */
export interface Entry {
  readonly ends: NamedEnds;
  readonly draft: EdgeDraft;
  readonly past: EdgeDraft | null;
}

type Gathered = Entry & { past: EdgeDraft | null };

/** Gathers rows by the edge that they tell of. */
export class Entries {
  readonly all: Gathered[] = [];
  readonly #naming: Naming;
  readonly #byNumber: (Gathered | undefined)[] = [];

  constructor(naming: Naming) {
    this.#naming = naming;
  }

  /** Those of which rows are left, by key, ascending. */
  get told(): readonly Entry[] {
    const told: Entry[] = [];
    for (const { number } of this.#naming.ordered) {
      const entry = this.#byNumber[number];
      if (entry === undefined) continue;
      if (entry.past !== null && !isTold(entry.past)) entry.past = null;
      if (entry.past !== null || isTold(entry.draft)) told.push(entry);
    }
    return told;
  }

  current(row: TrafficRow): EdgeDraft {
    return this.#of(row).draft;
  }

  past(row: TrafficRow): EdgeDraft {
    const entry = this.#of(row);
    entry.past ??= draftOf(entry.ends, entry.ends.key);
    return entry.past;
  }

  #of(row: TrafficRow): Gathered {
    const ends = this.#naming.of(row);
    return this.#byNumber[ends.number] ?? this.#start(ends);
  }

  #start(ends: NamedEnds): Gathered {
    const entry: Gathered = { ends, draft: draftOf(ends, ends.key), past: null };
    this.#byNumber[ends.number] = entry;
    this.all.push(entry);
    return entry;
  }
}
