import type { TimeSpan } from "#mesh";
import { NOT_YET, withPatience } from "./beside.ts";
import { COVERAGE, coverageOf, type Coverage, type CoverageQuestion } from "./coverage.ts";

/**
 * Which part of a window that moves on was scraped: asked once in a while beside the refreshes. In between, what was covered to the end of the
 * window is taken to be covered still.
 */
export class CoveredWindow {
  readonly #intervalMs: number;
  #last: { readonly coverage: Coverage; readonly window: TimeSpan } | null = null;
  #pending: Promise<void> | null = null;

  constructor(intervalMs: number) {
    this.#intervalMs = intervalMs;
  }

  /** @param patienceMs how long a first answer is waited for */
  async at(window: TimeSpan, question: CoverageQuestion, patienceMs: number): Promise<Coverage> {
    if (this.#last === null || window.endMs - this.#last.window.endMs >= this.#intervalMs) this.#pending ??= this.#ask(window, question);
    if (this.#last === null) await withPatience(this.#pending, patienceMs);
    if (this.#last === null) return { covered: null, gaps: [{ wanted: COVERAGE, because: NOT_YET }] };
    const { coverage: { covered, gaps }, window: asked } = this.#last;
    if (covered === null) return { covered, gaps };
    const moved = covered.map(({ startMs, endMs }) => ({ startMs: Math.max(startMs, window.startMs), endMs: endMs === asked.endMs ? window.endMs : endMs }));
    return { covered: moved.filter(({ startMs, endMs }) => startMs < endMs), gaps };
  }

  async settled(): Promise<void> {
    await this.#pending;
  }

  async #ask(window: TimeSpan, question: CoverageQuestion): Promise<void> {
    this.#last = { coverage: await coverageOf(question, window), window };
    this.#pending = null;
  }
}
