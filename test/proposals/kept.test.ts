import { expect, it } from "vitest";
import type { ServerMode } from "#mesh";
import { known, unknown } from "#mesh";
import { closesUnderStrict, isStrict } from "../../lib/proposals/closing.ts";
import { keptWith } from "../../lib/proposals/kept.ts";

it("what goes with an object is worked out once for it, be it nothing, and anew for another that is equal", () => {
  const asked: string[] = [];
  const lengthOf = keptWith(({ text }: { readonly text: string }, sooner: string) => {
    asked.push(`${text} ${sooner}`);
    return text === "" ? undefined : text.length;
  });
  const [one, empty] = [{ text: "foo" }, { text: "" }];
  expect([lengthOf(one, "first"), lengthOf(one, "second"), lengthOf(empty, "first"), lengthOf(empty, "second"), lengthOf({ text: "foo" }, "third")]).toEqual([3, 3, undefined, undefined, 3]);
  expect(asked).toEqual(["foo first", " first", "foo third"]);
});

it("STRICT closes what takes plaintext at a proxy, and what may", () => {
  const reason = { rule: "PA-0", object: null, field: null } as const;
  const modes: readonly ServerMode[] = ["STRICT", "PERMISSIVE", "DISABLE", "GATEWAY", "NONE", "UNCAPTURED"];
  expect(modes.filter((mode) => closesUnderStrict(known(mode, reason)))).toEqual(["PERMISSIVE", "DISABLE"]);
  expect(modes.filter((mode) => isStrict(known(mode, reason)))).toEqual(["STRICT"]);
  const gap = unknown({ wanted: "the mode", because: "forbidden" });
  expect([closesUnderStrict(gap), isStrict(gap)]).toEqual([true, false]);
});
