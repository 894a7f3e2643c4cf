"use client";
import dynamic from "next/dynamic";
import { useCallback, useMemo } from "react";
import type { MeshView } from "#view";
import type { Selection } from "../address/address.ts";
import { useAddress } from "../address/useAddress.ts";
import { useScope } from "../address/useScope.ts";
import { PageTitle, Skeleton, WithMesh } from "../frame/PageState.tsx";
import { useTheme } from "../frame/useTheme.ts";
import type { GraphSelection } from "../graph/graphProps.ts";
import { plural } from "../numbers.ts";
import { StateFilter } from "../state/StateFilter.tsx";

const MeshGraph = dynamic(async () => (await import("../graph/MeshGraph.tsx")).MeshGraph, { ssr: false, loading: () => <Skeleton /> });

/** The panel tells workloads from other nodes; the graph does not. */
function toGraph(selection: Selection | null): GraphSelection | null {
  if (selection === null || selection.kind === "proposal") return null;
  if (selection.kind === "workload" || selection.kind === "node") return { kind: "node", id: selection.id };
  return { kind: selection.kind, id: selection.id };
}

function Graph({ view }: { readonly view: MeshView }) {
  const scope = useScope(view);
  const theme = useTheme();
  const { selection, select } = useAddress();
  const visible = useMemo(() => ({ nodes: new Set(scope.nodes.map(({ id }) => id)), edges: new Set(scope.edges.map(({ id }) => id)) }), [scope]);
  const onSelect = useCallback(
    (chosen: GraphSelection | null) => {
      if (chosen?.kind !== "node") {
        select(chosen as Selection | null);
        return;
      }
      select({ kind: scope.nodesById.get(chosen.id)?.kind === "workload" ? "workload" : "node", id: chosen.id });
    },
    [select, scope.nodesById],
  );
  return (
    <div className="flex h-full flex-col">
      <PageTitle title="Graph">
        <p className="text-sm text-quiet">
          {plural(scope.nodes.length, "node")}, {plural(scope.edges.length, "connection")}
        </p>
      </PageTitle>
      <StateFilter scope={scope} />
      <div className="min-h-0 flex-1 border-t border-line">
        <MeshGraph view={view} visible={visible} selection={toGraph(selection)} onSelect={onSelect} theme={theme} />
      </div>
    </div>
  );
}

/** The mesh as a picture; the same connections stand as rows on the page of connections. */
export function GraphPage() {
  return <WithMesh>{(view) => <Graph view={view} />}</WithMesh>;
}
