import { describe, expect, it } from "vitest";
import { simulatedClock } from "../../../lib/sources/playground/clock.ts";
import { handClock, NOON_MS } from "./wallClock.ts";

describe("simulated clock", () => {
  it("runs with the wall clock at speed 1, and 60 times as fast at speed 60", () => {
    const wall = handClock();
    const normal = simulatedClock(wall.now, 1);
    const fast = simulatedClock(wall.now, 60);
    wall.advanceSeconds(15);
    expect(normal.now()).toBe(NOON_MS + 15_000);
    expect(fast.now()).toBe(NOON_MS + 900_000);
  });

  it("moved on by 15 minutes, makes what happened 15 minutes older, and shows the present as the wall clock's", () => {
    const wall = handClock();
    const clock = simulatedClock(wall.now, 1);
    const happenedMs = clock.now();
    clock.moveOn(900_000);
    expect(clock.shown(happenedMs)).toBe(NOON_MS - 900_000);
    expect(clock.shown(clock.now())).toBe(NOON_MS);
  });

  it("finds the simulated time of a time that the page shows", () => {
    const wall = handClock();
    const clock = simulatedClock(wall.now, 1);
    clock.moveOn(900_000);
    wall.advanceSeconds(10);
    expect(clock.simulated(NOON_MS + 10_000)).toBe(clock.now());
    expect(clock.simulated(NOON_MS + 10_000 - 900_000)).toBe(NOON_MS + 10_000);
  });
});
