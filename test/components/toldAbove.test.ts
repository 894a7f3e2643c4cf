import { expect, it } from "vitest";
import { isToldAbove } from "../../components/panels/toldAbove.ts";

it.each([
  ["Plaintext: foo/a runs no proxy, and bar/b accepts it.", "Foo/a runs no proxy, and bar/b accepts it.", true],
  ["Plaintext: foo/a runs no proxy, and bar/b accepts it.", "foo/a runs no proxy, and bar/b accepts it.", true],
  ["900 requests were mTLS; of 9 more nobody reported the security.", "Of 9 requests nobody reported the security: only foo/a reported them.", false],
])("%s says %s: %s", (sentence, cause, told) => {
  expect(isToldAbove(cause, sentence)).toBe(told);
});
