import { expect, it } from "vitest";
import type { ServerMode } from "#mesh";
import { known, unknown } from "#mesh";
import { closesUnderStrict, isStrict } from "../../lib/proposals/closing.ts";

it("STRICT closes what takes plaintext at a proxy, and what may", () => {
  const reason = { rule: "PA-0", object: null, field: null } as const;
  const modes: readonly ServerMode[] = ["STRICT", "PERMISSIVE", "DISABLE", "GATEWAY", "NONE", "UNCAPTURED"];
  expect(modes.filter((mode) => closesUnderStrict(known(mode, reason)))).toEqual(["PERMISSIVE", "DISABLE"]);
  expect(modes.filter((mode) => isStrict(known(mode, reason)))).toEqual(["STRICT"]);
  const gap = unknown({ wanted: "the mode", because: "forbidden" });
  expect([closesUnderStrict(gap), isStrict(gap)]).toEqual([true, false]);
});
