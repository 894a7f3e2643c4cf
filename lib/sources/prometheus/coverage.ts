import type { Gap, TimeSpan } from "#mesh";
import type { PrometheusClient } from "./client.ts";
import { isTooMuch, PrometheusError } from "./schema.ts";

const SHORTEST_STEP_SECONDS = 60;
const STEPS = 240;
const FEWEST_STEPS = 8;
const MOST_JOBS = 50;

/** What is known of a window: the parts in which something was scraped; `null` where nobody can tell. */
export interface Coverage {
  readonly covered: readonly TimeSpan[] | null;
  readonly gaps: readonly Gap[];
  /** why the server did not tell, where it may the next time */
  readonly failure?: string;
}

export interface CoverageQuestion {
  readonly client: PrometheusClient;
  readonly matchers: string;
  /** jobs that scrape Istio's metrics; empty: not known, any will do */
  readonly jobs: readonly string[];
  readonly signal: AbortSignal;
}

function escaped(job: string): string {
  return job.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&").replaceAll("\\", "\\\\").replaceAll('"', '\\"');
}

export function coverageText({ jobs, matchers }: Pick<CoverageQuestion, "jobs" | "matchers">): string {
  const narrowed = jobs.length === 0 || jobs.length > MOST_JOBS ? [] : [`job=~"${jobs.map(escaped).join("|")}"`];
  return `count(up{${[...narrowed, matchers].filter((matcher) => matcher !== "").join(",")}} == 1)`;
}

/** Each step that has an answer covers the time since the step before. */
function spansOf(times: readonly number[], { startMs, endMs }: TimeSpan, stepMs: number): readonly TimeSpan[] {
  const spans: { startMs: number; endMs: number }[] = [];
  for (const time of times) {
    const start = Math.max(startMs, time - stepMs);
    const last = spans.at(-1);
    if (last !== undefined && start <= last.endMs) last.endMs = Math.min(endMs, time);
    else if (time > startMs) spans.push({ startMs: start, endMs: Math.min(endMs, time) });
  }
  return spans;
}

export function momentText(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 16).replace("T", " ")} UTC`;
}

/** The parts of `whole` that none of the spans covers. */
export function uncovered(whole: TimeSpan, spans: readonly TimeSpan[]): readonly TimeSpan[] {
  const holes: TimeSpan[] = [];
  let untilMs = whole.startMs;
  for (const { startMs, endMs } of spans) {
    if (startMs > untilMs) holes.push({ startMs: untilMs, endMs: startMs });
    untilMs = Math.max(untilMs, endMs);
  }
  return untilMs < whole.endMs ? [...holes, { startMs: untilMs, endMs: whole.endMs }] : holes;
}

/** What both cover. Each list is in order and does not overlap itself. */
export function inBoth(one: readonly TimeSpan[], other: readonly TimeSpan[]): readonly TimeSpan[] {
  return one.flatMap((span) => other
    .map(({ startMs, endMs }) => ({ startMs: Math.max(startMs, span.startMs), endMs: Math.min(endMs, span.endMs) }))
    .filter(({ startMs, endMs }) => startMs < endMs));
}

/** Spans that touch become one; in order of time. */
export function joined(spans: readonly TimeSpan[]): readonly TimeSpan[] {
  const merged: { startMs: number; endMs: number }[] = [];
  for (const { startMs, endMs } of spans.toSorted((one, another) => one.startMs - another.startMs)) {
    const last = merged.at(-1);
    if (last !== undefined && startMs <= last.endMs) last.endMs = Math.max(last.endMs, endMs);
    else merged.push({ startMs, endMs });
  }
  return merged;
}

function holeGap(hole: TimeSpan, window: TimeSpan): Gap {
  const wanted = `traffic from ${momentText(hole.startMs)} to ${momentText(hole.endMs)}`;
  if (hole.startMs > window.startMs) return { wanted, because: "nothing was scraped then: Prometheus was down, or could not reach the proxies" };
  return { wanted, because: "nothing is stored from then: scraping began later, or the retention of Prometheus ends there" };
}

/** In halves where it is too much at once. */
async function timesIn(question: CoverageQuestion, window: TimeSpan, stepSeconds: number): Promise<readonly number[]> {
  const { client, signal } = question;
  try {
    return await client.answered(coverageText(question), { ...window, stepSeconds }, signal);
  } catch (error) {
    const steps = Math.floor((window.endMs - window.startMs) / 1000 / stepSeconds);
    if (!(error instanceof PrometheusError) || !isTooMuch(error.trouble) || steps < FEWEST_STEPS) throw error;
    const middleMs = window.startMs + Math.floor(steps / 2) * stepSeconds * 1000;
    const older = await timesIn(question, { startMs: window.startMs, endMs: middleMs }, stepSeconds);
    return [...new Set([...older, ...(await timesIn(question, { startMs: middleMs, endMs: window.endMs }, stepSeconds))])];
  }
}

/** What is not known while nobody has answered. */
export const COVERAGE = "which part of the window was scraped";

/** To within five minutes: for so long Prometheus takes the last sample for the present one. */
export async function coverageOf(question: CoverageQuestion, window: TimeSpan): Promise<Coverage> {
  const seconds = (window.endMs - window.startMs) / 1000;
  const stepSeconds = Math.max(SHORTEST_STEP_SECONDS, Math.ceil(seconds / STEPS));
  const wanted = COVERAGE;
  try {
    // steps end with the window: what is left over is at its beginning, and the first step covers it
    const leftOverMs = (window.endMs - window.startMs) % (stepSeconds * 1000);
    const times = await timesIn(question, { startMs: window.startMs + leftOverMs, endMs: window.endMs }, stepSeconds);
    if (times.length === 0) return { covered: null, gaps: [{ wanted, because: `\`${question.client.address}\` has no \`up\` in it: a window without traffic cannot be told from one that was not scraped` }] };
    const covered = spansOf(times, window, stepSeconds * 1000);
    // the newest step may lie after the last scrape
    const holes = uncovered(window, covered).filter(({ startMs, endMs }) => endMs - startMs >= 2 * SHORTEST_STEP_SECONDS * 1000);
    return { covered, gaps: holes.map((hole) => holeGap(hole, window)) };
  } catch (error) {
    const because = error instanceof Error ? error.message : "it failed";
    const stays = error instanceof PrometheusError && error.trouble === "size";
    return { covered: null, gaps: [{ wanted, because }], ...(stays ? {} : { failure: because }) };
  }
}
