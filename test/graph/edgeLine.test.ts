import { describe, expect, it } from "vitest";
import type { CountsView, EdgeView } from "#view";
import { EDGE_STATES } from "#view";
import { edgeLine, rateWidthPx, STATE_ORDER, strandOffsets } from "../../components/graph/edgeLine.ts";
import type { EdgeLine } from "../../components/graph/edgeLine.ts";

const WINDOW_SECONDS = 1000;

function counts(some: Partial<CountsView>): CountsView {
  return { mtls: 0, plaintext: 0, tls: 0, unclear: 0, refused: 0, ...some };
}

function lineOf(state: EdgeView["state"], some: Partial<CountsView>, configured: EdgeView["configured"] = ["mTLS"]): EdgeLine {
  return edgeLine({ state, counts: counts(some), configured }, WINDOW_SECONDS);
}

/** What is left of a line for somebody who sees no colours. */
function withoutColour({ strands, bar, glyph }: EdgeLine): string {
  return JSON.stringify([strands.map(({ stroke, widthPx }) => [stroke, widthPx <= 1 ? "hairline" : "line"]), bar, glyph]);
}

const SEEN = [
  lineOf("mTLS", { mtls: 5000 }),
  lineOf("application TLS", { tls: 5000 }),
  lineOf("plaintext", { plaintext: 5000 }),
  lineOf("blocked", { refused: 5000 }),
  lineOf("mixed", { mtls: 4000, plaintext: 1000 }),
  lineOf("mixed, partly blocked", { mtls: 4000, refused: 1000 }),
  lineOf("unclear", { unclear: 5000 }),
  lineOf("expected blocked", {}),
  lineOf("idle", {}),
  lineOf("mTLS", { mtls: 4000, unclear: 1000 }),
];

describe("edgeLine", () => {
  it("tells every two states apart without colour", () => {
    expect(new Set(SEEN.map(withoutColour)).size).toBe(10);
  });

  it.each([
    ["mTLS", { mtls: 1 }, { stroke: "solid", tone: "mTLS" }, "closed lock", false],
    ["application TLS", { tls: 1 }, { stroke: "solid", tone: "tls" }, "half lock", false],
    ["plaintext", { plaintext: 1 }, { stroke: "dashes", tone: "plaintext" }, "open lock", false],
    ["blocked", { refused: 1 }, { stroke: "dots", tone: "blocked" }, "cross", true],
    ["unclear", { unclear: 1 }, { stroke: "solid", tone: "unclear" }, "question", false],
    ["expected blocked", {}, { stroke: "dots", tone: "blocked" }, "cross", true],
    ["idle", {}, { stroke: "solid", tone: "idle" }, null, false],
  ] as const)("draws %s as its row says", (state, some, strand, glyph, bar) => {
    const line = lineOf(state, some);
    expect(line.strands).toHaveLength(1);
    expect(line.strands[0]).toMatchObject(strand);
    expect(line.glyph).toBe(glyph);
    expect(line.bar).toBe(bar);
  });

  it("puts a question mark on idle edges whose configuration is not known", () => {
    expect(lineOf("idle", {}, ["mTLS", "unknown"]).glyph).toBe("question");
  });

  it("keeps plaintext 1.5 px wide however small its share and its rate", () => {
    expect(lineOf("plaintext", { plaintext: 1 }).strands[0]?.widthPx).toBeGreaterThanOrEqual(1.5);
    const mixed = lineOf("mixed", { mtls: 1e9, plaintext: 1 });
    expect(mixed.strands.find(({ tone }) => tone === "plaintext")?.widthPx).toBeGreaterThanOrEqual(1.5);
  });

  it("splits mixed edges in proportion, and marks them by the worst of it", () => {
    // 10,000 requests a second: 5 px in all
    const line = lineOf("mixed", { mtls: 6_000_000, plaintext: 4_000_000 });
    expect(line.strands.map(({ tone, stroke, widthPx }) => [tone, stroke, Math.round(widthPx * 10) / 10])).toEqual([
      ["mTLS", "solid", 3],
      ["plaintext", "dashes", 2],
    ]);
    expect([line.glyph, line.glyphTone, line.arrowTone]).toEqual(["open lock", "plaintext", "plaintext"]);
  });

  it("shows every part of an edge that is partly blocked, and blocks its mark", () => {
    const line = lineOf("mixed, partly blocked", { mtls: 1000, plaintext: 1000, refused: 1000 });
    expect(line.strands.map(({ tone }) => tone)).toEqual(["mTLS", "plaintext", "blocked"]);
    expect([line.glyph, line.bar, line.arrowTone]).toEqual(["cross", true, "blocked"]);
  });

  it("does not draw mixed application TLS as plaintext", () => {
    const line = lineOf("mixed", { mtls: 10, tls: 10 });
    expect(line.strands.map(({ tone }) => tone)).toEqual(["mTLS", "tls"]);
    expect(line.glyph).toBe("half lock");
  });

  it("draws the part of mTLS that nobody reported beside it, and puts a question mark on both", () => {
    const line = lineOf("mTLS", { mtls: 1080, unclear: 540 });
    expect(line.strands.map(({ tone }) => tone)).toEqual(["mTLS", "unclear"]);
    expect([line.glyph, line.glyphTone]).toEqual(["question", "unclear"]);
  });

  it("makes nothing better than it is where counts are missing", () => {
    expect(lineOf("mixed", {}).glyph).toBe("open lock");
    expect(lineOf("mixed, partly blocked", {}).glyph).toBe("cross");
  });

  it.each([
    [100, 1],
    [1, 1],
    [0, 1],
    [1_000, 1.8],
    [100_000, 3.4],
    [1_000_000, 4.2],
    [100_000_000, 5],
  ])("draws %d in 1,000 seconds %d px wide", (mtls, widthPx) => {
    expect(rateWidthPx(counts({ mtls }), WINDOW_SECONDS)).toBeCloseTo(widthPx, 1);
  });

  it("puts strands side by side with a gap, around the middle of the line", () => {
    expect(strandOffsets([{ widthPx: 3 }, { widthPx: 2 }])).toEqual([-1.5, 2]);
    expect(strandOffsets([{ widthPx: 4 }])).toEqual([0]);
  });

  it("lists every state in the legend", () => {
    expect([...STATE_ORDER].sort()).toEqual([...EDGE_STATES].sort());
  });
});
