"use client";
import { useMemo } from "react";
import { lengthText } from "#time-spans";
import type { MeshView, NamespaceView, TotalsView } from "#view";
import { Prose } from "../Prose.tsx";
import { indexNodes } from "../address/scope.ts";
import { useAddress } from "../address/useAddress.ts";
import { attempted, plural } from "../numbers.ts";
import { ModeList } from "../state/ModeList.tsx";
import { StateBar } from "../state/StateBar.tsx";
import { READINESS } from "../words.ts";
import { EdgeSection } from "./EdgeSection.tsx";
import { ProposalLinks } from "./NextSteps.tsx";
import { FactRow, Section } from "./Section.tsx";

function Traffic({ totals, window }: { readonly totals: TotalsView; readonly window: string }) {
  return (
    <div className="space-y-4">
      <StateBar title="HTTP requests" whole={`${plural(attempted(totals.requests), "request")} ${window}`} counts={totals.requests} />
      {attempted(totals.connections) > 0 && <StateBar title="TCP connections" whole={`${plural(attempted(totals.connections), "TCP connection")} ${window}`} counts={totals.connections} />}
    </div>
  );
}

function Body({ namespace, view }: { readonly namespace: NamespaceView; readonly view: MeshView }) {
  const { amend, namespaces } = useAddress();
  const nodesById = useMemo(() => indexNodes(view), [view]);
  const incoming = view.edges.filter((edge) => nodesById.get(edge.server)?.namespace === namespace.name);
  const scoped = namespaces.length === 1 && namespaces[0] === namespace.name;
  return (
    <>
      <FactRow name="accepts">
        <ModeList accepts={namespace.accepts} />
      </FactRow>
      <FactRow name="STRICT?">
        <span className="font-medium">{READINESS[namespace.readiness.kind]}</span>
        <span className="block text-sm text-quiet">
          <Prose text={namespace.readiness.sentence} />
        </span>
        <ProposalLinks node="" namespace={namespace.name} />
      </FactRow>
      <FactRow name="workloads">
        {plural(namespace.workloads, "workload")}, {namespace.workloadsWithoutProxy} without a proxy
        <button
          type="button"
          onClick={() => {
            amend({ namespaces: scoped ? [] : [namespace.name] });
          }}
          className="mt-1.5 block h-7 rounded-md border border-line px-2 text-sm hover:bg-hover"
        >
          {scoped ? "Show all namespaces" : `Show only ${namespace.name}`}
        </button>
      </FactRow>
      <Section title="What reached it">
        <Traffic totals={namespace.incoming} window={`in ${lengthText(view.window.seconds)}`} />
      </Section>
      <EdgeSection title="Incoming" edges={incoming} nodesById={nodesById} show="both" none="Nothing was seen to reach it. That is no evidence that nothing does." />
    </>
  );
}

export function NamespacePanel({ name, view }: { readonly name: string; readonly view: MeshView }) {
  const namespace = view.namespaces.find((candidate) => candidate.name === name);
  return (
    <>
      <h2 className="px-4 pt-3 pb-3 font-mono text-lg font-semibold [overflow-wrap:anywhere]">{name}</h2>
      {namespace === undefined ? <p className="px-4 text-quiet">No namespace of this name is in the picture.</p> : <Body namespace={namespace} view={view} />}
    </>
  );
}
