import { expect, it } from "vitest";
import { proven } from "../../components/proposals/proven.ts";

const SILENT = { mtlsAfter: 0, becomesBlocked: 1, staysPlaintext: 0, uncertain: 0, edgesSeen: 0 };

it("a zero that nothing proves is no number", () => {
  expect(proven(SILENT, "mtlsAfter")).toBeNull();
  expect(proven(SILENT, "uncertain")).toBeNull();
  expect(proven(SILENT, "staysPlaintext")).toBeNull();
  expect(proven(SILENT, "becomesBlocked")).toBe(1);
  expect(proven({ ...SILENT, edgesSeen: 2 }, "uncertain")).toBe(0);
  expect(proven({ ...SILENT, edgesSeen: 2 }, "mtlsAfter")).toBe(0);
});
