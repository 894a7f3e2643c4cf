import type { NodeView, ServerMode } from "#view";
import { count } from "../numbers.ts";
import { ACCEPTS, MODE_GLOSS } from "../words.ts";

/** A mode as Istio spells it, with what it means on hover; one that is no word of Istio's with what it stands for. */
export function Mode({ mode }: { readonly mode: ServerMode | "unknown" }) {
  const gloss = MODE_GLOSS[mode];
  return (
    <span title={ACCEPTS[mode]} className={mode === "unknown" ? "text-quiet" : ""}>
      {mode}
      {gloss !== undefined && <span className="text-xs text-quiet"> {gloss}</span>}
    </span>
  );
}

/** What a thing's ports accept: one word when all agree, else each mode with its number of ports. A port whose pods differ counts once for each of their answers. */
export function ModeList({ accepts }: { readonly accepts: NodeView["accepts"] }) {
  const [first] = accepts;
  if (first === undefined) return <span className="text-quiet">–</span>;
  if (accepts.length === 1) return <Mode mode={first.mode} />;
  return (
    <span className="inline-flex flex-wrap gap-x-2 align-middle leading-4" title="ports by what they accept; one whose pods differ counts once for each answer">
      {accepts.map(({ mode, ports }) => (
        <span key={mode} className="whitespace-nowrap">
          <Mode mode={mode} /> <span className="text-quiet">{count(ports)}</span>
        </span>
      ))}
    </span>
  );
}
