import type { CountsView, EdgeView } from "#view";
import type { LineGlyph } from "./glyphs.ts";
import type { Tone } from "./graphPalette.ts";
import type { EdgeState } from "./graphProps.ts";

export type Stroke = "solid" | "dashes" | "dots";

export interface Strand {
  readonly tone: Tone;
  readonly stroke: Stroke;
  readonly widthPx: number;
}

/** How an edge is drawn; knows nothing of who draws it. Widths in pixels of the screen at zoom 1. */
export interface EdgeLine {
  /** side by side; more than one where the traffic is mixed, each as wide as its share */
  readonly strands: readonly Strand[];
  /** a bar before the arrow head, always in the colour of blocked */
  readonly bar: boolean;
  readonly arrowTone: Tone;
  readonly glyph: LineGlyph | null;
  readonly glyphTone: Tone;
}

export type LineOf = Pick<EdgeView, "state" | "counts" | "configured">;

const HAIRLINE_PX = 1;
/** however small its share */
export const THINNEST_PLAINTEXT_PX = 1.5;
const THINNEST_DOTS_PX = 2;
const WIDEST_PX = 5;
const SLOWEST_PER_SECOND = 0.1;
const FASTEST_PER_SECOND = 10_000;

const LOOKS = {
  mtls: { tone: "mTLS", stroke: "solid", leastPx: HAIRLINE_PX, glyph: "closed lock" },
  tls: { tone: "tls", stroke: "solid", leastPx: HAIRLINE_PX, glyph: "half lock" },
  plaintext: { tone: "plaintext", stroke: "dashes", leastPx: THINNEST_PLAINTEXT_PX, glyph: "open lock" },
  unclear: { tone: "unclear", stroke: "solid", leastPx: HAIRLINE_PX, glyph: "question" },
  refused: { tone: "blocked", stroke: "dots", leastPx: THINNEST_DOTS_PX, glyph: "cross" },
} as const satisfies Record<keyof CountsView, { readonly tone: Tone; readonly stroke: Stroke; readonly leastPx: number; readonly glyph: LineGlyph }>;

const KINDS = ["mtls", "tls", "unclear", "plaintext", "refused"] as const satisfies readonly (keyof CountsView)[];

export function edgeLine(edge: LineOf, windowSeconds: number): EdgeLine {
  const width = rateWidthPx(edge.counts, windowSeconds);
  switch (edge.state) {
    case "mTLS":
      return edge.counts.unclear > 0 ? mixed(edge, width) : simple("mtls", width);
    case "application TLS":
      return simple("tls", Math.min(width, 2));
    case "plaintext":
      return simple("plaintext", width);
    case "blocked":
      return simple("refused", width);
    case "mixed":
    case "mixed, partly blocked":
      return mixed(edge, width);
    case "unclear":
      return simple("unclear", HAIRLINE_PX);
    case "expected blocked":
      return hairline("blocked", { stroke: "dots", bar: true, glyph: "cross" });
    case "idle":
      return hairline("idle", { stroke: "solid", bar: false, glyph: edge.configured.includes("unknown") ? "question" : null });
  }
}

function simple(kind: keyof CountsView, widthPx: number): EdgeLine {
  const { tone, stroke, leastPx, glyph } = LOOKS[kind];
  return { strands: [{ tone, stroke, widthPx: Math.max(widthPx, leastPx) }], bar: kind === "refused", arrowTone: tone, glyph, glyphTone: tone };
}

function hairline(tone: Tone, look: { readonly stroke: Stroke; readonly bar: boolean; readonly glyph: LineGlyph | null }): EdgeLine {
  return { strands: [{ tone, stroke: look.stroke, widthPx: HAIRLINE_PX }], bar: look.bar, arrowTone: tone, glyph: look.glyph, glyphTone: tone };
}

/** One strand for each kind of traffic, also where mTLS is not all of it; mark and arrow head are those of the worst. */
function mixed(edge: LineOf, widthPx: number): EdgeLine {
  const kinds = KINDS.filter((kind) => edge.counts[kind] > 0);
  const partly = edge.state === "mixed, partly blocked";
  const worst = partly ? "refused" : (kinds.at(-1) ?? "plaintext");
  const shown = kinds.length === 0 ? ([partly ? "refused" : "plaintext"] as const) : kinds;
  const sum = shown.reduce((total, kind) => total + edge.counts[kind], 0);
  const whole = Math.max(widthPx, 1 + shown.length);
  const strands = shown.map((kind): Strand => {
    const { tone, stroke, leastPx } = LOOKS[kind];
    return { tone, stroke, widthPx: Math.max(sum === 0 ? whole : (whole * edge.counts[kind]) / sum, leastPx) };
  });
  const { tone, glyph } = LOOKS[worst];
  return { strands, bar: partly, arrowTone: tone, glyph, glyphTone: tone };
}

/** 1 to 5 px for 0.1 to 10,000 requests or connections per second, by the logarithm. */
export function rateWidthPx(counts: CountsView, windowSeconds: number): number {
  const sum = KINDS.reduce((total, kind) => total + counts[kind], 0);
  const perSecond = Math.min(Math.max(sum / Math.max(windowSeconds, 1), SLOWEST_PER_SECOND), FASTEST_PER_SECOND);
  const part = Math.log(perSecond / SLOWEST_PER_SECOND) / Math.log(FASTEST_PER_SECOND / SLOWEST_PER_SECOND);
  return HAIRLINE_PX + (WIDEST_PX - HAIRLINE_PX) * part;
}

/** Worst first: in the legend, and who chooses its place first where two marks want the same. */
export const STATE_ORDER: readonly EdgeState[] = ["blocked", "mixed, partly blocked", "plaintext", "mixed", "unclear", "expected blocked", "application TLS", "mTLS", "idle"];

const STRAND_GAP_PX = 1;

/** How far the middle of each strand stands off the middle of the line, in order. */
export function strandOffsets(strands: readonly Pick<Strand, "widthPx">[]): readonly number[] {
  let edge = -strands.reduce((sum, { widthPx }) => sum + widthPx + STRAND_GAP_PX, -STRAND_GAP_PX) / 2;
  return strands.map(({ widthPx }) => {
    const middle = edge + widthPx / 2;
    edge += widthPx + STRAND_GAP_PX;
    return middle;
  });
}
