"use client";
import type { EdgeState } from "#view";
import { isFiltered } from "../address/address.ts";
import type { Scope } from "../address/scope.ts";
import { useAddress } from "../address/useAddress.ts";
import { count, plural } from "../numbers.ts";
import { HAVING, STATE_MEANING } from "../words.ts";
import { ByText, ClearFilters, Narrowed } from "./Filtered.tsx";
import { StateGlyph } from "./StateGlyph.tsx";
import { STATES_BY_URGENCY } from "./stateTone.ts";

interface ChipProps {
  readonly state: EdgeState;
  readonly number: number;
  /** those of mTLS with an unclear part, which the chip of unclear finds as well */
  readonly besides: number;
  readonly chosen: boolean;
  readonly onToggle: () => void;
}

function Chip({ state, number, besides, chosen, onToggle }: ChipProps) {
  return (
    <button
      type="button"
      aria-pressed={chosen}
      title={besides === 0 ? STATE_MEANING[state] : `${STATE_MEANING[state]}; and ${plural(besides, "connection")} that ${besides === 1 ? "is" : "are"} mTLS with an unclear part`}
      onClick={onToggle}
      className={`flex h-7 shrink-0 items-center gap-1.5 rounded-md border px-2 text-sm whitespace-nowrap ${chosen ? "border-line-strong bg-selected" : "border-line hover:bg-hover"}`}
    >
      <StateGlyph state={state} />
      {state}
      <span className="text-quiet tabular-nums">{besides === 0 ? count(number) : `${count(number)} + ${count(besides)}`}</span>
    </button>
  );
}

/** The states as a legend that filters, and what else is filtered, with the way out. */
export function StateFilter({ scope }: { readonly scope: Scope }) {
  const address = useAddress();
  const { states, text, having, incoming, namespaces, amend } = address;
  const numbers = new Map(scope.counts.map((entry) => [entry.state, entry.edges]));
  const toggle = (state: EdgeState) => {
    amend({ states: states.includes(state) ? states.filter((other) => other !== state) : [...states, state] });
  };
  return (
    <div role="group" aria-label="Filter by state" className="flex gap-1.5 overflow-x-auto px-4 pb-3 [scrollbar-width:none] [mask-image:linear-gradient(to_right,black_calc(100%-32px),transparent)] @4xl:flex-wrap @4xl:[mask-image:none]">
      {STATES_BY_URGENCY.filter((state) => numbers.has(state) || (state === "unclear" && scope.partlyUnclear > 0) || states.includes(state)).map((state) => (
        <Chip
          key={state}
          state={state}
          number={numbers.get(state) ?? 0}
          besides={state === "unclear" ? scope.partlyUnclear : 0}
          chosen={states.includes(state)}
          onToggle={() => {
            toggle(state);
          }}
        />
      ))}
      {having !== null && <Narrowed>{HAVING[having]}</Narrowed>}
      {incoming && namespaces.length > 0 && <Narrowed>that end in {namespaces.join(" or ")}</Narrowed>}
      <ByText text={text} />
      {isFiltered(address) && <ClearFilters />}
    </div>
  );
}
