import { expect, it } from "vitest";
import { lengthText, secondsIn } from "#mesh";

it.each([
  [0, "0 s"],
  [45, "45 s"],
  [90, "1 min 30 s"],
  [899.999, "14 min 59 s"],
  [900, "15 min"],
  [3600, "1 h"],
  [3659, "1 h"],
  [6000, "1 h 40 min"],
  [7500, "2 h 5 min"],
  [86_460, "1 d 1 min"],
  [90_060, "1 d 1 h 1 min"],
  [129_600, "1 d 12 h"],
  [273_600, "3 d 4 h"],
  [604_800, "7 d"],
])("%s s are %s: no minute is left out, and none is added", (seconds, text) => {
  expect(lengthText(seconds)).toBe(text);
});

it("what spans cover is their sum, to the millisecond", () => {
  expect(secondsIn([])).toBe(0);
  expect(secondsIn([{ startMs: 1_000, endMs: 61_000 }, { startMs: 3_600_000, endMs: 3_601_500 }])).toBe(61.5);
});
