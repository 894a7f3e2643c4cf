import type { RefusalRow, TelemetryRow, TrafficRow } from "#mesh";
import type { Call, FlowCalls } from "./calls.ts";
import { paceOf, type Pace } from "./pace.ts";
import { reportsOf, type ProxySettings, type Report } from "./proxies.ts";

/** From this simulated moment on, until the next stretch begins, this is what happens to the flows. */
export interface Stretch {
  readonly fromMs: number;
  readonly flows: readonly FlowCalls[];
}

/** Simulated time, end exclusive. */
export interface Interval {
  readonly startMs: number;
  readonly endMs: number;
}

interface Sum {
  readonly report: Report;
  count: number;
  bytes: number;
  lastAtMs: number;
}

const BYTES_PER_CONNECTION = 4096;

function addReport(sums: Map<string, Sum>, report: Report, more: { readonly count: number; readonly bytes: number; readonly lastAtMs: number }): void {
  const key = JSON.stringify(report);
  const sum = sums.get(key) ?? { report, count: 0, bytes: 0, lastAtMs: more.lastAtMs };
  sum.count += more.count;
  sum.bytes += more.bytes;
  sum.lastAtMs = Math.max(sum.lastAtMs, more.lastAtMs);
  sums.set(key, sum);
}

/** Bytes are told of TCP; a connection that was refused carried none. */
function carriesBytes(report: Report, call: Call): boolean {
  return report.what === "traffic" && report.family === "tcp" && call.result === "accepted";
}

/** Shares the calls of one flow out among its pairs of pods; the shares add up exactly. */
function addFlow(sums: Map<string, Sum>, { flow, calls }: FlowCalls, made: { readonly count: number; readonly lastAtMs: number; readonly settings: ProxySettings }): void {
  calls.forEach((call, index) => {
    const count = Math.floor((made.count * (index + 1)) / calls.length) - Math.floor((made.count * index) / calls.length);
    if (count === 0) return;
    const bytes = count * (flow.bytesPerConnection ?? BYTES_PER_CONNECTION);
    for (const report of reportsOf(call, made.settings)) addReport(sums, report, { count, bytes: carriesBytes(report, call) ? bytes : 0, lastAtMs: made.lastAtMs });
  });
}

function rowOf({ report, count, bytes, lastAtMs }: Sum, shown: (simulatedMs: number) => number): TelemetryRow {
  const lastSeenMs = Math.floor(shown(lastAtMs));
  if (report.what === "refusal") return { ...report, count, lastSeenMs } satisfies RefusalRow;
  return { ...report, count, bytes, extrapolated: false, lastSeenMs } satisfies TrafficRow;
}

/** The past of a scene: which outcomes held when. Counts of any interval follow from it exactly. */
export class TrafficHistory {
  readonly #openedAtMs: number;
  readonly #stretches: Stretch[] = [];
  readonly #paces = new Map<FlowCalls["flow"], Pace>();

  constructor(openedAtMs: number) {
    this.#openedAtMs = openedAtMs;
  }

  /** stretches are added in the order of time */
  begin(stretch: Stretch): void {
    this.#stretches.push(stretch);
  }

  rows(interval: Interval, settings: ProxySettings, shown: (simulatedMs: number) => number): readonly TelemetryRow[] {
    const sums = new Map<string, Sum>();
    this.#stretches.forEach((stretch, index) => {
      const startMs = Math.max(interval.startMs, stretch.fromMs);
      const endMs = Math.min(interval.endMs, this.#stretches[index + 1]?.fromMs ?? Number.POSITIVE_INFINITY);
      if (startMs >= endMs) return;
      for (const flowCalls of stretch.flows) {
        const pace = this.#pace(flowCalls);
        const count = pace.upTo(endMs) - pace.upTo(startMs);
        if (count > 0) addFlow(sums, flowCalls, { count, lastAtMs: pace.lastUpTo(endMs), settings });
      }
    });
    return [...sums.values()].map((sum) => rowOf(sum, shown));
  }

  #pace({ flow }: FlowCalls): Pace {
    const pace = this.#paces.get(flow) ?? paceOf(flow, this.#openedAtMs);
    this.#paces.set(flow, pace);
    return pace;
  }
}
