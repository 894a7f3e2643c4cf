"use client";
import { useMemo, useState } from "react";
import type { MeshView, NodeView } from "#view";
import { useAddress } from "../address/useAddress.ts";
import { lastText } from "../numbers.ts";
import { Confidence } from "../state/Confidence.tsx";
import { EdgeLine } from "../state/EdgeLine.tsx";
import { NodeName } from "../state/NodeName.tsx";
import { worstFirst } from "../state/worstFirst.ts";
import { Explanations } from "./Explanations.tsx";
import { Fact } from "../panels/Fact.tsx";
import type { SenderInScope } from "./senderScope.ts";
import { volume } from "./volume.ts";

const FEW = 4;

function last({ lastSeenMs, lastSeenAfterMs }: SenderInScope, nowMs: number): string {
  return lastSeenMs === null ? "" : `, last ${lastText({ atMs: lastSeenMs, afterMs: lastSeenAfterMs, inWindow: true }, nowMs)}`;
}

interface SenderProps {
  readonly shown: SenderInScope;
  readonly view: MeshView;
  readonly nodesById: ReadonlyMap<string, NodeView>;
}

/** One sender: how it is known, how much, why, what would mend it, and to whom it sends. */
export function Sender({ shown, view, nodesById }: SenderProps) {
  const { sender } = shown;
  const { select } = useAddress();
  const [all, setAll] = useState(false);
  const node = nodesById.get(sender.id);
  const sorted = useMemo(() => [...shown.edges].sort(worstFirst), [shown.edges]);
  const edges = all ? sorted : sorted.slice(0, FEW);
  return (
    <article className="grid rounded-lg border border-line @4xl:grid-cols-[3fr_2fr]" aria-label={sender.name}>
      <div className="p-3.5">
        <h3 className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
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
        </h3>
        <p className="mt-0.5 mb-3 text-sm text-quiet tabular-nums">
          {volume(shown)}
          {last(shown, view.capturedAtMs)}
        </p>
        <dl>
          <Fact name="how known">{sender.how}</Fact>
        </dl>
        <Explanations explanations={shown.explanations} edges={shown.edges} nodesById={nodesById} />
      </div>
      <div className="border-t border-line p-2 @4xl:border-t-0 @4xl:border-l">
        <ul aria-label={`Connections of ${sender.name}`}>
          {edges.map((edge) => (
            <li key={edge.id}>
              <EdgeLine edge={edge} nodesById={nodesById} show="server" note={edge.host ?? undefined} />
            </li>
          ))}
        </ul>
        {sorted.length > FEW && (
          <button
            type="button"
            aria-expanded={all}
            onClick={() => {
              setAll(!all);
            }}
            className="h-7 rounded-md px-2 text-sm text-quiet hover:bg-hover hover:text-text"
          >
            {all ? "Show fewer" : `Show all ${sorted.length}`}
          </button>
        )}
      </div>
    </article>
  );
}
