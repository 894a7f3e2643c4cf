import { setTimeout as wait } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { Throttle } from "../../lib/pipeline/throttle.ts";

function busy(forMs: number): void {
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs);
}

describe("throttle", () => {
  it("does many askings in one run, within the delay after the first", async () => {
    let runs = 0;
    const throttle = new Throttle(() => (runs += 1), 30);
    const asking = setInterval(() => {
      throttle.ask();
    }, 5);
    throttle.ask();
    await wait(45);
    clearInterval(asking);
    expect(runs).toBe(1);
    throttle.stop();
  });

  it("leaves as much time between two runs as the last one took", async () => {
    const startsMs: number[] = [];
    const openedMs = performance.now();
    const throttle = new Throttle(() => {
      startsMs.push(performance.now());
      busy(80);
    }, 5);
    throttle.ask();
    await wait(20);
    throttle.ask();
    await wait(250);
    const [first = 0, second = 0] = startsMs;
    expect(startsMs).toHaveLength(2);
    // less what it was idle before the first, and what a timer comes too early
    expect(second - first).toBeGreaterThanOrEqual(160 - (first - openedMs) - 2);
    throttle.stop();
  });

  it("waits no longer than usual after a long run where it was idle for as long before", async () => {
    const startsMs: number[] = [];
    const throttle = new Throttle(() => {
      startsMs.push(performance.now());
      busy(100);
    }, 5);
    await wait(220);
    throttle.ask();
    await wait(20);
    throttle.ask();
    await wait(150);
    const [first = 0, second = 0] = startsMs;
    expect(startsMs).toHaveLength(2);
    expect(second - first).toBeLessThan(180);
    throttle.stop();
  });

  it("runs at once when told to, and not again for what was asked before", async () => {
    let runs = 0;
    const throttle = new Throttle(() => (runs += 1), 20);
    throttle.ask();
    throttle.now();
    expect(runs).toBe(1);
    await wait(50);
    expect(runs).toBe(1);
    throttle.stop();
  });

  it("waits longer where told to, but not for what is due earlier, and no longer once that has ended", async () => {
    let runs = 0;
    const throttle = new Throttle(() => (runs += 1), 20);
    throttle.ask(10_000);
    await wait(60);
    expect(runs).toBe(0);
    throttle.ask();
    throttle.ask(10_000);
    await wait(60);
    expect(runs).toBe(1);
    throttle.hasten(20);
    await wait(60);
    expect(runs).toBe(1);
    throttle.ask(10_000);
    throttle.hasten(20);
    await wait(60);
    expect(runs).toBe(2);
    throttle.stop();
  });

  it("does nothing after stop", async () => {
    let runs = 0;
    const throttle = new Throttle(() => (runs += 1), 5);
    throttle.ask();
    throttle.stop();
    throttle.ask();
    throttle.now();
    await wait(30);
    expect(runs).toBe(0);
  });
});
