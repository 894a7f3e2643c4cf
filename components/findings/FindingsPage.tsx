"use client";
import { useMemo } from "react";
import type { FindingView, FindingsView, MeshView, NodeView } from "#view";
import { indexNodes } from "../address/scope.ts";
import { useAddress } from "../address/useAddress.ts";
import { useFindings } from "../data/queries.ts";
import { Failure, PageTitle, Skeleton, WithMesh } from "../frame/PageState.tsx";
import { count, plural } from "../numbers.ts";
import { GapList } from "../panels/ReasonChain.tsx";
import { Filtered } from "../state/Filtered.tsx";
import { FINDING_SEVERITY, WORDS } from "../words.ts";
import { Finding } from "./Finding.tsx";

const SEVERITIES = Object.keys(FINDING_SEVERITY) as readonly FindingView["severity"][];

function matches(finding: FindingView, wanted: string): boolean {
  const { object, rule, sentence, affected, hosts } = finding;
  return [object.kind, `${object.namespace}/${object.name}`, rule, sentence, ...affected, ...hosts].some((text) => text.toLowerCase().includes(wanted));
}

interface GroupProps {
  readonly severity: FindingView["severity"];
  readonly findings: readonly FindingView[];
  readonly nodesById: ReadonlyMap<string, NodeView>;
}

function Group({ severity, findings, nodesById }: GroupProps) {
  const { title, means } = FINDING_SEVERITY[severity];
  const id = severity.replaceAll(" ", "-");
  return (
    <section aria-labelledby={id} className="px-4 pb-6">
      <h2 id={id} className="mb-2 flex flex-wrap items-baseline gap-x-2.5">
        <span className="font-semibold">{title}</span>
        <span className="text-sm text-quiet tabular-nums">
          {findings.length}, {means}
        </span>
      </h2>
      <ul className="space-y-3">
        {findings.map((finding) => (
          <li key={finding.id}>
            <Finding finding={finding} nodesById={nodesById} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function NotRead({ gaps }: Pick<FindingsView, "gaps">) {
  if (gaps.length === 0) return null;
  return (
    <section aria-label="Not read" className="mx-4 mb-6 rounded-lg border border-line p-3.5">
      <p className="mb-2">Not everything could be read. What depends on the following is not listed, found or not:</p>
      <GapList gaps={gaps} />
    </section>
  );
}

function List({ view, findings }: { readonly view: MeshView; readonly findings: FindingsView }) {
  const { namespaces, text } = useAddress();
  const nodesById = useMemo(() => indexNodes(view), [view]);
  const wanted = text.trim().toLowerCase();
  const all = findings.findings;
  const shown = all.filter((finding) => (namespaces.length === 0 || finding.namespaces.some((name) => namespaces.includes(name))) && matches(finding, wanted));
  return (
    <>
      <PageTitle title="Findings">
        <p className="text-sm text-quiet tabular-nums">
          {shown.length === all.length ? "" : `${count(shown.length)} of `}
          {plural(all.length, "place")} where configuration does not do what it seems to
        </p>
      </PageTitle>
      <Filtered />
      <NotRead gaps={findings.gaps} />
      {shown.length === 0 && (
        <p className="px-4 py-6 text-quiet">{all.length === 0 ? "Every object that was read does what it says, as far as mTLS goes." : WORDS.nothingMatches}</p>
      )}
      {SEVERITIES.map((severity) => {
        const own = shown.filter((finding) => finding.severity === severity);
        return own.length === 0 ? null : <Group key={severity} severity={severity} findings={own} nodesById={nodesById} />;
      })}
    </>
  );
}

function Loaded({ view }: { readonly view: MeshView }) {
  const findings = useFindings();
  if (findings.data !== undefined) return <List view={view} findings={findings.data} />;
  if (findings.error !== null) return <Failure error={findings.error} retry={() => void findings.refetch()} />;
  return <Skeleton />;
}

/** Configuration that does not do what it seems to do: what breaks, what is weaker than it looks, what is dead. */
export function FindingsPage() {
  return <WithMesh>{(view) => <Loaded view={view} />}</WithMesh>;
}
