import { expect, it } from "vitest";
import { FOLLOWED_SECONDS, FOLLOWED_WINDOW, instantMs, isAhead, isInstant, isInstantWithoutPlus, LONGEST_SECONDS, windowSeconds } from "#window";

it.each([
  ["1m", 60], ["15m", 900], ["6h", 21_600], ["7d", 604_800], ["168h", 604_800], ["999999d", 86_399_913_600],
  ["0m", null], ["07d", null], ["1000000m", null], ["7", null], ["d", null], ["7s", null], ["7D", null], ["-1h", null], ["1.5h", null], ["1h ", null], ["1h30m", null], ["", null], ["__proto__", null],
])("a window of “%s” is %s seconds long", (text, seconds) => {
  expect(windowSeconds(text)).toBe(seconds);
});

it("the followed window is as long as it is written, and the longest is a week", () => {
  expect([FOLLOWED_WINDOW, windowSeconds(FOLLOWED_WINDOW), FOLLOWED_SECONDS]).toEqual(["15m", 900, 900]);
  expect(windowSeconds("7d")).toBe(LONGEST_SECONDS);
});

it.each([
  ["2026-11-24T10:00:00Z", Date.UTC(2026, 10, 24, 10)],
  ["2026-11-24T10:00Z", Date.UTC(2026, 10, 24, 10)],
  ["2026-11-24T10:00:30.5Z", Date.UTC(2026, 10, 24, 10, 0, 30, 500)],
  ["2026-11-24T12:30+02:30", Date.UTC(2026, 10, 24, 10)],
  ["2024-02-29T00:30:00+01:00", Date.UTC(2024, 1, 28, 23, 30)],
  ["1969-12-31T23:59:59Z", -1_000],
])("%s is a time", (text, atMs) => {
  expect([isInstant(text), instantMs(text)]).toEqual([true, atMs]);
});

it.each(["2026-02-30T00:00:00Z", "2026-02-29T00:00:00Z", "2026-13-45T10:00:00Z", "2026-00-10T10:00:00Z", "2026-11-24T25:00:00Z", "2026-11-24T10:61Z", "2026-11-24T10:00+99:00"])("%s is written as a time, and there is none such", (text) => {
  expect([isInstant(text), instantMs(text)]).toEqual([true, null]);
});

it.each(["", "yesterday", "2026-11-24", "2026-11-24T10:00:00", "2026-11-24T10Z", "2026-11-24 10:00:00Z", "2026-11-24T10:00:00.1234Z", "2026-11-24T1:0:0Z", "x2026-11-24T10:00:00Z", "2026-11-24T10:00:00+0200"])("“%s” is no time with its zone", (text) => {
  expect([isInstant(text), instantMs(text), isInstantWithoutPlus(text)]).toEqual([false, null, false]);
});

it("knows a zone whose plus became a space", () => {
  expect(["2026-11-24T10:00:00 02:00", "2026-11-24T10:00:00+02:00", "2026-11-24T10:00:00  02:00"].map(isInstantWithoutPlus)).toEqual([true, false, false]);
});

it("a clock may be a minute ahead", () => {
  expect([999, 61_000, 61_001].map((endMs) => isAhead(endMs, 1_000))).toEqual([false, false, true]);
});
