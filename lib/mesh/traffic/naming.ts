import { appended, compareText, groupBy, insertedByKey } from "../order.ts";
import type { Directory } from "./directory.ts";
import { edgeKey, type DraftEnds } from "./draft.ts";
import { Ends } from "./party.ts";
import type { TrafficRow } from "./telemetry.ts";

/** What identifies an edge, under a number of its own: positions are found quicker by numbers than by texts. */
export interface NamedEnds extends DraftEnds {
  readonly key: string;
  readonly number: number;
}

const NONE: readonly never[] = [];
/** two of them make one number that a double holds exactly */
const MOST_PARTIES = 2 ** 26;

/** Of one client. */
function byRest(one: NamedEnds, other: NamedEnds): number {
  return compareText(one.server.start, other.server.start) || compareText(one.key, other.key);
}

/** By key, ascending. A key begins with its client's, then its server's: comparing these alone compares fewer and shorter texts. */
function sorted(all: readonly NamedEnds[]): readonly NamedEnds[] {
  const byClient = groupBy(all, ({ client }) => client.start);
  const starts = [...byClient.keys()].sort();
  return starts.flatMap((start) => byClient.get(start)?.toSorted(byRest) ?? []);
}

/** Finds which edge a row tells of. What an edge is called is worked out once, however often it is told of, by one reading of telemetry or by many. */
export class Naming {
  readonly ends: Ends;
  readonly #all: NamedEnds[] = [];
  #ordered: readonly NamedEnds[] = NONE;
  readonly #firsts = new Map<number, NamedEnds>();
  /** of another host or family between the same two */
  readonly #others = new Map<number, readonly NamedEnds[]>();

  constructor(directory: Directory) {
    this.ends = new Ends(directory);
  }

  get size(): number {
    return this.#all.length;
  }

  /** All that were named, by key, ascending. */
  get ordered(): readonly NamedEnds[] {
    const known = this.#ordered.length;
    const named = this.#all.slice(known);
    if (named.length > known) this.#ordered = sorted(this.#all);
    else if (named.length > 0) this.#ordered = insertedByKey(this.#ordered, named);
    return this.#ordered;
  }

  of(row: TrafficRow): NamedEnds {
    const client = this.ends.client(row);
    const server = this.ends.server(row);
    const host = this.ends.host(row);
    const { family } = row;
    const pair = client.number * MOST_PARTIES + server.number;
    const first = this.#firsts.get(pair);
    if (first !== undefined && first.host === host && first.family === family) return first;
    const known = first === undefined ? undefined : this.#others.get(pair)?.find((other) => other.host === host && other.family === family);
    return known ?? this.#name(pair, { client, server, host, family });
  }

  #name(pair: number, ends: DraftEnds): NamedEnds {
    const named = { ...ends, key: edgeKey(ends), number: this.#all.length };
    this.#all.push(named);
    if (!this.#firsts.has(pair)) this.#firsts.set(pair, named);
    else this.#others.set(pair, appended(this.#others.get(pair) ?? NONE, named));
    return named;
  }
}
