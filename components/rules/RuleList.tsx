import type { RuleView } from "#view";
import { Prose } from "../Prose.tsx";

/** The rules by which every verdict is given: what the small ids beside reasons stand for. */
export function RuleList({ rules }: { readonly rules: readonly RuleView[] }) {
  return (
    <div className="max-w-4xl px-4 pt-4 pb-10">
      <h1 className="text-lg font-semibold tracking-tight">Rules</h1>
      <p className="mt-1 mb-4 text-quiet">Every verdict names the rule that gave it. Each is one sentence that can be checked against a proxy.</p>
      <dl>
        {rules.map(({ id, says }) => (
          <div key={id} id={id} className="grid scroll-mt-4 grid-cols-[96px_minmax(0,1fr)] gap-x-3 border-t border-line py-2 target:bg-selected">
            <dt className="font-mono text-sm text-quiet">
              <a href={`#${id}`} className="rounded-sm hover:underline">
                {id}
              </a>
            </dt>
            <dd>
              <Prose text={says} />
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}
