"use client";

import type { ReactNode } from "react";
import { STATE_ORDER } from "./edgeLine.ts";
import { EdgeSample } from "./EdgeSample.tsx";
import { NODE_GLYPHS } from "./glyphs.ts";
import type { NodeGlyph } from "./glyphs.ts";
import { PALETTES } from "./graphPalette.ts";
import type { LegendProps, Theme } from "./graphProps.ts";

/** Says how each state is drawn, how many edges are in it, and switches it off and on. */
export function Legend({ counts, shown, onToggle, theme }: LegendProps): ReactNode {
  const edges = new Map(counts.map((count) => [count.state, count.edges]));
  const { muted } = PALETTES[theme];
  return (
    <div className="text-[12px]">
      <ul role="group" aria-label="States of connections, each a filter" className="flex flex-col">
        {STATE_ORDER.map((state) => (
          <li key={state}>
            <button
              type="button"
              aria-pressed={shown.has(state)}
              title={shown.has(state) ? `Hide ${state}` : `Show ${state}`}
              onClick={() => {
                onToggle(state);
              }}
              className={`flex w-full cursor-pointer items-center gap-2.5 rounded px-1.5 py-0.5 text-left hover:bg-current/5 ${shown.has(state) ? "" : "opacity-40"}`}
            >
              <EdgeSample state={state} theme={theme} />
              <span className={`grow ${shown.has(state) ? "" : "line-through"}`}>{state}</span>
              <span className="tabular-nums" style={{ color: muted }}>{(edges.get(state) ?? 0).toLocaleString("en")}</span>
            </button>
          </li>
        ))}
      </ul>
      <NodeKey theme={theme} />
    </div>
  );
}

const PLANES: readonly { readonly glyph: NodeGlyph; readonly words: string }[] = [
  { glyph: "sidecar", words: "sidecar" },
  { glyph: "ambient", words: "ambient" },
  { glyph: "gateway", words: "gateway" },
  { glyph: "none", words: "no proxy" },
  { glyph: "unidentified", words: "sender unidentified" },
  { glyph: "external", words: "outside host" },
];
const LETTERS = [
  ["S", "STRICT"],
  ["P", "PERMISSIVE"],
  ["D", "DISABLE"],
  ["M", "several"],
  ["–", "not captured"],
  ["?", "not known"],
] as const;

function NodeKey({ theme }: { readonly theme: Theme }): ReactNode {
  const { muted, text, ground } = PALETTES[theme];
  return (
    <details className="mt-1.5 px-1.5" style={{ color: muted }}>
      <summary className="cursor-pointer">Marks of workloads, and ≠</summary>
      <ul className="mt-1 grid grid-cols-2 gap-x-3 gap-y-0.5">
        {PLANES.map(({ glyph, words }) => (
          <li key={glyph} className="flex items-center gap-1.5">
            <svg width="14" height="14" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
              <path d={NODE_GLYPHS[glyph].fill} fill="currentColor" stroke="none" />
              <path d={NODE_GLYPHS[glyph].stroke} />
            </svg>
            {words}
          </li>
        ))}
        {LETTERS.map(([letter, words]) => (
          <li key={letter} className="flex items-center gap-1.5">
            <span className="flex size-3.5 shrink-0 items-center justify-center rounded-[3px] text-[9px] font-semibold" style={{ border: `1px solid ${muted}`, background: letter === "S" ? muted : "transparent", color: letter === "S" ? ground : text }}>{letter}</span>
            {words}
          </li>
        ))}
        <li className="col-span-2">≠ what was observed is not what configuration says</li>
        <li className="col-span-2">Width: requests or connections per second, 0.1 to 10,000, by the logarithm</li>
      </ul>
    </details>
  );
}
