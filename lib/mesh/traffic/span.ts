import { pairKey, type EdgeDraft } from "./draft.ts";

/** What the window tells of all edges, or what the look-back does. */
export class Span {
  readonly #drafts: readonly EdgeDraft[];
  readonly #find: (key: string) => EdgeDraft | null;
  #pairs: ReadonlySet<string> | null = null;

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
    this.#pairs ??= new Set(this.#drafts.filter((one) => one.destination.length > 0 || one.waypoint.length > 0).map(pairKey));
    return this.#pairs.has(pairKey(draft));
  }
}
