import { describe, expect, it } from "vitest";
import { age, ago, agoBetween, count, lastMoment, lastPlaintext, lastSeen, lastText, plural, share, traffic } from "../../components/numbers.ts";

describe("numbers say no more than is known", () => {
  it.each([
    { part: 300, of: 300, expected: "100 %" },
    { part: 299, of: 300, expected: "99.7 %" },
    { part: 299_999, of: 300_000, expected: ">99.9 %" },
    { part: 9_999_999, of: 10_000_000, expected: ">99.9 %" },
    { part: 1, of: 300_000, expected: "<0.1 %" },
    { part: 0, of: 300, expected: "0 %" },
    { part: 1, of: 2, expected: "50 %" },
    { part: 0, of: 0, expected: "–" },
  ])("$part of $of is $expected", ({ part, of, expected }) => {
    expect(share(part, of)).toBe(expected);
  });

  it.each([
    { value: 0, expected: "0" },
    { value: 0.2, expected: "<1" },
    { value: 0.5, expected: "1" },
    { value: 1, expected: "1" },
    { value: 4812, expected: "4,812" },
    { value: 1_234_567.4, expected: "1,234,567" },
  ])("$value is shown as $expected: what happened is never 0", ({ value, expected }) => {
    expect(count(value)).toBe(expected);
  });

  it("names the unit with the number", () => {
    expect(traffic("http", 1)).toBe("1 request");
    expect(traffic("http", 450)).toBe("450 requests");
    expect(traffic("tcp", 2)).toBe("2 TCP connections");
    expect(traffic("http", 17, true)).toBe("≈17 requests");
    expect(plural(1, "refusal")).toBe("1 refusal");
  });

  it.each([
    { seconds: 3, expected: "3 s" },
    { seconds: 89, expected: "1 min" },
    { seconds: 900, expected: "15 min" },
    { seconds: 3600, expected: "1 h" },
    { seconds: 4500, expected: "1 h 15 min" },
    { seconds: 6000, expected: "2 h" },
    { seconds: 126_000, expected: "1 d 11 h" },
    { seconds: 7200, expected: "2 h" },
    { seconds: 172_800, expected: "2 d" },
  ])("$seconds seconds are $expected", ({ seconds, expected }) => {
    expect(age(seconds)).toBe(expected);
  });

  it("shows a clock that runs ahead as now, and no time as none", () => {
    expect(ago(2000, 1000)).toBe("0 s ago");
    expect(ago(1000, 4000)).toBe("3 s ago");
    expect(ago(null, 4000)).toBe("–");
  });
});

it.each([
  [120, 1200, "2 to 20 min ago"],
  [900, 4500, "15 min to 1 h 15 min ago"],
  [1800, 10_800, "30 min to 3 h ago"],
  [600, 610, "10 min ago"],
])("seen between %i s and %i s ago", (newest, oldest, text) => {
  expect(agoBetween(10_000_000 - oldest * 1000, 10_000_000 - newest * 1000, 10_000_000)).toBe(text);
});

const NONE = { mtls: 0, plaintext: 0, tls: 0, unclear: 0, refused: 0 };

it.each([
  { counts: { ...NONE, refused: 1 }, lastSeenMs: null, lastSeenAfterMs: null, text: "in the window" },
  { counts: NONE, lastSeenMs: null, lastSeenAfterMs: null, text: "–" },
  { counts: NONE, lastSeenMs: 1000, lastSeenAfterMs: null, text: "3 s ago" },
  { counts: NONE, lastSeenMs: 2_944_000, lastSeenAfterMs: 1_804_000, text: "18 to 37 min ago" },
])("an edge was last seen $text", ({ text, ...edge }) => {
  expect(lastText(lastSeen(edge), edge.lastSeenAfterMs === null ? 4000 : 4_024_000)).toBe(text);
});

it.each([
  { counts: { ...NONE, plaintext: 1 }, lastPlaintextMs: null, lastPlaintextAfterMs: null, text: "in the window" },
  { counts: { ...NONE, mtls: 9 }, lastPlaintextMs: null, lastPlaintextAfterMs: null, text: "–" },
  { counts: { ...NONE, mtls: 9 }, lastPlaintextMs: 1_000, lastPlaintextAfterMs: null, text: "3 s ago" },
  { counts: NONE, lastPlaintextMs: 3_000, lastPlaintextAfterMs: 1_000, text: "1 to 3 s ago" },
])("plaintext was last seen $text", ({ text, ...edge }) => {
  expect(lastText(lastPlaintext(edge), 4_000)).toBe(text);
});

it("a time by the clock is one, or the two that it lies between, or none", () => {
  const at = new Date(2026, 5, 1, 9, 41, 7).getTime();
  expect(lastMoment({ atMs: at, afterMs: null, inWindow: true })).toBe("1 Jun 2026, 09:41:07");
  expect(lastMoment({ atMs: at, afterMs: at - 60_000, inWindow: false })).toBe("between 1 Jun 2026, 09:40:07 and 1 Jun 2026, 09:41:07");
  expect(lastMoment({ atMs: null, afterMs: null, inWindow: true })).toBeUndefined();
});
