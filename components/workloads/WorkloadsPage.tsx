"use client";
import { useMemo } from "react";
import type { MeshView } from "#view";
import { useAddress } from "../address/useAddress.ts";
import { PageTitle, WithMesh } from "../frame/PageState.tsx";
import { count, plural } from "../numbers.ts";
import { BothFamilies } from "../state/BothFamilies.tsx";
import { Filtered } from "../state/Filtered.tsx";
import { ModeList } from "../state/ModeList.tsx";
import { NodeName } from "../state/NodeName.tsx";
import { OnlyFilter } from "../state/OnlyFilter.tsx";
import { Unclear } from "../state/StateBadge.tsx";
import { StateGlyph } from "../state/StateGlyph.tsx";
import { DataTable } from "../table/DataTable.tsx";
import type { Column } from "../table/sortRows.ts";
import { ACCEPTS, DATA_PLANE, WORDS } from "../words.ts";
import { findableText, isOfKind, workloadRows, type WorkloadRow, type Worst } from "./workloadRows.ts";

function WorstOf({ worst, edges }: { readonly worst: Worst | null; readonly edges: number }) {
  if (worst === null) return <span className="text-quiet">none</span>;
  const { state, unclear } = worst;
  const amounts = [unclear.requests, unclear.connections].filter((amount) => amount > 0).map(count);
  return (
    <span className="inline-flex max-w-full items-center gap-1.5 align-top" title={`${plural(edges, "connection")}, the worst is ${state}${amounts.length === 0 ? "" : ", and of a part nobody reported the security"}`}>
      <StateGlyph state={state} />
      {amounts.length > 0 && <StateGlyph state="unclear" size={10} />}
      <span className="truncate">
        {state}
        {amounts.length > 0 && <Unclear amount={amounts.join(" + ")} />}
      </span>
      <span className="text-quiet">{count(edges)}</span>
    </span>
  );
}

const COLUMNS: readonly Column<WorkloadRow>[] = [
  { id: "name", header: "Workload", value: ({ node }) => `${node.namespace}/${node.name}`, cell: ({ node }) => <NodeName node={node} id={node.id} /> },
  { id: "kind", header: "Kind", className: "hidden w-24 @6xl:table-cell", value: ({ node }) => node.ownerKind, cell: ({ node }) => <span className="text-quiet">{node.ownerKind ?? "–"}</span> },
  {
    id: "proxy",
    header: "In the mesh by",
    className: "hidden w-34 @lg:table-cell",
    value: ({ node }) => node.dataPlaneModes.join(" "),
    cell: ({ node }) => <span className={node.dataPlaneModes.includes("none") ? "font-medium" : ""}>{node.dataPlaneModes.map((mode) => DATA_PLANE[mode]).join(", ") || "–"}</span>,
  },
  { id: "instances", header: "Pods", numeric: true, className: "hidden w-14 @4xl:table-cell", value: ({ node }) => node.instances, cell: ({ node }) => node.instances },
  { id: "accepts", header: "Accepts", className: "w-28 @4xl:w-44", value: ({ node }) => node.accepts.map(({ mode }) => mode).join(" "), cell: ({ node }) => <ModeList accepts={node.accepts} /> },
  { id: "in", header: "Incoming, worst", className: "w-30 @xl:w-44 @4xl:w-52", value: (row) => row.worstIncoming?.urgency ?? null, cell: (row) => <WorstOf worst={row.worstIncoming} edges={row.incoming} /> },
  {
    id: "plaintext",
    header: "Plaintext in",
    numeric: true,
    className: "hidden w-24 @6xl:table-cell",
    value: (row) => row.requests.plaintext + row.connections.plaintext,
    cell: (row) => <BothFamilies requests={row.requests.plaintext} connections={row.connections.plaintext} className="font-medium text-plaintext-text" />,
  },
  { id: "out", header: "Outgoing, worst", className: "hidden w-52 @4xl:table-cell", value: (row) => row.worstOutgoing?.urgency ?? null, cell: (row) => <WorstOf worst={row.worstOutgoing} edges={row.outgoing} /> },
];

const KINDS = ["no proxy", ...Object.keys(ACCEPTS).filter((mode) => mode !== "NONE")];

function kindTitle(kind: string): string {
  return kind === "no proxy" ? "those with a pod that runs no proxy" : `those with a port that accepts ${kind}`;
}

function Table({ view }: { readonly view: MeshView }) {
  const { namespaces, text, only, selection, select } = useAddress();
  const all = useMemo(() => workloadRows(view), [view]);
  const found = useMemo(() => {
    const wanted = text.trim().toLowerCase();
    return all.filter((row) => (namespaces.length === 0 || namespaces.includes(row.node.namespace)) && findableText(row).includes(wanted));
  }, [all, namespaces, text]);
  const rows = useMemo(() => (only === null ? found : found.filter((row) => isOfKind(row, only))), [found, only]);
  return (
    <div className="flex h-full flex-col">
      <PageTitle title="Workloads">
        <p className="text-sm text-quiet">
          {count(rows.length)} of {count(all.length)}, {count(view.totals.workloadsWithoutProxy)} without a proxy in the mesh
        </p>
      </PageTitle>
      <div className="px-4 pb-3">
        <OnlyFilter label="Only workloads" choices={KINDS.map((kind) => ({ only: kind, word: kind, title: kindTitle(kind), number: found.filter((row) => isOfKind(row, kind)).length }))} />
      </div>
      <Filtered />
      <DataTable
        label="Workloads"
        rows={rows}
        columns={COLUMNS}
        rowKey={({ node }) => node.id}
        selectedKey={selection?.kind === "workload" ? selection.id : null}
        onOpen={({ node }) => {
          select({ kind: "workload", id: node.id });
        }}
        empty={all.length === 0 ? "No workload was found." : WORDS.nothingMatches}
      />
    </div>
  );
}

/** Every workload: how it is in the mesh, what it accepts, what reaches it and what it sends. */
export function WorkloadsPage() {
  return <WithMesh>{(view) => <Table view={view} />}</WithMesh>;
}
