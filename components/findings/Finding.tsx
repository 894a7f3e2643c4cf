"use client";
import { useState } from "react";
import type { FindingView, NodeView } from "#view";
import { Prose } from "../Prose.tsx";
import { CopyButton, Words } from "../panels/CopyBlock.tsx";
import { NodeLink } from "../panels/NodeLink.tsx";
import { ObjectName, RuleLink } from "../panels/ReasonChain.tsx";
import { Fact } from "../panels/Fact.tsx";

const FEW = 5;
/** More say the same as the workloads above them. */
const FEW_HOSTS = 2;

function Affected({ finding, nodesById }: { readonly finding: FindingView; readonly nodesById: ReadonlyMap<string, NodeView> }) {
  const [all, setAll] = useState(false);
  const { affected } = finding;
  const shown = all ? affected : affected.slice(0, FEW);
  if (affected.length === 0) return <p className="text-sm text-quiet">No workload that runs now.</p>;
  return (
    <>
      <ul className="space-y-0.5 text-sm" aria-label="Affected workloads">
        {shown.map((id) => (
          <li key={id}>
            <NodeLink id={id} node={nodesById.get(id)} />
          </li>
        ))}
      </ul>
      {affected.length > FEW && (
        <button
          type="button"
          aria-expanded={all}
          onClick={() => {
            setAll(!all);
          }}
          className="-ml-2 h-7 rounded-md px-2 text-sm text-quiet hover:bg-hover hover:text-text"
        >
          {all ? "Show fewer" : `Show all ${affected.length}`}
        </button>
      )}
    </>
  );
}

function Field({ field, fieldOf, value }: Pick<FindingView, "field" | "fieldOf" | "value">) {
  if (field === null) return null;
  return (
    <code className="text-sm text-quiet [overflow-wrap:anywhere]">
      {fieldOf === "its pods" && "pods: "}
      {field}
      {value !== null && value !== "" && `: ${value}`}
    </code>
  );
}

/** One object that does not do what it seems to: what Istio does with it, what follows, what would mend it. */
export function Finding({ finding, nodesById }: { readonly finding: FindingView; readonly nodesById: ReadonlyMap<string, NodeView> }) {
  const { object, because } = finding;
  const name = `${object.kind} ${object.namespace === "" ? "" : `${object.namespace}/`}${object.name}`;
  return (
    <article className="grid rounded-lg border border-line @4xl:grid-cols-[3fr_2fr]" aria-label={name}>
      <div className="p-3.5">
        <h3 className="flex flex-wrap items-baseline gap-x-3 gap-y-1 font-semibold">
          <ObjectName object={object} />
          <RuleLink rule={finding.rule} />
        </h3>
        <p className="mt-0.5 mb-3">
          <Field field={finding.field} fieldOf={finding.fieldOf} value={finding.value} />
        </p>
        <dl className="space-y-1.5">
          <Fact name="what follows">{finding.consequence}</Fact>
          <Fact name="why">
            <Prose text={finding.sentence} />
          </Fact>
          {because !== null && <Fact name="because of">{`${because.kind} ${because.namespace === "" ? "" : `${because.namespace}/`}${because.name}`}</Fact>}
          <Fact name="fix">{finding.fix}</Fact>
        </dl>
      </div>
      <div className="border-t border-line p-3.5 @4xl:border-t-0 @4xl:border-l">
        <Affected finding={finding} nodesById={nodesById} />
        {finding.hosts.length > 0 && finding.hosts.length <= FEW_HOSTS && <p className="mt-2 text-sm text-quiet [overflow-wrap:anywhere]">{finding.hosts.join(", ")}</p>}
        <div className="mt-3 flex items-start gap-2">
          <code className="min-w-0 flex-1 pt-1 text-xs text-quiet [overflow-wrap:anywhere]">
            <Words text={finding.command} />
          </code>
          <CopyButton text={finding.command} label={`the line that shows ${name}`} />
        </div>
      </div>
    </article>
  );
}
