import type { NodeView, ServerMode } from "#view";
import { ACCEPTS } from "../words.ts";

/** A mode as Istio spells it, with what it means on hover. */
export function Mode({ mode }: { readonly mode: ServerMode | "unknown" }) {
  return (
    <span title={ACCEPTS[mode]} className={mode === "unknown" ? "text-quiet" : ""}>
      {mode}
    </span>
  );
}

/** What a thing's ports accept: one word when all agree, else each mode with its number of ports. */
export function ModeList({ accepts }: { readonly accepts: NodeView["accepts"] }) {
  const [first] = accepts;
  if (first === undefined) return <span className="text-quiet">–</span>;
  if (accepts.length === 1) return <Mode mode={first.mode} />;
  return (
    <span className="inline-flex flex-wrap gap-x-2">
      {accepts.map(({ mode, ports }) => (
        <span key={mode}>
          <Mode mode={mode} /> <span className="text-quiet">{ports}</span>
        </span>
      ))}
    </span>
  );
}
