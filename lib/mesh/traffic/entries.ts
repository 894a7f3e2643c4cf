import { appended } from "../order.ts";
import { draftOf, edgeKey, isTold, type DraftEnds, type EdgeDraft } from "./draft.ts";
import type { Ends } from "./party.ts";
import type { TrafficRow } from "./telemetry.ts";

/** An edge that rows tell of: what the window tells, and what the look-back does. */
export interface Entry {
  readonly draft: EdgeDraft;
  readonly past: EdgeDraft | null;
}

type Gathered = Entry & { past: EdgeDraft | null };

const NONE: readonly never[] = [];
/** two of them make one number that a double holds exactly */
const MOST_PARTIES = 2 ** 26;

/** Finds entries by who and what rows are of, and makes a key only for new ones. */
export class Entries {
  readonly all: Gathered[] = [];
  readonly #ends: Ends;
  readonly #firsts = new Map<number, Gathered>();
  /** of another host or family between the same two */
  readonly #others = new Map<number, readonly Gathered[]>();

  constructor(ends: Ends) {
    this.#ends = ends;
  }

  /** Those of which rows are left. */
  get told(): readonly Entry[] {
    for (const entry of this.all) if (entry.past !== null && !isTold(entry.past)) entry.past = null;
    return this.all.filter(({ draft, past }) => past !== null || isTold(draft));
  }

  current(row: TrafficRow): EdgeDraft {
    return this.#of(row).draft;
  }

  past(row: TrafficRow): EdgeDraft {
    const entry = this.#of(row);
    entry.past ??= draftOf(entry.draft, entry.draft.key);
    return entry.past;
  }

  #of(row: TrafficRow): Gathered {
    const client = this.#ends.client(row);
    const server = this.#ends.server(row);
    const host = this.#ends.host(row);
    const { family } = row;
    const pair = client.number * MOST_PARTIES + server.number;
    const first = this.#firsts.get(pair);
    if (first !== undefined && first.draft.host === host && first.draft.family === family) return first;
    const known = first === undefined ? undefined : this.#others.get(pair)?.find(({ draft }) => draft.host === host && draft.family === family);
    return known ?? this.#start(pair, { client, server, host, family });
  }

  #start(pair: number, ends: DraftEnds): Gathered {
    const entry: Gathered = { draft: draftOf(ends, edgeKey(ends)), past: null };
    this.all.push(entry);
    if (!this.#firsts.has(pair)) this.#firsts.set(pair, entry);
    else this.#others.set(pair, appended(this.#others.get(pair) ?? NONE, entry));
    return entry;
  }
}
