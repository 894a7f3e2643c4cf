import type { CountsView, EdgeView } from "#view";
import type { LineGlyph } from "./glyphs.ts";
import type { Tone } from "./graphPalette.ts";
import type { EdgeState } from "./graphProps.ts";

export type Stroke = "solid" | "dashes" | "dots";

/** How an edge is drawn; knows nothing of who draws it. Widths in pixels of the screen at zoom 1. */
export interface EdgeLine {
  readonly tone: Tone;
  readonly stroke: Stroke;
  readonly widthPx: number;
  /** mixed edges: a solid band under the line, as wide as the whole; the line covers its own share of it */
  readonly band: { readonly tone: Tone; readonly widthPx: number } | null;
  /** a bar before the arrow head, always in the colour of blocked */
  readonly bar: boolean;
  readonly glyph: LineGlyph | null;
  readonly glyphTone: Tone;
}

export type LineOf = Pick<EdgeView, "state" | "counts" | "configured">;

const HAIRLINE_PX = 1;
const THINNEST_PLAINTEXT_PX = 1.5;
const WIDEST_PX = 5;
/** the band shows at least this much on both sides together, so that its colour can be told */
const THINNEST_BAND_EDGES_PX = 2.5;
const SLOWEST_PER_SECOND = 0.01;
const FASTEST_PER_SECOND = 1000;

export function edgeLine(edge: LineOf, windowSeconds: number): EdgeLine {
  const width = rateWidthPx(edge.counts, windowSeconds);
  switch (edge.state) {
    case "mTLS":
      return line({ tone: "mTLS", widthPx: width, glyph: "closed lock" });
    case "application TLS":
      return line({ tone: "tls", widthPx: Math.min(width, 2), glyph: "half lock" });
    case "plaintext":
      return line({ tone: "plaintext", stroke: "dashes", widthPx: Math.max(width, THINNEST_PLAINTEXT_PX), glyph: "open lock" });
    case "blocked":
      return line({ tone: "blocked", stroke: "dots", widthPx: Math.max(width, 2), bar: true, glyph: "cross" });
    case "mixed":
      return mixed(edge.counts, width);
    case "mixed, partly blocked":
      return partlyBlocked(edge.counts, width);
    case "unclear":
      return line({ tone: "unclear", widthPx: HAIRLINE_PX, glyph: "question" });
    case "expected blocked":
      return line({ tone: "blocked", stroke: "dots", widthPx: HAIRLINE_PX, bar: true, glyph: "cross" });
    case "idle":
      return line({ tone: "idle", widthPx: HAIRLINE_PX, glyph: edge.configured.includes("unknown") ? "question" : null });
  }
}

function line(given: Pick<EdgeLine, "tone" | "widthPx" | "glyph"> & Partial<EdgeLine>): EdgeLine {
  return { stroke: "solid", band: null, bar: false, glyphTone: given.tone, ...given };
}

/** The safest traffic is the band, the least safe the line on it, as wide as its share. */
function mixed(counts: CountsView, widthPx: number): EdgeLine {
  const bandTone: Tone = counts.mtls > 0 ? "mTLS" : "tls";
  const plaintext = counts.plaintext > 0;
  const sum = counts.mtls + counts.plaintext + counts.tls;
  const share = sum === 0 ? 0.5 : (plaintext ? counts.plaintext : counts.tls) / sum;
  const whole = Math.max(widthPx, THINNEST_PLAINTEXT_PX + THINNEST_BAND_EDGES_PX);
  const own = Math.min(Math.max(whole * share, THINNEST_PLAINTEXT_PX), whole - THINNEST_BAND_EDGES_PX);
  return line({
    tone: plaintext ? "plaintext" : "tls",
    stroke: plaintext ? "dashes" : "solid",
    widthPx: own,
    band: { tone: bandTone, widthPx: whole },
    glyph: plaintext ? "open lock" : "half lock",
  });
}

function partlyBlocked(counts: CountsView, widthPx: number): EdgeLine {
  const blocked = { bar: true, glyph: "cross", glyphTone: "blocked" } as const;
  if (counts.mtls + counts.tls > 0 && counts.plaintext > 0) return { ...mixed(counts, widthPx), ...blocked };
  if (counts.plaintext > 0) return line({ tone: "plaintext", stroke: "dashes", widthPx: Math.max(widthPx, THINNEST_PLAINTEXT_PX), ...blocked });
  const whole = Math.max(widthPx, 2 + THINNEST_BAND_EDGES_PX);
  const band = { tone: counts.mtls > 0 ? "mTLS" : counts.tls > 0 ? "tls" : "unclear", widthPx: whole } as const;
  return line({ tone: "blocked", stroke: "dots", widthPx: 2, band, ...blocked });
}

/** 1 to 5 px for 0.01 to 1,000 requests or connections per second, by the logarithm. */
export function rateWidthPx(counts: CountsView, windowSeconds: number): number {
  const sum = counts.mtls + counts.plaintext + counts.tls + counts.unclear + counts.refused;
  const perSecond = Math.min(Math.max(sum / Math.max(windowSeconds, 1), SLOWEST_PER_SECOND), FASTEST_PER_SECOND);
  const part = Math.log(perSecond / SLOWEST_PER_SECOND) / Math.log(FASTEST_PER_SECOND / SLOWEST_PER_SECOND);
  return HAIRLINE_PX + (WIDEST_PX - HAIRLINE_PX) * part;
}

/** Worst first: in the legend, and which mark gives way where two want the same place. */
export const STATE_ORDER: readonly EdgeState[] = [
  "blocked",
  "mixed, partly blocked",
  "plaintext",
  "mixed",
  "unclear",
  "expected blocked",
  "application TLS",
  "mTLS",
  "idle",
];
