import { field, labelFields, postWriteRequest, varint } from "../../../test/support/prometheus.ts";
import type { Counter } from "./series.ts";

// Years of remote-write in a minute: samples are written as bytes at once, without an object each.

const INTERVAL_MS = 60_000;
const WINDOW_MS = 900_000;
/** window and look-back, and a little more */
const BEFORE_MS = 80 * 60_000;
/** Prometheus takes samples of the next ten minutes: traffic goes on while the measuring goes on */
const AFTER_MS = 9 * 60_000;
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

function samplesOf({ perWindow, idle }: Counter, times: readonly number[], nowMs: number): Buffer {
  const beginMs = nowMs - BEFORE_MS - WINDOW_MS;
  return Buffer.concat(times.map((atMs) => sample(atMs, (perWindow * (Math.min(atMs, idle ? nowMs - IDLE_SINCE_MS : atMs) - beginMs)) / WINDOW_MS)));
}

/** Writes the counters as if they had been scraped every minute until `nowMs`, and a few minutes on. */
export async function writeHistory(url: string, counters: readonly Counter[], nowMs: number): Promise<void> {
  const prepared: readonly Prepared[] = counters.map((counter) => ({ counter, labels: labelFields(counter.labels) }));
  for (let startMs = nowMs - BEFORE_MS; startMs < nowMs + AFTER_MS; startMs += SLICE_MS) {
    const times = timesBetween(startMs, Math.min(startMs + SLICE_MS, nowMs + AFTER_MS));
    for (let at = 0; at < prepared.length; at += COUNTERS_OF_ONE_WRITE) {
      const written = prepared.slice(at, at + COUNTERS_OF_ONE_WRITE).map(({ counter, labels }) => field(1, Buffer.concat([labels, samplesOf(counter, times, nowMs)])));
      await postWriteRequest(url, Buffer.concat(written));
    }
  }
}
