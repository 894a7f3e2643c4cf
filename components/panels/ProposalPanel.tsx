"use client";
import { useMemo } from "react";
import type { MeshView, NoProposalView, ProposalView, ReopeningView } from "#view";
import { Prose } from "../Prose.tsx";
import { indexNodes } from "../address/scope.ts";
import { useProposal } from "../data/queries.ts";
import { Applied } from "../proposals/Applied.tsx";
import { Apply } from "../proposals/Apply.tsx";
import { Consequences } from "../proposals/Consequences.tsx";
import { Precondition } from "../proposals/Precondition.tsx";
import { OutcomeNumbers } from "../proposals/OutcomeNumbers.tsx";
import { useApplied } from "../proposals/useApplied.ts";
import { WhatItWrites } from "../proposals/WhatItWrites.tsx";
import { CopyBlock } from "./CopyBlock.tsx";
import { Loaded } from "./Loaded.tsx";
import { GapList, ObjectName } from "./ReasonChain.tsx";
import { Section } from "./Section.tsx";

function Texts({ title, texts }: { readonly title: string; readonly texts: readonly string[] }) {
  if (texts.length === 0) return null;
  return (
    <Section title={title}>
      <ul className="list-disc space-y-1 pl-4 text-sm marker:text-quiet">
        {texts.map((text) => (
          <li key={text} className="[overflow-wrap:anywhere]">
            <Prose text={text} />
          </li>
        ))}
      </ul>
    </Section>
  );
}

function Body({ proposal, view, state }: { readonly proposal: ProposalView; readonly view: MeshView; readonly state: ReturnType<typeof useApplied> }) {
  const nodesById = useMemo(() => indexNodes(view), [view]);
  return (
    <>
      <header className="px-4 pt-3 pb-3">
        {state.settled && <p className="mb-1 text-sm text-quiet">The preview, as it was when it was applied</p>}
        <h2 className="text-lg font-semibold [overflow-wrap:anywhere]">{proposal.title}</h2>
        <p className="mt-1">{proposal.sentence}</p>
      </header>
      <OutcomeNumbers preview={proposal} of={proposal.mode} />
      <Texts title="Before you do" texts={proposal.remarks} />
      <Consequences consequences={proposal.consequences} nodesById={nodesById} />
      <WhatItWrites proposal={proposal} />
      <Section title="What could prove this wrong">
        {proposal.doubts.length === 0 ? <p className="text-sm text-quiet">Nothing that mtlscope knows of.</p> : <GapList gaps={proposal.doubts} />}
      </Section>
      <Texts title="Not covered by the change" texts={proposal.notCovered} />
      <Apply proposal={proposal} state={state} />
    </>
  );
}

/** What makes it STRICT, and the way back to PERMISSIVE with what that would do. */
function WayBack({ reopening, view }: { readonly reopening: ReopeningView; readonly view: MeshView }) {
  const nodesById = useMemo(() => indexNodes(view), [view]);
  const { decidedBy, sentence, consequences, command, undoCommand } = reopening;
  return (
    <>
      <Section title="What decides it">
        <ul className="text-sm">
          {decidedBy.map((object) => (
            <li key={`${object.namespace}/${object.name}`}>
              <ObjectName object={object} />
            </li>
          ))}
        </ul>
      </Section>
      <Section title="The way back to PERMISSIVE">
        <p className="[overflow-wrap:anywhere]">{sentence}</p>
      </Section>
      <OutcomeNumbers preview={reopening} of="reopening" />
      <Consequences consequences={consequences} nodesById={nodesById} />
      <Section title="The change">
        <CopyBlock text={command} label="the command that reopens it" />
        <p className="mt-3 mb-1 text-sm text-quiet">What undoes that</p>
        <CopyBlock text={undoCommand} label="the command that makes it STRICT again" />
        <Precondition commands={[command, undoCommand]} />
      </Section>
    </>
  );
}

function Nothing({ proposal: { sentence, reopening }, view }: { readonly proposal: NoProposalView; readonly view: MeshView }) {
  return (
    <>
      <header className="px-4 pt-3 pb-3">
        <h2 className="text-lg font-semibold">Nothing is proposed here</h2>
        <p className="mt-1 [overflow-wrap:anywhere]">
          <Prose text={sentence} />
        </p>
      </header>
      {reopening !== null && <WayBack reopening={reopening} view={view} />}
    </>
  );
}

/** A change before it is made: its numbers, what changes, the manifest, and what could prove it wrong. */
export function ProposalPanel({ id, view }: { readonly id: string; readonly view: MeshView }) {
  const state = useApplied(id, view);
  const query = useProposal(id, !state.settled);
  return (
    <>
      <Applied view={view} />
      <Loaded query={query}>{(proposal) => (proposal.schema === "mtlscope-no-proposal/1" ? <Nothing proposal={proposal} view={view} /> : <Body proposal={proposal} view={view} state={state} />)}</Loaded>
    </>
  );
}
