import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { Throttle } from "../../lib/pipeline/throttle.ts";

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "performance"] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** A throttle that is open since the time 0, and when it ran. */
function open({ delayMs, tookMs = 0 }: { readonly delayMs: number; readonly tookMs?: number }): { readonly throttle: Throttle; readonly startsMs: number[] } {
  const openedMs = performance.now();
  const startsMs: number[] = [];
  const throttle = new Throttle(() => {
    startsMs.push(performance.now() - openedMs);
    vi.advanceTimersByTime(tookMs);
  }, delayMs);
  return { throttle, startsMs };
}

describe("throttle", () => {
  it("does many askings in one run, the delay after the first", () => {
    const { throttle, startsMs } = open({ delayMs: 30 });
    const asking = setInterval(() => {
      throttle.ask();
    }, 5);
    throttle.ask();
    vi.advanceTimersByTime(92);
    clearInterval(asking);
    expect(startsMs).toEqual([30, 60, 90]);
  });

  it("leaves as much time between two runs as the last one took, less what it was idle before", () => {
    const { throttle, startsMs } = open({ delayMs: 5, tookMs: 80 });
    throttle.ask();
    vi.advanceTimersByTime(5);
    throttle.ask();
    vi.advanceTimersByTime(1_000);
    expect(startsMs).toEqual([5, 5 + 80 + 75]);
  });

  it("waits no longer than usual after a long run where it was idle for as long before", () => {
    const { throttle, startsMs } = open({ delayMs: 5, tookMs: 100 });
    vi.advanceTimersByTime(220);
    throttle.ask();
    vi.advanceTimersByTime(5);
    throttle.ask();
    vi.advanceTimersByTime(1_000);
    expect(startsMs).toEqual([225, 225 + 100 + 5]);
  });

  it("remembers five seconds of idle time at most", () => {
    const { throttle, startsMs } = open({ delayMs: 5, tookMs: 20_000 });
    vi.advanceTimersByTime(3_600_000);
    throttle.now();
    throttle.ask();
    vi.advanceTimersByTime(60_000);
    expect(startsMs).toEqual([3_600_000, 3_600_000 + 20_000 + 15_000]);
  });

  it("runs at once when told to, and not again for what was asked before", () => {
    const { throttle, startsMs } = open({ delayMs: 20 });
    throttle.ask();
    throttle.now();
    vi.advanceTimersByTime(1_000);
    expect(startsMs).toEqual([0]);
  });

  it("waits longer where told to, but not for what is due earlier", () => {
    const { throttle, startsMs } = open({ delayMs: 20 });
    throttle.ask(10_000);
    vi.advanceTimersByTime(60);
    expect(startsMs).toEqual([]);
    throttle.ask();
    throttle.ask(10_000);
    vi.advanceTimersByTime(20_000);
    expect(startsMs).toEqual([80]);
  });

  it("hastens what was asked for, and runs for nothing else", () => {
    const { throttle, startsMs } = open({ delayMs: 20 });
    throttle.hasten(20);
    vi.advanceTimersByTime(100);
    expect(startsMs).toEqual([]);
    throttle.ask(10_000);
    throttle.hasten(20);
    vi.advanceTimersByTime(20_000);
    expect(startsMs).toEqual([120]);
  });

  it("does nothing after stop", () => {
    const { throttle, startsMs } = open({ delayMs: 5 });
    throttle.ask();
    throttle.stop();
    throttle.ask();
    throttle.now();
    vi.advanceTimersByTime(1_000);
    expect(startsMs).toEqual([]);
  });
});
