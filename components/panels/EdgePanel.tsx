"use client";
import { TriangleAlert } from "lucide-react";
import { useMemo } from "react";
import type { EdgeDetailView, EdgeView, MeshView, NodeView } from "#view";
import { Prose } from "../Prose.tsx";
import { indexNodes } from "../address/scope.ts";
import { useEdge } from "../data/queries.ts";
import { EdgeBadge } from "../state/StateBadge.tsx";
import { EdgeFacts } from "./EdgeFacts.tsx";
import { Loaded } from "./Loaded.tsx";
import { NodeLink } from "./NodeLink.tsx";
import { GapList } from "./ReasonChain.tsx";
import { Section } from "./Section.tsx";

function Head({ edge, nodesById }: { readonly edge: EdgeView; readonly nodesById: ReadonlyMap<string, NodeView> }) {
  return (
    <header className="px-4 pt-3 pb-3">
      <h2 className="text-lg font-semibold [overflow-wrap:anywhere]">
        <NodeLink id={edge.client} node={nodesById.get(edge.client)} /> <span className="font-normal text-quiet">→</span> <NodeLink id={edge.server} node={nodesById.get(edge.server)} />
      </h2>
      <p className="mt-1 flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
        <EdgeBadge edge={edge} />
        <span className="text-quiet">
          {edge.family === "http" ? "HTTP" : "TCP"}
          {edge.host === null ? ", service host not reported" : ", "}
          {edge.host !== null && <span className="font-mono [overflow-wrap:anywhere]">{edge.host}</span>}
        </span>
      </p>
      <p className="mt-2.5">
        <Prose text={edge.sentence} />
      </p>
      {edge.disagreement !== null && (
        <p className="mt-2.5 flex gap-2 rounded-md border border-line-strong px-3 py-2">
          <TriangleAlert aria-hidden="true" size={16} className="mt-0.5 shrink-0" />
          <span>
            <span className="font-medium">Disagreement: </span>
            <Prose text={edge.disagreement.text} />
          </span>
        </p>
      )}
    </header>
  );
}

function Detail({ detail, view, nodesById }: { readonly detail: EdgeDetailView; readonly view: MeshView; readonly nodesById: ReadonlyMap<string, NodeView> }) {
  return (
    <>
      <EdgeFacts detail={detail} view={view} nodesById={nodesById} />
      {detail.gaps.length > 0 && (
        <Section title="What is not known here">
          <GapList gaps={detail.gaps} />
        </Section>
      )}
    </>
  );
}

/** One connection: the sentence first, then accepts, sends, observed, sender, and what to do next. */
export function EdgePanel({ id, view }: { readonly id: string; readonly view: MeshView }) {
  const query = useEdge(id);
  const nodesById = useMemo(() => indexNodes(view), [view]);
  const edge = view.edges.find((candidate) => candidate.id === id) ?? query.data?.edge;
  return (
    <>
      {edge !== undefined && <Head edge={edge} nodesById={nodesById} />}
      <Loaded query={query}>{(detail) => <Detail detail={detail} view={view} nodesById={nodesById} />}</Loaded>
    </>
  );
}
