"use client";
import { useMemo } from "react";
import type { ProposalSummaryView, ProposalsView } from "#view";
import { useAddress } from "../address/useAddress.ts";
import { useProposals } from "../data/queries.ts";
import { Failure, PageTitle, Skeleton, WithMesh } from "../frame/PageState.tsx";
import { count, plural } from "../numbers.ts";
import { DataTable } from "../table/DataTable.tsx";
import type { Column } from "../table/sortRows.ts";
import { Filtered } from "../state/Filtered.tsx";
import { OnlyFilter } from "../state/OnlyFilter.tsx";
import { StateGlyph } from "../state/StateGlyph.tsx";
import { WORDS } from "../words.ts";
import { Others } from "./Others.tsx";
import { proven } from "./proven.ts";

function Number({ value, state }: { readonly value: number | null; readonly state: "blocked" | "plaintext" | "unclear" | null }) {
  if (value === null) return <span className="text-quiet" title="nothing arrived">–</span>;
  return (
    <span className={`inline-flex items-center justify-end gap-1.5 ${value === 0 ? "text-quiet" : state === null ? "" : "font-medium"}`}>
      {value > 0 && state !== null && <StateGlyph state={state} size={12} />}
      {count(value)}
    </span>
  );
}

/** What silence does not prove, and what goes on in plaintext, where there is no room for the sentence or the column; `narrow` hides it where there is. */
function remark({ edgesSeen, staysPlaintext }: ProposalSummaryView): { readonly text: string; readonly narrow: string } | null {
  if (edgesSeen === 0) return { text: WORDS.nothingArrived, narrow: "@4xl:hidden" };
  return staysPlaintext === 0 ? null : { text: `${count(staysPlaintext)} still plaintext`, narrow: "@lg:hidden" };
}

function Title({ proposal }: { readonly proposal: ProposalSummaryView }) {
  const below = remark(proposal);
  if (below === null) return <span className="line-clamp-2 text-xs leading-4 font-medium whitespace-normal @md:text-sm">{proposal.title}</span>;
  return (
    <span className="block leading-4" title={proposal.sentence}>
      <span className="block truncate text-xs font-medium @md:text-sm @md:leading-4">{proposal.title}</span>
      <span className={`block truncate text-xs leading-4 text-quiet ${below.narrow}`}>{below.text}</span>
    </span>
  );
}

const mtlsAfter = (proposal: ProposalSummaryView) => proven(proposal, "mtlsAfter");
const blocked = (proposal: ProposalSummaryView) => proven(proposal, "becomesBlocked");
const stillPlaintext = (proposal: ProposalSummaryView) => proven(proposal, "staysPlaintext");
const uncertain = (proposal: ProposalSummaryView) => proven(proposal, "uncertain");

/** @param below workloads stand below their namespace */
function title(below: boolean): Column<ProposalSummaryView> {
  const indent = ({ scope }: ProposalSummaryView) => (below && scope.kind === "workload" ? "pl-4" : "");
  return { id: "title", header: "Proposal", className: "@3xl:w-80", value: (proposal) => proposal.title, cell: (proposal) => <div className={indent(proposal)}><Title proposal={proposal} /></div> };
}

const COLUMNS: readonly Column<ProposalSummaryView>[] = [
  { id: "scope", header: "Scope", className: "hidden w-28 @2xl:table-cell", value: ({ scope }) => scope.kind, cell: ({ scope }) => <span className="text-quiet">{scope.kind}</span> },
  {
    id: "mtls",
    header: "mTLS after",
    title: "connections that stay mTLS or become it",
    numeric: true,
    className: "hidden w-24 @md:table-cell",
    value: mtlsAfter,
    cell: (proposal) => <Number value={mtlsAfter(proposal)} state={null} />,
  },
  { id: "blocked", header: "Become blocked", title: "connections that are open today and would be refused", numeric: true, className: "w-22 @md:w-30", value: blocked, cell: (proposal) => <Number value={blocked(proposal)} state="blocked" /> },
  {
    id: "plaintext",
    header: "Still plaintext",
    title: "connections on which plaintext arrives all the same: the change does not reach it",
    numeric: true,
    className: "hidden w-26 @lg:table-cell",
    value: stillPlaintext,
    cell: (proposal) => <Number value={stillPlaintext(proposal)} state="plaintext" />,
  },
  { id: "uncertain", header: "Uncertain", numeric: true, className: "w-20 @md:w-24", value: uncertain, cell: (proposal) => <Number value={uncertain(proposal)} state="unclear" /> },
  { id: "sentence", header: "What it would do", className: "hidden @4xl:table-cell", cell: ({ sentence }) => <span className="line-clamp-2 text-xs leading-4 whitespace-normal text-quiet" title={sentence}>{sentence}</span> },
];

/** Workloads that could go on alone, and for which there was no room in the list. */
function LeftOut({ leftOut }: Pick<ProposalsView, "leftOut">) {
  if (leftOut === 0) return null;
  return (
    <p className="shrink-0 border-t border-line px-4 py-2 text-sm text-quiet">
      {plural(leftOut, "more workload")} would lose nothing by STRICT and {leftOut === 1 ? "is" : "are"} not listed: only those with the most connections are.
    </p>
  );
}

const NOTHING_BLOCKED = "nothing blocked";

function List({ proposals }: { readonly proposals: ProposalsView }) {
  const { namespaces, text, only, sort, selection, select } = useAddress();
  const columns = useMemo(() => [title(sort === null), ...COLUMNS], [sort]);
  const wanted = text.trim().toLowerCase();
  const found = proposals.proposals.filter(({ scope, title }) => {
    const inScope = namespaces.length === 0 || scope.kind === "mesh" || namespaces.includes(scope.namespace);
    return inScope && title.toLowerCase().includes(wanted);
  });
  const harmless = found.filter((proposal) => blocked(proposal) === 0);
  const rows = only === NOTHING_BLOCKED ? harmless : found;
  return (
    <div className="flex h-full flex-col">
      <PageTitle title="Proposals">
        <p className="text-sm text-quiet">What could be made STRICT next, readiest first; last those on which nothing arrived. The numbers are connections of the mesh as it is now; one that carries several things counts in each.</p>
      </PageTitle>
      <div className="px-4 pb-3">
        <OnlyFilter
          label="Only proposals"
          choices={[{ only: NOTHING_BLOCKED, word: NOTHING_BLOCKED, title: "those that would block none of the connections seen; what is uncertain may still be blocked", number: harmless.length }]}
        />
      </div>
      <Filtered />
      <DataTable
        label="Proposals"
        rows={rows}
        columns={columns}
        rowKey={({ id }) => id}
        selectedKey={selection?.kind === "proposal" ? selection.id : null}
        onOpen={({ id }) => {
          select({ kind: "proposal", id });
        }}
        empty={proposals.proposals.length === 0 ? "Nothing is proposed here." : WORDS.nothingMatches}
      />
      <LeftOut leftOut={proposals.leftOut} />
      <Others others={proposals.others} />
    </div>
  );
}

function Loaded() {
  const proposals = useProposals();
  if (proposals.data !== undefined) return <List proposals={proposals.data} />;
  if (proposals.error !== null) return <Failure error={proposals.error} retry={() => void proposals.refetch()} />;
  return <Skeleton />;
}

/** What can become STRICT, with what that would do; opening one shows the preview. */
export function ProposalsPage() {
  return <WithMesh>{() => <Loaded />}</WithMesh>;
}
