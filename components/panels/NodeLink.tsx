"use client";
import type { NodeView } from "#view";
import { useAddress } from "../address/useAddress.ts";
import { NodeName } from "../state/NodeName.tsx";

/** A name that opens what it names. */
export function NodeLink({ id, node }: { readonly id: string; readonly node: NodeView | undefined }) {
  const { select } = useAddress();
  return (
    <button
      type="button"
      onClick={() => {
        select({ kind: node?.kind === "workload" ? "workload" : "node", id });
      }}
      className="rounded-sm text-left hover:underline"
    >
      <NodeName node={node} id={id} />
    </button>
  );
}
