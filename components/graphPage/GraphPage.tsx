"use client";
import dynamic from "next/dynamic";
import { useCallback, useMemo, useState } from "react";
import type { EdgeState, MeshView } from "#view";
import type { Selection } from "../address/address.ts";
import type { Scope } from "../address/scope.ts";
import { useAddress } from "../address/useAddress.ts";
import { useScope } from "../address/useScope.ts";
import { Skeleton, WithMesh } from "../frame/PageState.tsx";
import { useTheme } from "../frame/useTheme.ts";
import type { GraphSelection } from "../graph/graphProps.ts";
import { Legend } from "../graph/Legend.tsx";
import { plural } from "../numbers.ts";
import { STATES_BY_URGENCY } from "../state/stateTone.ts";
import { WORDS } from "../words.ts";

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

/** What is drawn, how each state looks, and how many there are; a click hides a state or shows it again. */
function GraphLegend({ scope }: { readonly scope: Scope }) {
  const { states, text, amend } = useAddress();
  const theme = useTheme();
  const shown = useMemo(() => new Set<EdgeState>(states.length === 0 ? STATES_BY_URGENCY : states), [states]);
  // on a phone the legend would hide the graph; it starts closed there
  const [roomy] = useState(() => window.matchMedia("(width >= 48rem)").matches);
  const toggle = (state: EdgeState) => {
    const next = STATES_BY_URGENCY.filter((other) => shown.has(other) !== (other === state));
    amend({ states: next.length === STATES_BY_URGENCY.length ? [] : next });
  };
  return (
    <details open={roomy} className="absolute top-3 left-3 z-10 max-h-[calc(100%-24px)] w-64 scroll-area rounded-lg border border-line bg-raised shadow-float">
      <summary className="focus-inset flex h-9 items-center gap-2 px-3 text-sm">
        <h1 className="font-semibold">Graph</h1>
        <span className="truncate text-quiet tabular-nums">
          {plural(scope.nodes.length, "node")}, {plural(scope.edges.length, "connection")}
        </span>
      </summary>
      <div className="border-t border-line p-1.5">
        <Legend counts={scope.counts} shown={shown} onToggle={toggle} theme={theme} />
        {(states.length > 0 || text !== "") && (
          <button
            type="button"
            onClick={() => {
              amend({ states: [], text: "" });
            }}
            className="mt-1 h-7 w-full rounded-md px-1.5 text-left text-sm text-quiet hover:bg-hover hover:text-text"
          >
            {text === "" ? WORDS.clearFilters : `${WORDS.clearFilters}: contains “${text}”`}
          </button>
        )}
      </div>
    </details>
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
    <div className="relative h-full">
      <MeshGraph view={view} visible={visible} selection={chosen} onSelect={onSelect} theme={theme} />
      <GraphLegend scope={scope} />
    </div>
  );
}

/** The mesh as a picture; the same connections stand as rows on the page of connections. */
export function GraphPage() {
  return <WithMesh>{(view) => <Graph view={view} />}</WithMesh>;
}
