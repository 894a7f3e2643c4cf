import type { ReactNode } from "react";
import { edgeLine, strandOffsets } from "./edgeLine.ts";
import type { EdgeLine, LineOf, Strand } from "./edgeLine.ts";
import { LINE_GLYPHS } from "./glyphs.ts";
import { TONE_PROPERTIES } from "./graphPalette.ts";
import type { Tone } from "./graphPalette.ts";
import type { EdgeState } from "./graphProps.ts";

interface EdgeSampleProps {
  readonly state: EdgeState;
  /** an edge of that state, where the sample stands for one; its strands then have its shares */
  readonly edge?: LineOf;
}

const WIDTH = 60;
const MIDDLE = 8;
const END = WIDTH - 8;
const CENTRE = WIDTH / 2 - 4;
/** counts that make a sample look as the state does in the graph */
const SAMPLES = { "mixed": { mtls: 60, plaintext: 40, tls: 0, unclear: 0, refused: 0 }, "mixed, partly blocked": { mtls: 60, plaintext: 0, tls: 0, unclear: 0, refused: 40 } };
const USUAL_SAMPLE = { mtls: 10, plaintext: 0, tls: 0, unclear: 0, refused: 0 };
const SAMPLE_SECONDS = 10;

/** The line of a state, as the graph draws it: for legend, tables and panels. Says nothing to screen readers; put the word beside it. */
export function EdgeSample({ state, edge }: EdgeSampleProps): ReactNode {
  const counts = state === "mixed" || state === "mixed, partly blocked" ? SAMPLES[state] : USUAL_SAMPLE;
  const line = edgeLine(edge ?? { state, counts, configured: [] }, SAMPLE_SECONDS);
  const offsets = strandOffsets(line.strands);
  return (
    <svg width={WIDTH} height="16" viewBox={`0 0 ${WIDTH} 16`} fill="none" aria-hidden="true" className="shrink-0">
      {line.strands.map((strand, at) => {
        const y = MIDDLE + (offsets[at] ?? 0);
        const path = line.glyph === null ? `M1 ${y}H${END}` : `M1 ${y}H${CENTRE - 10}M${CENTRE + 10} ${y}H${END}`;
        return <path key={strand.tone} d={path} stroke={colourOf(strand.tone)} strokeWidth={strand.widthPx} {...dashesOf(strand)} />;
      })}
      <path d={`M${END} 4.5 ${WIDTH - 1} 8 ${END} 11.5z`} fill={colourOf(line.arrowTone)} />
      {line.bar ? <path d={`M${END - 3} 3v10`} stroke={colourOf("blocked")} strokeWidth="2" /> : null}
      <SampleGlyph line={line} />
    </svg>
  );
}

function SampleGlyph({ line }: { readonly line: EdgeLine }): ReactNode {
  if (line.glyph === null) return null;
  const glyph = LINE_GLYPHS[line.glyph];
  const colour = colourOf(line.glyphTone);
  return (
    <g transform={`translate(${CENTRE - 6.4} ${MIDDLE - 6.4}) scale(0.8)`} strokeLinecap="round" strokeLinejoin="round">
      <path d={glyph.fill} fill={colour} />
      <path d={glyph.stroke} fill="none" stroke={colour} strokeWidth="1.6" />
    </g>
  );
}

function colourOf(tone: Tone): string {
  return `var(${TONE_PROPERTIES[tone]})`;
}

function dashesOf(strand: Strand): { readonly strokeDasharray?: string; readonly strokeLinecap?: "round" } {
  switch (strand.stroke) {
    case "solid":
      return {};
    case "dashes":
      return { strokeDasharray: "7 4" };
    case "dots":
      return { strokeDasharray: "0.1 4.5", strokeLinecap: "round" };
  }
}
