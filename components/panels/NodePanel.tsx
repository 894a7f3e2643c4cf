"use client";
import { useMemo } from "react";
import type { MeshView } from "#view";
import { indexNodes, nodeName } from "../address/scope.ts";
import { nodeSentence } from "../graph/nodeLook.ts";
import { EdgeSection } from "./EdgeSection.tsx";

/** Something that is no workload: what kind of thing it is, and its connections. */
export function NodePanel({ id, view }: { readonly id: string; readonly view: MeshView }) {
  const nodesById = useMemo(() => indexNodes(view), [view]);
  const node = nodesById.get(id);
  const outgoing = view.edges.filter((edge) => edge.client === id);
  const incoming = view.edges.filter((edge) => edge.server === id);
  return (
    <>
      <header className="px-4 pt-3 pb-3">
        <h2 className="text-lg font-semibold [overflow-wrap:anywhere]">{nodeName(node, id)}</h2>
        <p className="text-sm text-quiet first-letter:uppercase">{node === undefined ? "It is not in the picture any more." : nodeSentence(node)}</p>
      </header>
      {outgoing.length > 0 && <EdgeSection title="Sends to" edges={outgoing} nodesById={nodesById} show="server" none="" />}
      {incoming.length > 0 && <EdgeSection title="Is reached by" edges={incoming} nodesById={nodesById} show="client" none="" />}
    </>
  );
}
