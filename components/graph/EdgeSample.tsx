import { useId } from "react";
import type { ReactNode } from "react";
import { edgeLine } from "./edgeLine.ts";
import type { EdgeLine } from "./edgeLine.ts";
import { LINE_GLYPHS } from "./glyphs.ts";
import { PALETTES } from "./graphPalette.ts";
import type { EdgeState, Theme } from "./graphProps.ts";

interface EdgeSampleProps {
  readonly state: EdgeState;
  readonly theme: Theme;
}

const WIDTH = 58;
const MIDDLE = 8;
/** counts that make a sample look as the state does in the graph */
const SAMPLE_COUNTS = { mtls: 60, plaintext: 30, tls: 0, unclear: 0, refused: 10 };

/** The line of a state, as the graph draws it: for legend, tables and panels. Says nothing to screen readers; put the word beside it. */
export function EdgeSample({ state, theme }: EdgeSampleProps): ReactNode {
  const clip = useId();
  const palette = PALETTES[theme];
  const line = edgeLine({ state, counts: SAMPLE_COUNTS, configured: [] }, 10);
  const end = WIDTH - 8;
  return (
    <svg width={WIDTH} height="16" viewBox={`0 0 ${WIDTH} 16`} aria-hidden="true" className="shrink-0">
      <mask id={clip}>
        <rect width={WIDTH} height="16" fill="white" />
        {line.glyph === null ? null : <circle cx={WIDTH / 2 - 4} cy={MIDDLE} r="8" fill="black" />}
      </mask>
      <g mask={`url(#${clip})`} fill="none">
        {line.band === null ? null : <path d={`M1 ${MIDDLE}H${end}`} stroke={palette.tones[line.band.tone]} strokeWidth={line.band.widthPx} />}
        <path d={`M1 ${MIDDLE}H${end}`} stroke={palette.tones[line.tone]} strokeWidth={line.widthPx} {...dashesOf(line)} />
      </g>
      <path d={`M${end} 4.5 ${WIDTH - 1} 8 ${end} 11.5z`} fill={palette.tones[line.bar ? "blocked" : line.tone]} />
      {line.bar ? <path d={`M${end - 3} 3.5v9`} stroke={palette.tones.blocked} strokeWidth="2" /> : null}
      <SampleGlyph line={line} theme={theme} />
    </svg>
  );
}

function SampleGlyph({ line, theme }: { readonly line: EdgeLine; readonly theme: Theme }): ReactNode {
  if (line.glyph === null) return null;
  const glyph = LINE_GLYPHS[line.glyph];
  const colour = PALETTES[theme].tones[line.glyphTone];
  return (
    <g transform={`translate(${WIDTH / 2 - 10.4} ${MIDDLE - 6.4}) scale(0.8)`} strokeLinecap="round" strokeLinejoin="round">
      <path d={glyph.fill} fill={colour} />
      <path d={glyph.stroke} fill="none" stroke={colour} strokeWidth="1.6" />
    </g>
  );
}

function dashesOf(line: EdgeLine): { readonly strokeDasharray?: string; readonly strokeLinecap?: "round" } {
  switch (line.stroke) {
    case "solid":
      return {};
    case "dashes":
      return { strokeDasharray: "7 4" };
    case "dots":
      return { strokeDasharray: "0.1 4.5", strokeLinecap: "round" };
  }
}
