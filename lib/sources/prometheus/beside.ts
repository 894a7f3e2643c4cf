import type { Gap } from "#mesh";
import type { PrometheusClient } from "./client.ts";
import type { Pace } from "./pace.ts";
import type { Query, QueryName } from "./queries.ts";
import type { Sample } from "./sample.ts";
import { isTooMuch, PrometheusError, type Trouble } from "./schema.ts";

export type Answers = Readonly<Partial<Record<QueryName, readonly Sample[]>>>;

/** From so many sums on, slow questions are asked in parts. */
const LARGE = 10_000;

/** Whether a mesh is large, as told by what the questions for its edges were answered. */
export function isLarge({ requests, connections, clientSide }: Answers): boolean {
  return (requests?.length ?? 0) + (connections?.length ?? 0) + (clientSide?.length ?? 0) > LARGE;
}

export interface Asked {
  readonly answers: Answers;
  readonly gaps: readonly Gap[];
  /** what failed, in words */
  readonly failures: readonly string[];
  /** one at least was more than the server can do: smaller questions may be answered */
  readonly tooMuch: boolean;
  /** one at least may be answered when it is asked again */
  readonly mayPass: boolean;
  readonly atMs: number;
  /** the server's time, without waiting for a turn */
  readonly tookMs: number;
}

export interface Asking {
  readonly client: PrometheusClient;
  readonly endMs: number | null;
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** Puts questions side by side. What fails is a gap with the question's purpose; the others stand. */
export async function ask({ client, endMs, nowMs, signal }: Asking, questions: readonly (readonly [QueryName, Query])[]): Promise<Asked> {
  const startedMs = performance.now();
  const settled = await Promise.allSettled(questions.map(([, query]) => client.query(query.text, endMs, signal)));
  const answers: Partial<Record<QueryName, readonly Sample[]>> = {};
  const gaps: Gap[] = [];
  const failures: string[] = [];
  const troubles: Trouble[] = [];
  questions.forEach(([name, { purpose }], index) => {
    const result = settled[index];
    if (result?.status === "fulfilled") {
      answers[name] = result.value.samples;
      gaps.push(...result.value.warnings.map((warning) => ({ wanted: purpose, because: `\`${client.address}\` warns that its answer may be incomplete: ${warning}` })));
      return;
    }
    const because = result?.reason instanceof Error ? result.reason.message : "it failed";
    failures.push(because);
    troubles.push(result?.reason instanceof PrometheusError ? result.reason.trouble : "fault");
    gaps.push({ wanted: purpose, because });
  });
  return { answers, gaps, failures, tooMuch: troubles.some(isTooMuch), mayPass: troubles.some((trouble) => trouble !== "size"), atMs: nowMs, tookMs: performance.now() - startedMs };
}

export interface InParts {
  readonly name: QueryName;
  readonly purpose: string;
  readonly parts: readonly string[];
}

/** Puts one question vector by vector, in turn with others. It is answered when all of them are. */
export async function askInParts(asking: Asking, { name, purpose, parts }: InParts, pace: Pick<Pace, "turn">): Promise<Asked> {
  const answered: Asked[] = [];
  for (const text of parts) {
    const one = await pace.turn(() => ask(asking, [[name, { purpose, text }]]));
    if (one.failures.length > 0) return one;
    answered.push(one);
  }
  const samples = answered.flatMap(({ answers }) => answers[name] ?? []);
  return { answers: { [name]: samples }, gaps: answered.flatMap(({ gaps }) => gaps), failures: [], tooMuch: false, mayPass: false, atMs: asking.nowMs, tookMs: answered.reduce((sum, { tookMs }) => sum + tookMs, 0) };
}

/** Answers are of no use any more after so many intervals without a new one. */
const EXPIRES_AFTER = 5;
/** What takes the server long is asked less often: it has at least so many times as long without it. */
const REST = 3;
/** What failed is asked again after so many times less than the interval. */
const SOONER = 4;

/** One reading of a slow question. */
export interface Turn {
  /** tells the window and the look-back asked for from others: nothing of one goes with another */
  readonly span: string;
  readonly nowMs: number;
  readonly asking: () => Promise<Asked>;
}

interface Last {
  readonly span: string;
  readonly asked: Asked;
  readonly dueAtMs: number;
}

/**
 * A slow question whose last answer goes with several refreshes. It is waited for at first, as long as told; later it is asked again beside a
 * refresh that takes the old answer. What fails keeps its last answer until that expires, and the gap says so meanwhile.
 */
export class Beside {
  readonly #intervalMs: number;
  readonly #wanted: readonly string[];
  #last: Last | null = null;
  #pending: { readonly span: string; readonly asking: Promise<void> } | null = null;

  /** @param wanted what the answer is for, in words, for the gap while there is none */
  constructor(intervalMs: number, wanted: readonly string[]) {
    this.#intervalMs = intervalMs;
    this.#wanted = wanted;
  }

  async answer(turn: Turn, patienceMs: number): Promise<Asked> {
    if (this.#pending !== null && this.#pending.span !== turn.span) await withPatience(this.#pending.asking, patienceMs);
    if (this.#last?.span !== turn.span) this.#last = null;
    this.#askWhereDue(turn);
    if (this.#last === null) await withPatience(this.#pending?.asking ?? null, patienceMs);
    return this.#known(turn.span) ?? { answers: {}, gaps: this.#wanted.map((wanted) => ({ wanted, because: NOT_YET })), failures: [], tooMuch: false, mayPass: false, atMs: turn.nowMs, tookMs: 0 };
  }

  /** whether there is an answer for this span, be it an old one */
  hasAnswered(span: string): boolean {
    return this.#last?.span === span;
  }

  /** The last answer, without waiting for another; asks again when it is due. */
  atHand(turn: Turn): Asked | null {
    this.#askWhereDue(turn);
    return this.#known(turn.span);
  }

  async settled(): Promise<void> {
    await this.#pending?.asking;
  }

  #known(span: string): Asked | null {
    return this.#last?.span === span ? this.#last.asked : null;
  }

  #askWhereDue(turn: Turn): void {
    if (this.#last?.span !== turn.span || turn.nowMs >= this.#last.dueAtMs) this.#pending ??= { span: turn.span, asking: this.#ask(turn) };
  }

  async #ask({ span, nowMs, asking }: Turn): Promise<void> {
    const before = this.#last?.asked;
    const asked = await asking();
    const { tookMs } = asked;
    const keep = before !== undefined && asked.failures.length > 0 && nowMs - before.atMs < this.#intervalMs * EXPIRES_AFTER;
    const dueAtMs = nowMs + (asked.failures.length > 0 ? Math.max(this.#intervalMs / SOONER, tookMs * 2) : Math.max(this.#intervalMs, tookMs * (1 + REST)));
    this.#last = { span, dueAtMs, asked: keep ? { ...asked, answers: { ...before.answers, ...asked.answers }, atMs: before.atMs } : asked };
    this.#pending = null;
  }
}

export const NOT_YET = "not read yet: the question takes long; its answer is shown with one of the next refreshes";

/** Waits for what is under way, but not longer than that. */
export async function withPatience(pending: Promise<void> | null, patienceMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((wake) => {
    timer = setTimeout(wake, patienceMs);
  });
  await Promise.race([pending, enough]);
  clearTimeout(timer);
}
