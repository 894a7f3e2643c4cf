import { describe, expect, it } from "vitest";
import { age, ago, agoBetween, count, lastSeen, plural, share, traffic } from "../../components/numbers.ts";

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

it("an edge without a time was seen in the window, or nobody knows when", () => {
  const none = { mtls: 0, plaintext: 0, tls: 0, unclear: 0, refused: 0 };
  expect(lastSeen({ counts: { ...none, refused: 1 }, lastSeenMs: null, lastSeenAfterMs: null }, 5000)).toBe("in the window");
  expect(lastSeen({ counts: none, lastSeenMs: null, lastSeenAfterMs: null }, 5000)).toBe("–");
  expect(lastSeen({ counts: none, lastSeenMs: 1000, lastSeenAfterMs: null }, 4000)).toBe("3 s ago");
});
