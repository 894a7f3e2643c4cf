import { expect, it } from "vitest";
import { keptWith } from "#mesh";

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
