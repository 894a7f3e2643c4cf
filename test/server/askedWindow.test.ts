import { describe, expect, it } from "vitest";
import { askedWindow } from "../../app/api/v1/askedWindow.ts";

const NOW_MS = Date.UTC(2026, 10, 25, 12);

async function messageOf(query: string): Promise<unknown> {
  const answer = askedWindow(`http://127.0.0.1:3000/api/v1/mesh?${query}`, NOW_MS);
  if (!(answer instanceof Response)) return answer;
  expect(answer.status).toBe(400);
  return ((await answer.json()) as { readonly error: { readonly code: string; readonly message: string } }).error.message;
}

describe("the window asked for", () => {
  it.each([
    ["", []],
    ["window=15m", []],
    ["window=900m", [{ windowSeconds: 54_000, endMs: null }]],
    ["window=5m", [{ windowSeconds: 300, endMs: null }]],
    ["window=7d", [{ windowSeconds: 604_800, endMs: null }]],
    ["window=6h&end=2026-11-24T10:00:00Z", [{ windowSeconds: 21_600, endMs: Date.UTC(2026, 10, 24, 10) }]],
    ["end=2026-11-24T12:30%2B02:30", [{ windowSeconds: 900, endMs: Date.UTC(2026, 10, 24, 10) }]],
    ["end=2024-02-29T00:30:00%2B01:00", [{ windowSeconds: 900, endMs: Date.UTC(2024, 1, 28, 23, 30) }]],
    ["window=1h&end=2026-11-25T12:00:30Z", [{ windowSeconds: 3600, endMs: null }]],
  ])("%s", async (query, expected) => {
    expect(await messageOf(query)).toEqual(expected);
  });

  it.each([
    ["window=", /number of minutes, hours or days/],
    ["window=15", /number of minutes, hours or days/],
    ["window=-1h", /number of minutes, hours or days/],
    ["window=0m", /number of minutes, hours or days/],
    ["window=1e3m", /number of minutes, hours or days/],
    ["window=__proto__", /number of minutes, hours or days/],
    ["window=30s", /number of minutes, hours or days/],
    ["window=8d", /at most `7d`/],
    ["window=169h", /at most `7d`/],
    ["window=1h&window=2h", /`window` is given 2 times/],
    ["end=yesterday", /a time with its zone/],
    ["end=2026-11-24", /a time with its zone/],
    ["end=2026-11-24T10:00:00", /a time with its zone/],
    ["end=2026-11-24T12:30+02:30", /a time with its zone, such as `2026-11-24T10:00:00Z`; the `\+` of a zone is written `%2B` in an address$/],
    ["end=2026-13-45T10:00:00Z", /a time with its zone/],
    ["end=2026-02-30T00:00:00Z", /a time with its zone/],
    ["end=2026-02-29T00:00:00Z", /a time with its zone/],
    ["end=2026-11-25T12:02:00Z", /in the future/],
    ["end=1960-01-01T00:00:00Z", /before 1970/],
  ])("%s is refused", async (query, message) => {
    expect(await messageOf(query)).toMatch(message);
  });
});
