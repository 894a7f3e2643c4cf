import { expect, it } from "vitest";
import { presentAddress } from "#view";
import { CLASSIC_EDGES, CLASSIC_WORKLOADS, verdicts } from "./picture.ts";
import type { EdgeSpec } from "./picture.ts";

const FROM_THERE: EdgeSpec = { from: "legacy/sleep", to: "foo/httpbin", counts: { plaintext: 3 }, state: "plaintext", sender: { addresses: ["10.244.9.9"] } };
const picture = verdicts({ workloads: CLASSIC_WORKLOADS, edges: [...CLASSIC_EDGES.filter(({ from }) => from !== "legacy/sleep"), FROM_THERE, { ...FROM_THERE, to: "bar/httpbin" }] });
const [httpbin] = picture.judge.workloads.get("foo/httpbin" as never)?.instances ?? [];
const judge: typeof picture.judge = { ...picture.judge, instancesByAddress: (address) => (address === "10.244.1.60" && httpbin !== undefined ? [httpbin, httpbin] : []) };

it.each([
  { address: "10.244.1.60", nodes: ["foo/httpbin"], says: "the workload whose instances have it" },
  { address: "10.244.9.9", nodes: ["legacy/sleep"], says: "who sent from it, once" },
  { address: "10.244.7.7", nodes: [], says: "nobody" },
])("$address leads to $says", ({ address, nodes }) => {
  expect(presentAddress({ ...picture, judge }, address)).toEqual({ schema: "mtlscope-address/1", address, nodes });
});
