"use client";
import { useMemo, useState } from "react";
import type { MeshView, NodeView, SenderView } from "#view";
import { useAddress } from "../address/useAddress.ts";
import { ago, agoBetween } from "../numbers.ts";
import { Confidence } from "../state/Confidence.tsx";
import { EdgeLine } from "../state/EdgeLine.tsx";
import { NodeName } from "../state/NodeName.tsx";
import { worstFirst } from "../state/worstFirst.ts";
import { volume } from "./volume.ts";

const FEW = 4;

function Fact({ name, children }: { readonly name: string; readonly children: string }) {
  return (
    <div className="flex gap-3 text-sm">
      <dt className="w-21 shrink-0 text-quiet">{name}</dt>
      <dd className="min-w-0 [overflow-wrap:anywhere]">{children}</dd>
    </div>
  );
}

export function Sender({ sender, view, nodesById }: { readonly sender: SenderView; readonly view: MeshView; readonly nodesById: ReadonlyMap<string, NodeView> }) {
  const { select } = useAddress();
  const [all, setAll] = useState(false);
  const node = nodesById.get(sender.id);
  const sorted = useMemo(() => [...sender.edges].sort(worstFirst), [sender.edges]);
  const edges = all ? sorted : sorted.slice(0, FEW);
  return (
    <article className="grid rounded-lg border border-line @4xl:grid-cols-[3fr_2fr]" aria-label={sender.name}>
      <div className="p-3.5">
        <h2 className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
          <button
            type="button"
            onClick={() => {
              select({ kind: node?.kind === "workload" ? "workload" : "node", id: sender.id });
            }}
            className="rounded-sm text-left font-semibold [overflow-wrap:anywhere] hover:underline"
          >
            {node?.kind === "workload" ? <NodeName node={node} id={sender.id} /> : sender.name}
          </button>
          <Confidence confidence={sender.confidence} />
        </h2>
        <p className="mt-0.5 mb-3 text-sm text-quiet tabular-nums">
          {volume(sender)}
          {sender.lastSeenMs !== null &&
            `, last ${sender.lastSeenAfterMs === null ? ago(sender.lastSeenMs, view.capturedAtMs) : agoBetween(sender.lastSeenAfterMs, sender.lastSeenMs, view.capturedAtMs)}`}
        </p>
        <dl className="space-y-1.5">
          <Fact name="how known">{sender.how}</Fact>
          <Fact name="cause">{sender.cause}</Fact>
          <Fact name="fix">{sender.fix}</Fact>
        </dl>
      </div>
      <div className="border-t border-line p-2 @4xl:border-t-0 @4xl:border-l">
        <ul aria-label={`Connections of ${sender.name}`}>
          {edges.map((edge) => (
            <li key={edge.id}>
              <EdgeLine edge={edge} nodesById={nodesById} show="server" note={edge.host ?? undefined} />
            </li>
          ))}
        </ul>
        {sender.edges.length > FEW && (
          <button
            type="button"
            aria-expanded={all}
            onClick={() => {
              setAll(!all);
            }}
            className="h-7 rounded-md px-2 text-sm text-quiet hover:bg-hover hover:text-text"
          >
            {all ? "Show fewer" : `Show all ${sender.edges.length}`}
          </button>
        )}
      </div>
    </article>
  );
}
