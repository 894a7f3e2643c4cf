import { field, labelFields, postWriteRequest, varint } from "../../../test/support/prometheus.ts";
import type { Counter } from "./series.ts";

// Years of remote-write in a minute: samples are written as bytes at once, without an object each.

const INTERVAL_MS = 60_000;
const WINDOW_MS = 900_000;
/** the window and most of the look-back: more is written for minutes and changes no question's cost */
const BEFORE_MS = 50 * 60_000;
/** Prometheus takes samples of the next ten minutes: traffic goes on while the measuring goes on */
export const MOST_AHEAD_MS = 9 * 60_000;
/** all counters began then */
const BEGIN_MS = Date.UTC(2026, 0, 1);
const IDLE_SINCE_MS = 20 * 60_000;
/** nothing older than an hour before the newest sample is taken */
const SLICE_MS = 30 * 60_000;
const COUNTERS_OF_ONE_WRITE = 4000;

interface Prepared {
  readonly counter: Counter;
  readonly labels: Buffer;
}

/** A value, then a time in milliseconds, which takes six bytes in this century. */
function sample(atMs: number, value: number): Buffer {
  const double = Buffer.alloc(9);
  double[0] = 9;
  double.writeDoubleLE(value, 1);
  return field(2, Buffer.concat([double, Buffer.from([16]), varint(atMs)]));
}

function timesBetween(startMs: number, endMs: number): readonly number[] {
  return Array.from({ length: Math.ceil((endMs - startMs) / INTERVAL_MS) }, (_, at) => startMs + at * INTERVAL_MS);
}

/** When is written, and what counts as now: idle counters stopped some time before it. */
export interface Moments {
  readonly times: readonly number[];
  readonly nowMs: number;
}

/** A counter's value is a matter of the wall clock alone, so that whoever writes later goes on where the history ended. */
function samplesOf({ perWindow, base = 0, idle }: Counter, { times, nowMs }: Moments): Buffer {
  return Buffer.concat(times.map((atMs) => sample(atMs, base + (perWindow * (Math.min(atMs, idle ? nowMs - IDLE_SINCE_MS : atMs) - BEGIN_MS)) / WINDOW_MS)));
}

function prepare(counters: readonly Counter[]): readonly Prepared[] {
  return counters.map((counter) => ({ counter, labels: labelFields(counter.labels) }));
}

async function writePrepared(url: string, prepared: readonly Prepared[], moments: Moments): Promise<void> {
  for (let at = 0; at < prepared.length; at += COUNTERS_OF_ONE_WRITE) {
    const written = prepared.slice(at, at + COUNTERS_OF_ONE_WRITE).map(({ counter, labels }) => field(1, Buffer.concat([labels, samplesOf(counter, moments)])));
    await postWriteRequest(url, Buffer.concat(written));
  }
}

export async function writeSamples(url: string, counters: readonly Counter[], moments: Moments): Promise<void> {
  await writePrepared(url, prepare(counters), moments);
}

/** Writes the counters as if they had been scraped every minute until `nowMs`, and on for `aheadMs`, at most `MOST_AHEAD_MS`. */
export async function writeHistory(url: string, counters: readonly Counter[], { nowMs, aheadMs }: { readonly nowMs: number; readonly aheadMs: number }): Promise<void> {
  const prepared = prepare(counters);
  const endMs = nowMs + Math.min(aheadMs, MOST_AHEAD_MS);
  for (let startMs = nowMs - BEFORE_MS; startMs < endMs; startMs += SLICE_MS) {
    await writePrepared(url, prepared, { times: timesBetween(startMs, Math.min(startMs + SLICE_MS, endMs)), nowMs });
  }
}
