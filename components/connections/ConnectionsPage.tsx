"use client";
import { useMemo } from "react";
import type { ClientMode, EdgeView, MeshView, NodeView, ServerMode } from "#view";
import { nodeName } from "../address/scope.ts";
import { useAddress } from "../address/useAddress.ts";
import { useScope } from "../address/useScope.ts";
import { PageTitle, WithMesh } from "../frame/PageState.tsx";
import { attempted, count, lastMoment, lastPlaintext, lastSeen, lastText, type Last } from "../numbers.ts";
import { EdgeCount, OtherCounts, WorstCount } from "../state/Count.tsx";
import { NodeName } from "../state/NodeName.tsx";
import { EdgeBadge } from "../state/StateBadge.tsx";
import { StateFilter } from "../state/StateFilter.tsx";
import { edgeUrgency } from "../state/stateTone.ts";
import { worstFirst } from "../state/worstFirst.ts";
import { DataTable } from "../table/DataTable.tsx";
import type { Column } from "../table/sortRows.ts";
import { MODE_GLOSS, WORDS } from "../words.ts";

type Names = ReadonlyMap<string, NodeView>;

/** On two lines where one has no room for it: a name that is cut may be another's. */
function End({ node, id }: { readonly node: NodeView | undefined; readonly id: string }) {
  return (
    <span className="line-clamp-2 leading-4 whitespace-normal [overflow-wrap:anywhere]">
      <NodeName node={node} id={id} />
    </span>
  );
}

function who(names: Names): readonly Column<EdgeView>[] {
  const name = (id: string) => nodeName(names.get(id), id);
  return [
    { id: "state", header: "State", className: "w-32 @md:w-36 @min-[80rem]:w-46", value: edgeUrgency, cell: (edge) => <span className="block text-xs leading-4 whitespace-normal @md:text-sm @md:leading-4 @min-[80rem]:whitespace-nowrap"><EdgeBadge edge={edge} /></span> },
    {
      id: "ends",
      header: "Client → server",
      className: "@md:hidden",
      value: (edge) => `${name(edge.client)} ${name(edge.server)}`,
      cell: (edge) => (
        <span className="block text-xs">
          <span className="block truncate">
            <NodeName node={names.get(edge.client)} id={edge.client} />
          </span>
          <span className="block truncate">
            <span className="text-quiet">→ </span>
            <NodeName node={names.get(edge.server)} id={edge.server} />
          </span>
        </span>
      ),
    },
    { id: "client", header: "Client", className: "hidden @md:table-cell", value: (edge) => name(edge.client), cell: (edge) => <End node={names.get(edge.client)} id={edge.client} /> },
    { id: "server", header: "Server", className: "hidden @md:table-cell", value: (edge) => name(edge.server), cell: (edge) => <End node={names.get(edge.server)} id={edge.server} /> },
    {
      id: "host",
      header: "Service host",
      className: "hidden @min-[1600px]:table-cell",
      value: (edge) => edge.host,
      cell: (edge) => <span className="font-mono text-quiet">{edge.host ?? "not reported"}</span>,
    },
    {
      id: "family",
      header: "Unit",
      title: "What the counts are: requests, or TCP connections. They are never added together.",
      className: "hidden w-22 @5xl:table-cell",
      value: (edge) => edge.family,
      cell: (edge) => <span className="text-quiet">{edge.family === "http" ? "requests" : "TCP conns"}</span>,
    },
  ];
}

const COUNTS: readonly Column<EdgeView>[] = [
  { id: "seen-worst", header: "Seen", title: "the worst that was seen, and how much of it", numeric: true, className: "w-22 @md:w-28 @3xl:hidden", value: (edge) => attempted(edge.counts), cell: (edge) => <WorstCount edge={edge} /> },
  { id: "mtls", header: "mTLS", numeric: true, className: "hidden w-20 @3xl:table-cell", value: (edge) => edge.counts.mtls, cell: (edge) => <EdgeCount edge={edge} kind="mtls" /> },
  { id: "plaintext", header: "Plaintext", numeric: true, className: "hidden w-20 @3xl:table-cell", value: (edge) => edge.counts.plaintext, cell: (edge) => <EdgeCount edge={edge} kind="plaintext" /> },
  { id: "blocked", header: "Blocked", numeric: true, className: "hidden w-18 @3xl:table-cell", value: (edge) => edge.counts.refused, cell: (edge) => <EdgeCount edge={edge} kind="refused" /> },
  {
    id: "other",
    header: "Other",
    title: "traffic whose security nobody reported, and TLS of the application itself",
    numeric: true,
    className: "hidden w-26 @3xl:table-cell",
    value: (edge) => edge.counts.unclear + edge.counts.tls,
    cell: (edge) => <OtherCounts edge={edge} />,
  },
];

