"use client";
import { useMemo } from "react";
import type { MeshView, WorkloadView } from "#view";
import { indexNodes } from "../address/scope.ts";
import { useWorkload } from "../data/queries.ts";
import { plural } from "../numbers.ts";
import { DATA_PLANE } from "../words.ts";
import { EdgeSection } from "./EdgeSection.tsx";
import { Instances } from "./Instances.tsx";
import { Loaded } from "./Loaded.tsx";
import { ProposalLinks } from "./NextSteps.tsx";
import { Policies } from "./Policies.tsx";
import { Ports } from "./Ports.tsx";
import { GapList } from "./ReasonChain.tsx";
import { Section } from "./Section.tsx";
import { Sends } from "./Sends.tsx";

function Body({ workload, view }: { readonly workload: WorkloadView; readonly view: MeshView }) {
  const nodesById = useMemo(() => indexNodes(view), [view]);
  return (
    <>
      <p className="px-4 pb-3 text-sm text-quiet">
        {workload.ownerKind}, {plural(workload.instances.length, "pod")}, {workload.dataPlaneModes.map((mode) => DATA_PLANE[mode]).join(" and ")}
      </p>
      <div className="px-4 pb-3 empty:hidden">
        <ProposalLinks node={workload.id} namespace={workload.namespace} />
      </div>
      <Ports workload={workload} />
      <Policies policies={workload.policies} />
      <EdgeSection title="Observed incoming" edges={workload.incoming} nodesById={nodesById} show="client" none="Nothing was seen to reach it. That is no evidence that nothing does." />
      <Sends outgoing={workload.outgoing} />
      <EdgeSection title="Observed outgoing" edges={workload.outgoing} nodesById={nodesById} show="server" none="It was not seen to send anything." />
      <Instances workload={workload} />
      {workload.gaps.length > 0 && (
        <Section title="What is not known here">
          <GapList gaps={workload.gaps} />
        </Section>
      )}
    </>
  );
}

/** One workload: per port what it accepts and why, its policies, what it sends, what was observed. */
export function WorkloadPanel({ id, view }: { readonly id: string; readonly view: MeshView }) {
  const slash = id.indexOf("/");
  const query = useWorkload(id.slice(0, slash), id.slice(slash + 1));
  return (
    <>
      <h2 className="px-4 pt-3 pb-1 font-mono text-lg font-semibold [overflow-wrap:anywhere]">
        <span className="font-normal text-quiet">{id.slice(0, slash + 1)}</span>
        {id.slice(slash + 1)}
      </h2>
      <Loaded query={query}>{(workload) => <Body workload={workload} view={view} />}</Loaded>
    </>
  );
}
