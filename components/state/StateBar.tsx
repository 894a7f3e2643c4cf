import type { CountsView } from "#view";
import { count, share } from "../numbers.ts";
import { StateGlyph } from "./StateGlyph.tsx";
import { COUNT_KINDS } from "./stateTone.ts";

function parts(counts: CountsView) {
  return COUNT_KINDS.map((kind) => ({ ...kind, value: counts[kind.key] })).filter((part) => part.value > 0);
}

/** A bar of counts by state. Nothing that happened is narrower than 4 px, however rare. */
function Bar({ counts }: { readonly counts: CountsView }) {
  return (
    <div aria-hidden="true" className="flex h-3 gap-px overflow-hidden rounded-sm bg-hover">
      {parts(counts).map((part) => (
        <div key={part.key} className={`min-w-1 ${part.fill}`} style={{ flexGrow: part.value, flexBasis: 0 }} />
      ))}
    </div>
  );
}

/** A bar and beneath it each part as glyph, word, number and share, with the whole it is a share of. */
export function StateBar({ title, whole, counts }: { readonly title: string; readonly whole: string; readonly counts: CountsView }) {
  const all = counts.mtls + counts.plaintext + counts.tls + counts.unclear + counts.refused;
  return (
    <section aria-label={title}>
      <div className="mb-1.5 flex items-baseline justify-between gap-3">
        <h3 className="font-medium">{title}</h3>
        {all > 0 && <p className="text-sm text-quiet tabular-nums">{whole}</p>}
      </div>
      {all > 0 && <Bar counts={counts} />}
      <ul className="mt-1.5 flex flex-wrap gap-x-5 gap-y-1 text-sm tabular-nums">
        {parts(counts).map((part) => (
          <li key={part.key} className="flex items-center gap-1.5">
            <StateGlyph state={part.state} />
            <span>{part.label}</span>
            <span className="font-medium">{count(part.value)}</span>
            <span className="text-quiet">{share(part.value, all)}</span>
          </li>
        ))}
        {all === 0 && <li className="text-quiet">{whole}</li>}
      </ul>
    </section>
  );
}
