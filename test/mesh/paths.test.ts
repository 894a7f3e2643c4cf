import { describe, expect, it } from "vitest";
import { sampledCorpus } from "../support/corpus.ts";
import { generatedMesh } from "../support/generated.ts";
import { expectAlike } from "../support/ways.ts";

const SEED = Number(process.env["MTLSCOPE_SEED"] ?? 20_260_822);

describe(`ways of workloads, seed ${SEED}`, () => {
  it.each(Array.from({ length: 25 }, (_, n) => SEED + n))("clients that send alike are told what each is told when asked alone (%i)", (seed) => {
    expect(expectAlike(generatedMesh(seed))).toBeGreaterThan(0);
  });
});

describe("ways of meshes that Istio answered for", () => {
  it("are told what is told of each connection alone", () => {
    const ways = sampledCorpus().map(({ configuration }) => expectAlike(configuration));
    expect(ways.reduce((sum, one) => sum + one, 0)).toBeGreaterThan(10_000);
  });
});
