import { expect, it } from "vitest";
import { keepingLast } from "../../components/graph/keepingLast.ts";

it("answers anew only when something else is asked, or when it was told to forget", () => {
  const asked: (readonly [object, string?])[] = [];
  const kept = keepingLast((one: object, other?: string) => {
    asked.push(other === undefined ? [one] : [one, other]);
    return { one };
  });
  const [first, second] = [{}, {}];
  const answer = kept.of(first);
  expect(kept.of(first)).toBe(answer);
  expect(kept.of(first, "more")).not.toBe(answer);
  kept.of(second, "more");
  kept.of(second, "more");
  expect(asked).toEqual([[first], [first, "more"], [second, "more"]]);
  expect(asked.map(([one]) => one === first)).toEqual([true, true, false]);
  kept.forget();
  kept.of(second, "more");
  expect(asked).toHaveLength(4);
});
