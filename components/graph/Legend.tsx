"use client";

import type { ReactNode } from "react";
import { STATE_ORDER } from "./edgeLine.ts";
import type { LineOf } from "./edgeLine.ts";
import { EdgeSample } from "./EdgeSample.tsx";
import { NODE_GLYPHS } from "./glyphs.ts";
import type { NodeGlyph } from "./glyphs.ts";
import type { LegendProps } from "./graphProps.ts";

const PARTLY_UNCLEAR: LineOf = { state: "mTLS", counts: { mtls: 60, plaintext: 0, tls: 0, unclear: 40, refused: 0 }, configured: [] };

/** Says how each state is drawn, how many edges are in it, and switches it off and on. */
export function Legend({ counts, partlyUnclear, onlyUnclear, onOnlyUnclear, shown, onToggle }: LegendProps): ReactNode {
  const edges = new Map(counts.map((count) => [count.state, count.edges]));
  return (
    <div className="text-sm">
      <ul aria-label="States of connections, each a filter" className="flex flex-col">
        {STATE_ORDER.map((state) => (
          <li key={state}>
            <button
              type="button"
              aria-pressed={shown.has(state)}
              title={shown.has(state) ? `Hide ${state}` : `Show ${state}`}
              onClick={() => {
                onToggle(state);
              }}
              className={`flex w-full items-center gap-2 rounded-md px-1.5 py-0.5 text-left hover:bg-hover ${shown.has(state) ? "" : "opacity-40"}`}
            >
              <EdgeSample state={state} />
              <span className={`grow leading-4 ${shown.has(state) ? "" : "line-through"}`}>{state}</span>
              <span className="text-quiet tabular-nums">{(edges.get(state) ?? 0).toLocaleString("en")}</span>
            </button>
          </li>
        ))}
        {partlyUnclear > 0 && (
          <li>
            <button
              type="button"
              aria-pressed={onlyUnclear}
              title={onlyUnclear ? "Show all again" : "Show only connections with traffic whose security nobody reported"}
              onClick={onOnlyUnclear}
              className={`flex w-full items-center gap-2 rounded-md px-1.5 py-0.5 text-left hover:bg-hover ${onlyUnclear ? "bg-selected" : ""}`}
            >
              <EdgeSample state="mTLS" edge={PARTLY_UNCLEAR} />
              <span className="grow leading-4">mTLS, part unclear</span>
              <span className="text-quiet tabular-nums">{partlyUnclear.toLocaleString("en")}</span>
            </button>
          </li>
        )}
      </ul>
      <NodeKey />
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

function NodeKey(): ReactNode {
  return (
    <details className="mt-1 px-1.5 text-quiet">
      <summary>Marks of workloads, and ≠</summary>
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
            <span className={`flex size-3.5 shrink-0 items-center justify-center rounded-sm border border-quiet text-[9px] font-semibold ${letter === "S" ? "bg-quiet text-ground" : "text-text"}`}>{letter}</span>
            {words}
          </li>
        ))}
        <li className="col-span-2">≠ what was observed is not what configuration says</li>
        <li className="col-span-2">Width: requests or connections per second, 0.1 to 10,000, by the logarithm</li>
      </ul>
    </details>
  );
}
