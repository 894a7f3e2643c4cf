import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { Backoff } from "../../lib/pipeline/thread/backoff.ts";
import { Watchdog } from "../../lib/pipeline/thread/watchdog.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
});

afterEach(() => {
  vi.useRealTimers();
});

it("what dies soon is waited for twice as long each time, half a minute at most", () => {
  const backoff = new Backoff();
  expect(Array.from({ length: 8 }, () => backoff.next(0))).toEqual([500, 1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000]);
});

it("what lived for a minute is started again as soon as the first time", () => {
  const backoff = new Backoff();
  expect([0, 0, 59_999, 60_000, 0].map((livedMs) => backoff.next(livedMs))).toEqual([500, 1_000, 2_000, 500, 1_000]);
});

interface Watched {
  readonly watchdog: Watchdog;
  asked: number;
  readonly hangs: number[];
}

/** A thread that is asked every five seconds, and given up after three that it left unanswered. */
function watch(): Watched {
  const watched: Omit<Watched, "watchdog"> = { asked: 0, hangs: [] };
  const watchdog = new Watchdog({ everyMs: 5_000, missed: 3 }, () => (watched.asked += 1), (silentMs) => watched.hangs.push(silentMs));
  return Object.assign(watched, { watchdog });
}

it("a thread that never answers is given up once, when it had the time to answer the last question", () => {
  const watched = watch();
  vi.advanceTimersByTime(19_999);
  expect([watched.asked, watched.hangs]).toEqual([3, []]);
  vi.advanceTimersByTime(1);
  expect([watched.asked, watched.hangs]).toEqual([3, [15_000]]);
  vi.advanceTimersByTime(600_000);
  expect([watched.asked, watched.hangs]).toEqual([3, [15_000]]);
});

it("a thread that says anything now and then is not", () => {
  const watched = watch();
  for (let at = 0; at < 10; at += 1) {
    vi.advanceTimersByTime(15_000);
    watched.watchdog.heard();
  }
  expect([watched.asked, watched.hangs]).toEqual([30, []]);
});

it("nor is one that is not watched any more", () => {
  const watched = watch();
  vi.advanceTimersByTime(15_000);
  watched.watchdog.stop();
  vi.advanceTimersByTime(600_000);
  expect([watched.asked, watched.hangs]).toEqual([3, []]);
});
