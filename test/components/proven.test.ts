import { expect, it } from "vitest";
import { proven } from "../../components/proposals/proven.ts";

const SILENT = { becomesMtls: 0, becomesBlocked: 1, uncertain: 0, edgesSeen: 0 };

it("a zero that nothing proves is no number", () => {
  expect(proven(SILENT, "becomesMtls")).toBeNull();
  expect(proven(SILENT, "uncertain")).toBeNull();
  expect(proven(SILENT, "becomesBlocked")).toBe(1);
  expect(proven({ ...SILENT, edgesSeen: 2 }, "becomesMtls")).toBe(0);
});
