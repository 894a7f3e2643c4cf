import type { EdgeDetailView } from "#view";
import { ago } from "../numbers.ts";
import { StateGlyph } from "../state/StateGlyph.tsx";
import { COUNT_KINDS } from "../state/stateTone.ts";
import { CopyButton } from "./CopyBlock.tsx";
import { RuleLink } from "./ReasonChain.tsx";

/** Each contribution to the counts, who reported it and by which rule it counts; then the questions put to Prometheus. */
export function Evidence({ detail, nowMs }: { readonly detail: EdgeDetailView; readonly nowMs: number }) {
  return (
    <div className="rounded-md bg-surface px-3 py-2.5 text-sm">
      {detail.evidence.length === 0 && <p className="text-quiet">Nothing was reported in the window.</p>}
      <ul className="space-y-1.5">
        {detail.evidence.map((item) => (
          <li key={`${item.rule} ${item.text}`} className="flex gap-2">
            <span className="mt-0.75">
              <StateGlyph state={COUNT_KINDS.find(({ key }) => key === item.counts)?.state ?? "unclear"} size={13} />
            </span>
            <span className="min-w-0 [overflow-wrap:anywhere]">
              {item.text} <RuleLink rule={item.rule} />
              {item.lastSeenMs !== null && <span className="block text-xs text-quiet">last {ago(item.lastSeenMs, nowMs)}</span>}
            </span>
          </li>
        ))}
      </ul>
      {detail.queries.length > 0 && (
        <ul className="mt-3 space-y-2 border-t border-line pt-2.5">
          {detail.queries.map((query) => (
            <li key={query.text}>
              <div className="flex items-center justify-between gap-2">
                <p className="text-quiet">{query.purpose}</p>
                <CopyButton text={query.text} label={query.purpose} />
              </div>
              <pre className="mt-1 text-xs whitespace-pre-wrap [overflow-wrap:anywhere]">{query.text}</pre>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
