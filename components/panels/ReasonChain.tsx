import type { GapView, ObjectRefView, SentenceView, VerdictView } from "#view";
import { Prose } from "../Prose.tsx";

export function ObjectName({ object }: { readonly object: ObjectRefView }) {
  return (
    <span className="font-mono text-[0.93em] [overflow-wrap:anywhere]">
      {object.kind} {object.namespace === "" ? object.name : `${object.namespace}/${object.name}`}
    </span>
  );
}

/** The id of the rule that was applied; the page of rules says what it reads and where it comes from. */
export function RuleLink({ rule }: { readonly rule: string }) {
  return (
    <a href={`/rules#${encodeURIComponent(rule)}`} className="rounded-sm border border-line px-1 font-mono text-xs text-quiet hover:border-line-strong hover:text-text" title={`Rule ${rule}`}>
      {rule}
    </a>
  );
}

function Source({ sentence }: { readonly sentence: SentenceView }) {
  const { object, field, value, rule } = sentence;
  return (
    <p className="mt-0.5 flex flex-wrap items-baseline gap-x-2 gap-y-0.5 text-quiet">
      {object !== null && <ObjectName object={object} />}
      {field !== null && (
        <code className="[overflow-wrap:anywhere]">
          {field}
          {value !== null && `: ${value}`}
        </code>
      )}
      {rule !== null && <RuleLink rule={rule} />}
    </p>
  );
}

function Step({ sentence }: { readonly sentence: SentenceView }) {
  return (
    <li className="relative border-l border-line-strong pb-3 pl-4 last:border-transparent last:pb-0">
      <span aria-hidden="true" className="absolute top-1.75 -left-1 size-1.75 rounded-full bg-text" />
      <p className="[overflow-wrap:anywhere]">
        <Prose text={sentence.text} />
      </p>
      <Source sentence={sentence} />
      {sentence.overrode.length > 0 && (
        <div className="mt-1.5">
          <p className="text-quiet">over</p>
          <ul className="mt-0.5 space-y-1.5 border-l border-dashed border-line-strong pl-3">
            {sentence.overrode.map((lost) => (
              <li key={`${lost.rule ?? ""} ${lost.text}`}>
                <p className="text-quiet [overflow-wrap:anywhere]">
                  <Prose text={lost.text} />
                </p>
                <Source sentence={lost} />
              </li>
            ))}
          </ul>
        </div>
      )}
    </li>
  );
}

/** How a verdict came about, object by object, with what each step overrode. */
export function ReasonChain({ sentences }: { readonly sentences: readonly SentenceView[] }) {
  return (
    <ol className="ml-1 rounded-md bg-surface px-3 py-2.5 text-sm">
      {sentences.map((sentence, index) => (
        <Step key={`${index.toString()} ${sentence.text}`} sentence={sentence} />
      ))}
    </ol>
  );
}

/** What is missing to give an answer. */
export function GapList({ gaps }: { readonly gaps: readonly GapView[] }) {
  return (
    <ul className="space-y-1 text-sm">
      {gaps.map((gap) => (
        <li key={`${gap.wanted} ${gap.because}`} className="[overflow-wrap:anywhere]">
          <Prose text={gap.wanted} />
          <span className="block text-quiet">
            <Prose text={gap.because} />
          </span>
        </li>
      ))}
    </ul>
  );
}

export function VerdictReasons({ verdict }: { readonly verdict: VerdictView<string> }) {
  if (verdict.kind === "known") return <ReasonChain sentences={verdict.sentences} />;
  return (
    <div className="ml-1 rounded-md bg-surface px-3 py-2.5">
      <p className="mb-1 text-sm">It cannot be told, because this is missing:</p>
      <GapList gaps={verdict.gaps} />
    </div>
  );
}
