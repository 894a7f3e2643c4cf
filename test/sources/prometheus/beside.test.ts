import { expect, test } from "vitest";
import { Beside, NOT_YET, type Asked } from "../../../lib/sources/prometheus/beside.ts";

const WANTED = "what carried traffic in the look-back before the window";

function asked(atMs: number, failures: readonly string[] = []): Asked {
  const nobody = { namespace: null, workload: null, principal: null };
  const rest = { part: null, responseCode: null, responseFlags: null, job: null };
  return { answers: { lookBack: [{ set: { number: 1, labels: { source_workload: `at-${atMs}` }, client: nobody, server: nobody }, rest, value: 1 }] }, gaps: [], failures, tooMuch: false, mayPass: false, atMs, tookMs: 0 };
}

function later<T>(): { readonly promise: Promise<T>; readonly resolve: (value: T) => void } {
  const { promise, resolve } = Promise.withResolvers<T>();
  return { promise, resolve };
}

test("an answer about one window is no answer about another, whenever it comes", async () => {
  const beside = new Beside(60_000, [WANTED]);
  const slow = later<Asked>();
  const first = await beside.answer({ span: "900 3600", nowMs: 0, asking: () => slow.promise }, 0);
  expect(first.gaps).toEqual([{ wanted: WANTED, because: NOT_YET }]);
  const other = beside.answer({ span: "300 3600", nowMs: 15_000, asking: () => Promise.resolve(asked(15_000)) }, 20);
  // after patience with the first question, and before that with the second
  setTimeout(() => { slow.resolve(asked(0)); }, 30);
  expect(await other).toMatchObject({ answers: {}, gaps: [{ wanted: WANTED, because: NOT_YET }] });
  const next = await beside.answer({ span: "300 3600", nowMs: 30_000, asking: () => Promise.resolve(asked(30_000)) }, 1_000);
  expect(next.answers).toEqual(asked(30_000).answers);
});

test("an answer goes with several refreshes, and is asked for again when it is old", async () => {
  const beside = new Beside(60_000, [WANTED]);
  const at = async (nowMs: number): Promise<number> => (await beside.answer({ span: "900 3600", nowMs, asking: () => Promise.resolve(asked(nowMs)) }, 1_000)).atMs;
  expect([await at(0), await at(15_000), await at(45_000)]).toEqual([0, 0, 0]);
  // asked beside the refresh that takes the old one
  expect([await at(60_000), await at(75_000)]).toEqual([0, 60_000]);
});

test("what failed keeps its last answer until that is too old", async () => {
  const beside = new Beside(60_000, [WANTED]);
  const at = async (nowMs: number, failures: readonly string[]): Promise<Asked> => {
    const answer = await beside.answer({ span: "900 3600", nowMs, asking: () => Promise.resolve({ ...asked(nowMs, failures), ...(failures.length > 0 && { answers: {} }) }) }, 1_000);
    await beside.settled();
    return answer;
  };
  await at(0, []);
  await at(60_000, ["down"]);
  expect(await at(61_000, ["down"])).toMatchObject({ answers: asked(0).answers, failures: ["down"], atMs: 0 });
  await at(400_000, ["down"]);
  expect(await at(401_000, ["down"])).toMatchObject({ answers: {}, failures: ["down"] });
});
