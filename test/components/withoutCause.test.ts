import { expect, it } from "vitest";
import { withoutCause } from "../../components/panels/withoutCause.ts";

it.each([
  ["mTLS", ["mTLS"], /^Nothing to do/],
  ["idle", ["mTLS"], /by configuration it would be mTLS/],
  ["idle", [], /longer window/],
  ["idle", ["mTLS", "blocked"], /longer window/],
  ["unclear", ["plaintext"], /longer window/],
] as const)("of a connection that is %s and configured %j", (state, configured, expected) => {
  expect(withoutCause({ state, configured })).toMatch(expected);
});
