import type { EdgeState, EdgeView } from "#view";
import { count } from "../numbers.ts";
import { STATE_MEANING } from "../words.ts";
import { StateGlyph } from "./StateGlyph.tsx";
import { isPartlyUnclear } from "./stateTone.ts";

/** What a state leaves out where it stands alone: `, 540 unclear` beside mTLS. */
export function Unclear({ amount }: { readonly amount: string }) {
  return (
    <span className="text-unknown-text" title="of this part nobody reported the security">
      , {amount} unclear
    </span>
  );
}

/** A state as glyph and word. */
export function StateBadge({ state, size }: { readonly state: EdgeState; readonly size?: number }) {
  return (
    <span className="inline-flex items-center gap-1.5 align-top" title={STATE_MEANING[state]}>
      <StateGlyph state={state} {...(size === undefined ? {} : { size })} />
      {state}
    </span>
  );
}

/** The mark of an edge: that of its state, and a question mark beside mTLS that is not all of it. */
export function EdgeGlyph({ edge }: { readonly edge: Pick<EdgeView, "state" | "counts"> }) {
  if (!isPartlyUnclear(edge)) return <StateGlyph state={edge.state} />;
  return (
    <span className="inline-flex items-center">
      <StateGlyph state="mTLS" />
      <StateGlyph state="unclear" size={10} />
    </span>
  );
}

/** The state of an edge, with the share that it leaves out. */
export function EdgeBadge({ edge }: { readonly edge: Pick<EdgeView, "state" | "counts"> }) {
  return (
    <span className="inline-flex items-center gap-1.5 align-top" title={STATE_MEANING[edge.state]}>
      <EdgeGlyph edge={edge} />
      <span>
        {edge.state}
        {isPartlyUnclear(edge) && <Unclear amount={count(edge.counts.unclear)} />}
      </span>
    </span>
  );
}
