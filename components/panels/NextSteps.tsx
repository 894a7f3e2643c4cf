"use client";
import type { EdgeDetailView, MeshView } from "#view";
import { Prose } from "../Prose.tsx";
import { useAddress } from "../address/useAddress.ts";
import { useProposals } from "../data/queries.ts";
import { FactRow } from "./Section.tsx";
import { isToldAbove } from "./toldAbove.ts";
import { withoutCause } from "./withoutCause.ts";

/** The proposals that reach the server of a connection, nearest scope first. */
export function useProposalsFor(node: string, namespace: string) {
  const { data } = useProposals();
  return (data?.proposals ?? []).filter(({ scope }) => {
    if (scope.kind === "workload") return `${scope.namespace}/${scope.name}` === node;
    return scope.kind === "namespace" && scope.namespace === namespace;
  });
}

export function ProposalLinks({ node, namespace }: { readonly node: string; readonly namespace: string }) {
  const { select } = useAddress();
  const proposals = useProposalsFor(node, namespace);
  if (proposals.length === 0) return null;
  return (
    <ul className="mt-1.5 flex flex-wrap gap-1.5">
      {proposals.map(({ id, scope, mode }) => (
        <li key={id}>
          <button
            type="button"
            onClick={() => {
              select({ kind: "proposal", id });
            }}
            className="flex min-h-7 items-center rounded-md border border-line px-2 text-left text-sm hover:bg-hover"
          >
            What {mode} on {scope.kind === "namespace" ? scope.namespace : node} would do
          </button>
        </li>
      ))}
    </ul>
  );
}

/** Why it is so, where the head does not say it, and what mends it; then the previews of what comes next. */
export function NextSteps({ detail, view }: { readonly detail: EdgeDetailView; readonly view: MeshView }) {
  const { edge, fix } = detail;
  const cause = detail.cause === null || isToldAbove(detail.cause, edge.sentence) ? null : detail.cause;
  const server = view.nodes.find((node) => node.id === edge.server);
  return (
    <FactRow name="next">
      {cause !== null && (
        <p>
          <Prose text={cause} />
        </p>
      )}
      {fix !== null && (
        <p className={cause === null ? "" : "mt-1"}>
          <Prose text={fix} />
        </p>
      )}
      {detail.cause === null && fix === null && <p className="text-quiet">{withoutCause(edge)}</p>}
      <ProposalLinks node={edge.server} namespace={server?.namespace ?? ""} />
    </FactRow>
  );
}
