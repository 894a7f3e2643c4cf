import type { Gap } from "#mesh";
import type { PrometheusClient } from "./client.ts";
import type { Query, QueryName } from "./queries.ts";
import { PrometheusError, type Sample } from "./schema.ts";

export type Answers = Readonly<Partial<Record<QueryName, readonly Sample[]>>>;

export interface Asked {
  readonly answers: Answers;
  readonly gaps: readonly Gap[];
  /** what failed, in words */
  readonly failures: readonly string[];
  /** one at least was more than the server can do: smaller questions may be answered */
  readonly tooMuch: boolean;
  readonly atMs: number;
}

export interface Asking {
  readonly client: PrometheusClient;
  readonly endMs: number | null;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** Puts questions side by side. What fails is a gap with the question's purpose; the others stand. */
export async function ask({ client, endMs, nowMs, signal }: Asking, questions: readonly (readonly [QueryName, Query])[]): Promise<Asked> {
  const settled = await Promise.allSettled(questions.map(([, query]) => client.query(query.text, endMs, signal)));
  const answers: Partial<Record<QueryName, readonly Sample[]>> = {};
  const gaps: Gap[] = [];
  const failures: string[] = [];
  let tooMuch = false;
  questions.forEach(([name, { purpose }], index) => {
    const result = settled[index];
    if (result?.status === "fulfilled") {
      answers[name] = result.value.samples;
      gaps.push(...result.value.warnings.map((warning) => ({ wanted: purpose, because: `\`${client.address}\` warns that its answer may be incomplete: ${warning}` })));
      return;
    }
    const because = result?.reason instanceof Error ? result.reason.message : "it failed";
    failures.push(because);
    tooMuch ||= result?.reason instanceof PrometheusError && result.reason.tooMuch;
    gaps.push({ wanted: purpose, because });
  });
  return { answers, gaps, failures, tooMuch, atMs: nowMs };
}

/** How long a first picture waits for a slow answer before it is shown without. */
const PATIENCE_MS = 5_000;

/** Answers are of no use any more after so many intervals without a new one. */
const EXPIRES_AFTER = 5;

/**
 * A slow question whose last answer goes with several refreshes. It is waited for at first, a while; later it is asked again beside a refresh
 * that takes the old answer. What fails keeps its last answer until that expires, and the gap says so meanwhile.
 */
export class Beside {
  readonly #intervalMs: number;
  #last: { readonly span: string; readonly asked: Asked; readonly triedAtMs: number } | null = null;
  #pending: Promise<void> | null = null;

  readonly #wanted: readonly string[];

  /** @param wanted what the answer is for, in words, for the gap while there is none */
  constructor(intervalMs: number, wanted: readonly string[]) {
    this.#intervalMs = intervalMs;
    this.#wanted = wanted;
  }

  async answer(span: string, nowMs: number, asking: () => Promise<Asked>): Promise<Asked> {
    if (this.#last?.span !== span) {
      await this.#pending;
      this.#last = null;
    }
    if (this.#last === null || nowMs - this.#last.triedAtMs >= this.#intervalMs) this.#pending ??= this.#ask(span, nowMs, asking);
    if (this.#last === null) await patiently(this.#pending);
    return this.#last?.asked ?? { answers: {}, gaps: this.#wanted.map((wanted) => ({ wanted, because: "the question takes long; its answer is shown with one of the next refreshes" })), failures: [], tooMuch: false, atMs: nowMs };
  }

  /** whether there is an answer for this span, be it an old one */
  hasAnswered(span: string): boolean {
    return this.#last?.span === span;
  }

  /** The last answer, without waiting for another; asks again when it is due. */
  atHand(span: string, nowMs: number, asking: () => Promise<Asked>): Asked | null {
    const last = this.#last?.span === span ? this.#last : null;
    if (this.#pending === null && (last === null || nowMs - last.triedAtMs >= this.#intervalMs)) this.#pending = this.#ask(span, nowMs, asking);
    return last?.asked ?? null;
  }

  async settled(): Promise<void> {
    await this.#pending;
  }

  async #ask(span: string, nowMs: number, asking: () => Promise<Asked>): Promise<void> {
    const before = this.#last?.asked;
    const asked = await asking();
    const keep = before !== undefined && asked.failures.length > 0 && nowMs - before.atMs < this.#intervalMs * EXPIRES_AFTER;
    this.#last = { span, triedAtMs: nowMs, asked: keep ? { ...asked, answers: { ...before.answers, ...asked.answers }, atMs: before.atMs } : asked };
    this.#pending = null;
  }
}

async function patiently(pending: Promise<void> | null): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((wake) => {
    timer = setTimeout(wake, PATIENCE_MS);
  });
  await Promise.race([pending, enough]);
  clearTimeout(timer);
}
