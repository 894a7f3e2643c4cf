"use client";
import dynamic from "next/dynamic";
import { useCallback, useMemo } from "react";
import type { EdgeState, MeshView } from "#view";
import { NO_FILTERS, isFiltered, type Selection } from "../address/address.ts";
import type { Scope } from "../address/scope.ts";
import { useAddress } from "../address/useAddress.ts";
import { useScope } from "../address/useScope.ts";
import { Skeleton, WithMesh } from "../frame/PageState.tsx";
import { useTheme } from "../frame/useTheme.ts";
import type { GraphSelection } from "../graph/graphProps.ts";
import { Legend } from "../graph/Legend.tsx";
import { plural } from "../numbers.ts";
import { STATES_BY_URGENCY } from "../state/stateTone.ts";
import { HAVING, WORDS } from "../words.ts";

const MeshGraph = dynamic(async () => (await import("../graph/MeshGraph.tsx")).MeshGraph, { ssr: false, loading: () => <Skeleton /> });

function toGraph(selection: Selection | null): GraphSelection | null {
  if (selection === null || selection.kind === "proposal") return null;
  if (selection.kind === "workload" || selection.kind === "node") return { kind: "node", id: selection.id };
  return { kind: selection.kind, id: selection.id };
}

/** The panel tells workloads from other nodes; the graph does not. */
function fromGraph(chosen: GraphSelection | null, { nodesById }: Scope): Selection | null {
  if (chosen === null) return null;
  if (chosen.kind !== "node") return { kind: chosen.kind, id: chosen.id };
  return { kind: nodesById.get(chosen.id)?.kind === "workload" ? "workload" : "node", id: chosen.id };
}

/** How each state looks and how many there are; a click hides a state or shows it again. */
function StateLegend({ scope }: { readonly scope: Scope }) {
  const address = useAddress();
  const { states, text, having, incoming, namespaces, amend } = address;
  const narrowed = [having === null ? "" : HAVING[having], incoming && namespaces.length > 0 ? `that end in ${namespaces.join(" or ")}` : "", text === "" ? "" : `contains “${text}”`].filter((part) => part !== "").join(", ");
  const shown = useMemo(() => new Set<EdgeState>(states.length === 0 ? STATES_BY_URGENCY : states), [states]);
  const toggle = (state: EdgeState) => {
    const next = STATES_BY_URGENCY.filter((other) => shown.has(other) !== (other === state));
    amend({ states: next.length === STATES_BY_URGENCY.length ? [] : next });
  };
  return (
    <div className="p-1.5">
      <Legend
        counts={scope.counts}
        partlyUnclear={scope.partlyUnclear}
        onlyUnclear={having === "unclear"}
        onOnlyUnclear={() => {
          amend({ having: having === "unclear" ? null : "unclear" });
        }}
        shown={shown}
        onToggle={toggle}
      />
      {isFiltered(address) && (
        <button
          type="button"
          onClick={() => {
            amend(NO_FILTERS);
          }}
          className="mt-1 h-7 w-full rounded-md px-1.5 text-left text-sm text-quiet hover:bg-hover hover:text-text"
        >
          {narrowed === "" ? WORDS.clearFilters : `${WORDS.clearFilters}: ${narrowed}`}
        </button>
      )}
    </div>
  );
}

/** Beside the graph where there is room, else closed above it. */
function GraphLegend({ scope }: { readonly scope: Scope }) {
  const drawn = `${plural(scope.nodes.length, "node")}, ${plural(scope.edges.length, "connection")}`;
  return (
    <>
      <div className="hidden w-60 shrink-0 scroll-area border-r border-line @3xl:block">
        <div className="px-3 pt-4 pb-1">
          <p className="text-lg font-semibold tracking-tight">Graph</p>
          <p className="text-sm text-quiet tabular-nums">{drawn}</p>
        </div>
        <StateLegend scope={scope} />
      </div>
      <details className="absolute top-2 left-2 z-10 max-h-[calc(100%-16px)] max-w-[calc(100%-16px)] scroll-area rounded-lg border border-line bg-raised open:shadow-float @3xl:hidden">
        <summary className="focus-inset flex h-8 items-center gap-2 rounded-lg px-3 text-sm">
          Legend <span className="truncate text-quiet tabular-nums">{drawn}</span>
        </summary>
        <div className="border-t border-line">
          <StateLegend scope={scope} />
        </div>
      </details>
    </>
  );
}

function Graph({ view }: { readonly view: MeshView }) {
  const scope = useScope(view);
  const theme = useTheme();
  const { selection, select } = useAddress();
  const visible = useMemo(() => ({ nodes: new Set(scope.nodes.map(({ id }) => id)), edges: new Set(scope.edges.map(({ id }) => id)) }), [scope]);
  const chosen = useMemo(() => toGraph(selection), [selection]);
  const onSelect = useCallback(
    (next: GraphSelection | null) => {
      select(fromGraph(next, scope));
    },
    [select, scope],
  );
  return (
    <div className="relative flex h-full">
      <h1 className="sr-only">Graph</h1>
      <GraphLegend scope={scope} />
      <div className="min-w-0 flex-1">
        <MeshGraph view={view} visible={visible} selection={chosen} onSelect={onSelect} theme={theme} />
      </div>
    </div>
  );
}

/** The mesh as a picture; the same connections stand as rows on the page of connections. */
export function GraphPage() {
  return <WithMesh>{(view) => <Graph view={view} />}</WithMesh>;
}
