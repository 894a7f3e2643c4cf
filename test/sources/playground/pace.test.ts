import { describe, expect, it } from "vitest";
import { paceOf } from "../../../lib/sources/playground/pace.ts";
import type { Flow } from "../../../lib/sources/playground/scene.ts";
import { NOON_MS } from "./wallClock.ts";

const steady: Flow = { from: "foo/sleep", to: "foo/httpbin", port: 8000, perSecond: 0.5 };
const minute = 60_000;

describe("pace of a flow", () => {
  it("makes half a call a second: 450 in 15 minutes, and the parts of an interval add up", () => {
    const pace = paceOf(steady, NOON_MS);
    const at = (minutes: number): number => pace.upTo(NOON_MS + minutes * minute);
    expect(at(15) - at(0)).toBe(450);
    expect(at(7) - at(0) + (at(15) - at(7))).toBe(450);
  });

  it("names the moment of the last call: not later than asked, not more than one pause before", () => {
    const pace = paceOf(steady, NOON_MS);
    const last = pace.lastUpTo(NOON_MS + 1234);
    expect(last).toBeLessThanOrEqual(NOON_MS + 1234);
    expect(last).toBeGreaterThan(NOON_MS + 1234 - 2000);
  });

  it("makes no calls between bursts, and each burst whole", () => {
    // every hour for one minute, two calls a second: 120 calls; the last burst ended 20 minutes before noon
    const flow: Flow = { ...steady, perSecond: 2, schedule: { everySeconds: 3600, forSeconds: 60, endedSecondsAgo: 1200 } };
    const pace = paceOf(flow, NOON_MS);
    const calls = (fromMinute: number, toMinute: number): number => pace.upTo(NOON_MS + toMinute * minute) - pace.upTo(NOON_MS + fromMinute * minute);
    expect(calls(-15, 0)).toBe(0);
    expect(calls(-22, -19)).toBe(120);
    expect(calls(-75, -15)).toBe(120);
    expect(calls(-19, 38)).toBe(0);
    expect(calls(38, 41)).toBe(120);
    expect(pace.lastUpTo(NOON_MS)).toBe(NOON_MS - 20 * minute - 500);
  });
});