function Modes({ modes }: { readonly modes: readonly (ServerMode | ClientMode | "unknown")[] }) {
  if (modes.length === 0) return <span>–</span>;
  return (
    <span title={modes.join(", ")} className={`line-clamp-2 leading-4 whitespace-normal ${modes.length > 1 ? "text-xs" : ""}`}>
      {modes.map((mode, at) => (
        <span key={mode}>
          {at > 0 && ", "}
          {mode}
          {MODE_GLOSS[mode] !== undefined && <span className="text-xs text-quiet"> {MODE_GLOSS[mode]}</span>}
        </span>
      ))}
    </span>
  );
}

/** Of a stretch both ends are told, on two lines where one has no room for it. */
function LastTime({ last, nowMs }: { readonly last: Last; readonly nowMs: number }) {
  return (
    <span title={lastMoment(last)} className={`${last.afterMs === null ? "" : "line-clamp-2 text-xs leading-4 whitespace-normal"} ${last.atMs === null ? "text-quiet" : ""}`}>
      {lastText(last, nowMs)}
    </span>
  );
}

function rest(nowMs: number): readonly Column<EdgeView>[] {
  return [
    { id: "sends", header: "Client sends", className: "hidden w-36 @min-[1360px]:table-cell", value: (edge) => edge.sends.join(", "), cell: (edge) => <Modes modes={edge.sends} /> },
    { id: "accepts", header: "Server accepts", className: "hidden w-28 @6xl:table-cell", value: (edge) => edge.accepts.join(", "), cell: (edge) => <Modes modes={edge.accepts} /> },
    {
      id: "last-plaintext",
      header: "Last plaintext",
      title: "when plaintext was last seen, in the window or in the look-back before it; – where none was, or nobody knows when",
      numeric: true,
      className: "hidden w-28 @6xl:table-cell @min-[90rem]:w-32",
      value: (edge) => edge.lastPlaintextMs,
      cell: (edge) => <LastTime last={lastPlaintext(edge)} nowMs={nowMs} />,
    },
    { id: "seen", header: "Last seen", numeric: true, className: "hidden w-26 @4xl:table-cell @min-[90rem]:w-32", value: (edge) => edge.lastSeenMs, cell: (edge) => <LastTime last={lastSeen(edge)} nowMs={nowMs} /> },
  ];
}

function Table({ view }: { readonly view: MeshView }) {
  const scope = useScope(view);
  const { selection, select } = useAddress();
  const rows = useMemo(() => [...scope.edges].sort(worstFirst), [scope.edges]);
  const columns = useMemo(() => [...who(scope.nodesById), ...COUNTS, ...rest(view.capturedAtMs)], [scope.nodesById, view.capturedAtMs]);
  return (
    <div className="flex h-full flex-col">
      <PageTitle title="Connections">
        <p className="text-sm text-quiet">
          {count(scope.edges.length)} of {count(view.edges.length)}; each is one client, server, service and protocol
        </p>
      </PageTitle>
      <StateFilter scope={scope} />
      <DataTable
        label="Connections"
        rows={rows}
        columns={columns}
        rowKey={(edge) => edge.id}
        selectedKey={selection?.kind === "edge" ? selection.id : null}
        onOpen={(edge) => {
          select({ kind: "edge", id: edge.id });
        }}
        empty={view.edges.length === 0 ? WORDS.noTraffic : WORDS.nothingMatches}
      />
    </div>
  );
}

/** Every edge of the graph as a row: the same filters, the same address. */
export function ConnectionsPage() {
  return <WithMesh>{(view) => <Table view={view} />}</WithMesh>;
}
