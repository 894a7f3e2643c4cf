import { pairKey, type DraftEnds, type EdgeDraft } from "./draft.ts";
import { slackOf } from "./scraping.ts";
import { reportedRows, shortfall } from "./shortfall.ts";
import type { TrafficRow } from "./telemetry.ts";

/** What one span tells of an edge, and of the others. */
export interface Told {
  readonly draft: EdgeDraft;
  readonly span: Span;
}

/** What is told of a client, a server and a family under all hosts. */
interface Pair {
  readonly drafts: EdgeDraft[];
  isReported: boolean;
  /** what the client sent without certificate and the server did not count under that host */
  missing: number;
  /** what the server counted that was not mTLS beyond what the client told of that host */
  surplus: number;
}

function nobody({ server, family }: EdgeDraft): string {
  return `${server.key}|${family}`;
}

/** What the window tells of all edges, or what the look-back does. */
export class Span {
  readonly #drafts: readonly EdgeDraft[];
  readonly #find: (key: string) => EdgeDraft | null;
  #pairs: ReadonlyMap<string, Pair> | null = null;
  readonly #unnamed = new Map<string, number>();

  /** @param find by key */
  constructor(drafts: readonly EdgeDraft[], find: (key: string) => EdgeDraft | null) {
    this.#drafts = drafts;
    this.#find = find;
  }

  get(key: string): EdgeDraft | null {
    return this.#find(key);
  }

  /** Whether a server itself reported the client and family of a draft, under whatever host; asked for only where a client dialled past the registry. */
  isReported(draft: EdgeDraft): boolean {
    return this.#pair(draft)?.isReported === true;
  }

  /**
   * Whether what a client sent without certificate can all be among what the server counted of it under other hosts;
   * or, where it dialled past the registry, without its name. Asked for only where something is missing.
   */
  isReportedElsewhere(draft: EdgeDraft): boolean {
    const { missing, surplus } = this.#pair(draft) ?? { missing: 0, surplus: 0 };
    const told = surplus + (draft.host === null ? (this.#unnamed.get(nobody(draft)) ?? 0) : 0);
    return told > 0 && missing <= told + slackOf(missing);
  }

  /** What a server itself counted of a client and family, under all hosts. */
  reportedBetween(ends: DraftEnds): readonly TrafficRow[] {
    return (this.#pair(ends)?.drafts ?? []).flatMap(({ destination }) => destination);
  }

  #pair(draft: DraftEnds): Pair | undefined {
    this.#pairs ??= this.#gather();
    return this.#pairs.get(pairKey(draft));
  }

  #gather(): ReadonlyMap<string, Pair> {
    const pairs = new Map<string, Pair>();
    for (const draft of this.#drafts) {
      const key = pairKey(draft);
      const pair = pairs.get(key) ?? { drafts: [], isReported: false, missing: 0, surplus: 0 };
      pairs.set(key, pair);
      pair.drafts.push(draft);
      const short = shortfall(draft);
      pair.isReported ||= reportedRows(draft).length > 0;
      if (short > 0) pair.missing += short;
      else pair.surplus -= short;
      if (draft.client.party.kind === "unidentified" && short < 0) this.#unnamed.set(nobody(draft), (this.#unnamed.get(nobody(draft)) ?? 0) - short);
    }
    return pairs;
  }
}
