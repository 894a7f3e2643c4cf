import type { TimeSpan } from "#mesh";
import { ask, askInParts, isLarge, type Asked } from "./beside.ts";
import type { Asker } from "./followed.ts";
import { AT_ONCE } from "./pace.ts";
import { secondsOf } from "./pieces.ts";
import { EDGE_QUERIES, partsFor, PURPOSES, queriesFor, WINDOW_QUERIES, type Query, type QueryName, type Span } from "./queries.ts";
import { recordedQueries } from "./recorded.ts";

/** One piece of a window or of its look-back; what is recorded of it is read from there. */
export interface Piece extends TimeSpan {
  readonly recorded: boolean;
}

type Asking = Omit<Asker, "scraping"> & { readonly nowMs: number };

async function askAt({ client, signal, nowMs }: Asking, endMs: number, queries: readonly (readonly [QueryName, Query])[]): Promise<Asked> {
  return await ask({ client, endMs, nowMs, signal }, queries);
}

function picked<Name extends QueryName>(queries: Readonly<Record<Name, Query>>, names: readonly Name[]): readonly (readonly [Name, Query])[] {
  return names.map((name) => [name, queries[name]]);
}

/** How the pieces of a window that ended are asked for. */
export class PieceQuestions {
  readonly #asker: Omit<Asker, "scraping">;
  #isLarge = false;

  constructor(asker: Omit<Asker, "scraping">) {
    this.#asker = asker;
  }

  /** The slow question after the others: it is asked in parts where they told of a large mesh, and not at all where they failed. */
  async ofWindow(piece: Piece, nowMs: number): Promise<Asked> {
    const span = { windowSeconds: secondsOf(piece), lookBackSeconds: 0 };
    const { matchers } = this.#asker;
    const asking = { ...this.#asker, nowMs };
    if (piece.recorded) return await askAt(asking, piece.endMs, picked(recordedQueries(matchers, span.windowSeconds), WINDOW_QUERIES));
    const edges = await askAt(asking, piece.endMs, picked(queriesFor({ ...span, matchers }), EDGE_QUERIES));
    this.#isLarge ||= isLarge(edges.answers);
    const [failure] = edges.failures;
    if (failure !== undefined) return { ...edges, gaps: [...edges.gaps, { wanted: PURPOSES.bytesAndBirths, because: failure }] };
    const births = await this.#inParts(asking, "bytesAndBirths", { ...span, endMs: piece.endMs });
    return { ...births, answers: { ...edges.answers, ...births.answers }, gaps: [...edges.gaps, ...births.gaps] };
  }

  /** @param windowEndMs the counters are asked as of then, so that what is between counts as the window */
  async ofLookBack(piece: Piece, windowEndMs: number, nowMs: number): Promise<Asked> {
    const asking = { ...this.#asker, nowMs };
    const lookBackSeconds = secondsOf(piece);
    if (piece.recorded) return await askAt(asking, piece.endMs, picked(recordedQueries(this.#asker.matchers, lookBackSeconds), ["lookBack"]));
    return await this.#inParts(asking, "lookBack", { endMs: windowEndMs, windowSeconds: Math.round((windowEndMs - piece.endMs) / 1000), lookBackSeconds });
  }

  async #inParts({ client, matchers, signal, nowMs }: Asking, name: QueryName, { endMs, ...span }: Omit<Span, "matchers"> & { readonly endMs: number }): Promise<Asked> {
    const parts = partsFor({ ...span, matchers })[name];
    return await askInParts({ client, endMs, nowMs, signal }, { name, purpose: PURPOSES[name], parts: this.#isLarge ? parts : [parts.join(" or ")] }, AT_ONCE);
  }
}
