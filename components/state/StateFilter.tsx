"use client";
import type { EdgeState } from "#view";
import type { Scope } from "../address/scope.ts";
import { useAddress } from "../address/useAddress.ts";
import { STATE_MEANING, WORDS } from "../words.ts";
import { StateGlyph } from "./StateGlyph.tsx";
import { STATES_BY_URGENCY } from "./stateTone.ts";

function Chip({ state, number, chosen, onToggle }: { readonly state: EdgeState; readonly number: number; readonly chosen: boolean; readonly onToggle: () => void }) {
  return (
    <button
      type="button"
      aria-pressed={chosen}
      title={STATE_MEANING[state]}
      onClick={onToggle}
      className={`flex h-7 shrink-0 items-center gap-1.5 rounded-md border px-2 text-sm whitespace-nowrap ${chosen ? "border-line-strong bg-selected" : "border-line hover:bg-hover"}`}
    >
      <StateGlyph state={state} />
      {state}
      <span className="text-quiet tabular-nums">{number}</span>
    </button>
  );
}

/** The states as a legend that filters, and what else is filtered, with the way out. */
export function StateFilter({ scope }: { readonly scope: Scope }) {
  const { states, text, amend } = useAddress();
  const numbers = new Map(scope.counts.map((entry) => [entry.state, entry.edges]));
  const toggle = (state: EdgeState) => {
    amend({ states: states.includes(state) ? states.filter((other) => other !== state) : [...states, state] });
  };
  return (
    <div role="group" aria-label="Filter by state" className="flex gap-1.5 overflow-x-auto px-4 pb-3 [scrollbar-width:none] [mask-image:linear-gradient(to_right,black_calc(100%-32px),transparent)] @4xl:flex-wrap @4xl:[mask-image:none]">
      {STATES_BY_URGENCY.filter((state) => numbers.has(state) || states.includes(state)).map((state) => (
        <Chip
          key={state}
          state={state}
          number={numbers.get(state) ?? 0}
          chosen={states.includes(state)}
          onToggle={() => {
            toggle(state);
          }}
        />
      ))}
      {text !== "" && <span className="flex h-7 shrink-0 items-center rounded-md border border-line-strong bg-selected px-2 text-sm">contains “{text}”</span>}
      {(states.length > 0 || text !== "") && (
        <button
          type="button"
          onClick={() => {
            amend({ states: [], text: "" });
          }}
          className="h-7 shrink-0 rounded-md px-2 text-sm text-quiet hover:bg-hover hover:text-text"
        >
          {WORDS.clearFilters}
        </button>
      )}
    </div>
  );
}
