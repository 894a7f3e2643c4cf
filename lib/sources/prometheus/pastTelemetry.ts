import type { Gap, Telemetry, TimeSpan } from "#mesh";
import { eachOnce } from "#mesh";
import type { Asked } from "./beside.ts";
import { inBoth, joined, type Coverage } from "./coverage.ts";
import { flat, NO_ANSWERS, silence, type Basis } from "./followed.ts";
import { addWindow, doubtsOf, mapLookBack, rowsByKey, type Rows, type WindowVectors } from "./map.ts";
import type { Piece } from "./pieceQuestions.ts";
import { secondsOf } from "./pieces.ts";
import { howMuch, unreadGaps, type Plan } from "./plan.ts";
import type { Seen } from "./row.ts";
import type { EdgeKey, Tallies } from "./tally.ts";

/** A piece that is not all there is, and what stands of it meanwhile. */
export interface Unfinished {
  readonly piece: Piece;
  readonly gaps: readonly Gap[];
  readonly vectors: WindowVectors | null;
}

/** What is known beside what was read for good. */
export interface Meanwhile {
  readonly address: string;
  readonly basis: Basis;
  readonly plan: Plan;
  /** why nothing more is read; `null`: it is being read */
  readonly stopped: string | null;
  readonly unfinished: readonly Unfinished[];
  readonly coverage: Coverage | null;
}

/** `null` where it is not known what there was. */
export function vectorsOf({ answers }: Asked): WindowVectors | null {
  return answers.requests === undefined || answers.connections === undefined ? null : { ...NO_ANSWERS, ...answers };
}

/** What has been read of a window that ended, piece by piece, and of what came before it. */
export class PastTelemetry {
  readonly #whole: TimeSpan;
  readonly #tallies: Tallies = new Map();
  /** by what carried traffic: when last */
  readonly #lookBack = new Map<EdgeKey, { readonly untilMs: number; readonly rows: Rows }>();
  readonly #read: TimeSpan[] = [];
  readonly #gaps: Gap[] = [];

  constructor(whole: TimeSpan) {
    this.#whole = whole;
  }

  lacks(gaps: readonly Gap[]): void {
    this.#gaps.push(...gaps);
  }

  addWindow({ startMs, endMs }: Piece, vectors: WindowVectors): void {
    addWindow(this.#tallies, vectors, this.#seenIn({ startMs, endMs }));
    this.#read.push({ startMs, endMs });
    this.lacks(doubtsOf(vectors));
  }

  addLookBack({ startMs, endMs: untilMs }: Piece, { answers }: Asked): void {
    const seen = mapLookBack(answers.lookBack ?? [], { afterMs: startMs, untilMs });
    for (const [key, rows] of seen) if ((this.#lookBack.get(key)?.untilMs ?? 0) < untilMs) this.#lookBack.set(key, { untilMs, rows });
  }

  told({ address, basis, plan, stopped, unfinished, coverage }: Meanwhile): Telemetry {
    const { tallies, read } = this.#withWhatStands(unfinished);
    const rows = flat(rowsByKey(tallies));
    const lookBackRows = [...this.#lookBack].flatMap(([key, { rows: before }]) => (tallies.has(key) ? [] : before));
    const covered = coverage?.covered == null ? read : inBoth(read, coverage.covered);
    const words = howMuch(read, this.#whole);
    const unread = unreadGaps(plan, stopped, words);
    const silent = read.length === 0 ? [] : silence(address, { rows, lookBackRows }, unread.length === 0 ? undefined : `the ${words} that have been read`);
    const gaps = [...this.#gaps, ...unfinished.flatMap((one) => one.gaps), ...unread, ...(coverage?.gaps ?? []), ...silent];
    return { ...basis, rows, lookBackRows, covered, gaps: eachOnce(gaps) };
  }

  /** What was read, and of the pieces that are not all there is what was answered: that is not added up for good. */
  #withWhatStands(unfinished: readonly Unfinished[]): { readonly tallies: Tallies; readonly read: readonly TimeSpan[] } {
    const standing = unfinished.flatMap(({ piece: { startMs, endMs }, vectors }) => (vectors === null ? [] : [{ span: { startMs, endMs }, vectors }]));
    if (standing.length === 0) return { tallies: this.#tallies, read: joined(this.#read) };
    const tallies = structuredClone(this.#tallies);
    for (const { span, vectors } of standing) addWindow(tallies, vectors, this.#seenIn(span));
    return { tallies, read: joined([...this.#read, ...standing.map(({ span }) => span)]) };
  }

  /** `null` where it is one piece: then nobody asked when. */
  #seenIn(piece: TimeSpan): Seen | null {
    return secondsOf(piece) === secondsOf(this.#whole) ? null : { afterMs: piece.startMs, untilMs: piece.endMs };
  }
}
