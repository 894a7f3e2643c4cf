import { expect, it } from "vitest";
import { badWindow } from "../../components/frame/badWindow.ts";

const NOW_MS = Date.UTC(2026, 10, 30, 12);

it.each<{ readonly window?: string; readonly end?: string; readonly says: RegExp }>([
  { window: "99d", says: /^A window is at most 7 d long, and this address asks for 99 d\.$/ },
  { window: "169h", says: /^A window is at most 7 d long/ },
  { end: "2026-12-01T00:00:00Z", says: /^This address asks for a window that ends in the future: 1 Dec 2026/ },
  { window: "1h", end: "2026-02-30T00:00:00Z", says: /ends at a time that does not exist/ },
  { end: "2026-13-45T10:00:00Z", says: /ends at a time that does not exist/ },
])("of $window to $end it says why it cannot be shown", ({ window = null, end = null, says }) => {
  expect(badWindow({ window, end }, NOW_MS)).toMatch(says);
});

it.each([
  { window: null, end: null },
  { window: "7d", end: null },
  { window: "6h", end: "2024-02-29T10:00:00+01:00" },
])("of a window that can be shown it says nothing: %o", (address) => {
  expect(badWindow(address, NOW_MS)).toBeNull();
});
