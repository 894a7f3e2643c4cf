import { expect, it } from "vitest";
import type { SourceView } from "#view";
import { freshness } from "../../components/frame/freshness.ts";

const HOUR_MS = 3_600_000;
const NOW_MS = Date.UTC(2026, 10, 30, 12);
const kubernetes: SourceView = { kind: "configuration", name: "Kubernetes", state: "live", readAtMs: NOW_MS, message: "" };
const prometheus = (more: Partial<SourceView> = {}): SourceView => ({ kind: "telemetry", name: "Prometheus", state: "live", readAtMs: NOW_MS, message: "", ...more });

function said(sources: readonly SourceView[], connection: Parameters<typeof freshness>[0] = "open", ageMs = 1_000): string {
  const { word, old, isLate } = freshness(connection, { sources, capturedAtMs: NOW_MS }, ageMs);
  return `${isLate ? "late" : "fresh"}: ${[word, old].filter((part) => part !== "").join(", ")}`;
}

it.each<{ readonly sources: readonly SourceView[]; readonly says: string }>([
  { sources: [kubernetes, prometheus()], says: "fresh: live, 1 s ago" },
  { sources: [kubernetes, prometheus({ state: "stale", readAtMs: NOW_MS - 6 * HOUR_MS })], says: "late: Prometheus stale, 6 h ago" },
  { sources: [{ ...kubernetes, state: "stale", readAtMs: NOW_MS - 30_000 }, prometheus({ state: "stale", readAtMs: NOW_MS - 6 * HOUR_MS })], says: "late: 2 sources stale, Prometheus longest, 6 h ago" },
  { sources: [kubernetes, prometheus({ state: "stale", readAtMs: null })], says: "late: Prometheus stale, never read" },
  { sources: [kubernetes, prometheus({ state: "starting", readAtMs: null })], says: "late: Prometheus not read yet" },
])("the picture is no fresher than its oldest source: $says", ({ sources, says }) => {
  expect(said(sources)).toBe(says);
});

it("a source that is not configured does not grow old", () => {
  expect(said([kubernetes, prometheus({ state: "absent", readAtMs: null })])).toBe("fresh: live, 1 s ago");
});

it("counts on where mtlscope sends nothing new", () => {
  expect(said([prometheus({ state: "stale", readAtMs: NOW_MS - HOUR_MS })], "open", 2 * HOUR_MS)).toBe("late: Prometheus stale, 3 h ago");
});

it("a connection that is lost is worse than any source", () => {
  expect(said([prometheus({ state: "stale", readAtMs: NOW_MS - HOUR_MS })], "lost", 20_000)).toBe("late: not connected, 20 s old");
  expect(said([prometheus()], "halted", 20_000)).toBe("late: not reading, 20 s old");
});
