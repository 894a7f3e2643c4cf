"use client";
import { structuredPatch } from "diff";
import { useMemo } from "react";
import type { ProposalView } from "#view";
import { CopyBlock, CopyButton } from "../panels/CopyBlock.tsx";
import { ObjectName } from "../panels/ReasonChain.tsx";
import { Section } from "../panels/Section.tsx";
import { Precondition } from "./Precondition.tsx";

const WHOLE_FILE = 10_000;

function lines(before: string, after: string): readonly string[] {
  const { hunks } = structuredPatch("now", "then", before, after, undefined, undefined, { context: WHOLE_FILE });
  return hunks.flatMap((hunk) => hunk.lines).filter((line) => !line.startsWith("\\"));
}

const WORD: Readonly<Record<string, string>> = { "+": "added: ", "-": "removed: " };

function Line({ line }: { readonly line: string }) {
  const sign = line.slice(0, 1);
  const tone = sign === "+" ? "bg-selected font-medium" : sign === "-" ? "text-quiet line-through decoration-quiet" : "";
  return (
    <span className={`block px-3 ${tone}`}>
      <span aria-hidden="true" className="mr-2 inline-block w-2 text-quiet no-underline select-none">
        {sign}
      </span>
      <span className="sr-only">{WORD[sign] ?? ""}</span>
      {line.slice(1)}
    </span>
  );
}

/** The manifest as it would be, with what is new and what goes; to copy, the manifest alone. */
function ManifestDiff({ proposal }: { readonly proposal: ProposalView }) {
  const shown = useMemo(() => lines(proposal.manifestNow, proposal.manifest), [proposal.manifestNow, proposal.manifest]);
  return (
    <div className="relative rounded-md border border-line bg-surface">
      <pre tabIndex={0} role="region" aria-label="The change as a diff" className="scroll-area max-h-96 py-2.5 text-sm whitespace-pre-wrap [overflow-wrap:anywhere]">
        {shown.map((line, index) => (
          <Line key={`${index.toString()} ${line}`} line={line} />
        ))}
      </pre>
      <div className="absolute top-1.5 right-1.5">
        <CopyButton text={proposal.manifest} label="the manifest" />
      </div>
    </div>
  );
}

/** The objects it writes, and the commands that do and undo the same. */
export function WhatItWrites({ proposal }: { readonly proposal: ProposalView }) {
  return (
    <Section title="The change">
      <ul className="mb-2 text-sm">
        {proposal.touches.map(({ object, action }) => (
          <li key={`${action} ${object.kind} ${object.namespace}/${object.name}`}>
            <span className="text-quiet">{action}</span> <ObjectName object={object} />
          </li>
        ))}
      </ul>
      <ManifestDiff proposal={proposal} />
      <p className="mt-3 mb-1 text-sm text-quiet">The same with kubectl</p>
      <CopyBlock text={proposal.command} label="the command" />
      <p className="mt-3 mb-1 text-sm text-quiet">What undoes it</p>
      <CopyBlock text={proposal.undoCommand} label="the command that undoes it" />
      <Precondition commands={[proposal.command, proposal.undoCommand]} />
    </Section>
  );
}
