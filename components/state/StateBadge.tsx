import type { EdgeState } from "#view";
import { STATE_MEANING } from "../words.ts";
import { StateGlyph } from "./StateGlyph.tsx";

/** A state as glyph and word. */
export function StateBadge({ state, size }: { readonly state: EdgeState; readonly size?: number }) {
  return (
    <span className="inline-flex items-center gap-1.5 align-top" title={STATE_MEANING[state]}>
      <StateGlyph state={state} {...(size === undefined ? {} : { size })} />
      {state}
    </span>
  );
}
