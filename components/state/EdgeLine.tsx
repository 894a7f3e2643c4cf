"use client";
import type { ReactNode } from "react";
import type { EdgeView, NodeView } from "#view";
import { useAddress } from "../address/useAddress.ts";
import { observedShort } from "./observed.ts";
import { NodeName } from "./NodeName.tsx";
import { EdgeGlyph } from "./StateBadge.tsx";

interface EdgeLineProps {
  readonly edge: EdgeView;
  readonly nodesById: ReadonlyMap<string, NodeView>;
  /** which ends to name; the other is known from where the line stands */
  readonly show?: "both" | "client" | "server";
  readonly note?: ReactNode;
  /** stands in place of all that was seen */
  readonly amount?: string;
}

/** One connection on one line: state, ends, what was seen. Opens the connection. */
export function EdgeLine({ edge, nodesById, show = "both", note, amount }: EdgeLineProps) {
  const { select } = useAddress();
  return (
    <button
      type="button"
      onClick={() => {
        select({ kind: "edge", id: edge.id });
      }}
      className="focus-inset grid min-h-8 w-full grid-cols-[auto_minmax(0,1fr)_auto] gap-x-2 rounded-md px-2 py-1 text-left text-sm hover:bg-hover"
    >
      <span className="pt-0.75">
        <EdgeGlyph edge={edge} />
        <span className="sr-only">{edge.state}:</span>
      </span>
      <span className="[overflow-wrap:anywhere]">
        {show !== "server" && <NodeName node={nodesById.get(edge.client)} id={edge.client} />}
        {show === "both" && <span className="text-quiet"> → </span>}
        {show !== "client" && <NodeName node={nodesById.get(edge.server)} id={edge.server} />}
      </span>
      <span className="max-w-40 pt-0.5 text-right text-xs text-quiet tabular-nums">{amount ?? observedShort(edge)}</span>
      {note !== undefined && <span className="col-span-2 col-start-2 text-quiet [overflow-wrap:anywhere]">{note}</span>}
    </button>
  );
}
