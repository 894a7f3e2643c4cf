import { expect, it } from "vitest";
import { mtlsAfter, proven } from "../../components/proposals/proven.ts";

const SILENT = { staysMtls: 0, becomesMtls: 0, becomesBlocked: 1, uncertain: 0, edgesSeen: 0 };

it("a zero that nothing proves is no number", () => {
  expect(mtlsAfter(SILENT)).toBeNull();
  expect(proven(SILENT, "uncertain")).toBeNull();
  expect(proven(SILENT, "becomesBlocked")).toBe(1);
  expect(proven({ ...SILENT, edgesSeen: 2 }, "uncertain")).toBe(0);
  expect(mtlsAfter({ ...SILENT, edgesSeen: 2 })).toBe(0);
});

it("what is mTLS after a change stays so or becomes so", () => {
  expect(mtlsAfter({ ...SILENT, edgesSeen: 9, staysMtls: 7, becomesMtls: 2 })).toBe(9);
});
