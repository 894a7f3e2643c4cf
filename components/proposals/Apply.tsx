"use client";
import type { ProposalView } from "#view";
import { usePlayground } from "../data/queries.ts";
import { plural } from "../numbers.ts";

function where(proposal: ProposalView): string {
  const namespaces = [...new Set(proposal.touches.map(({ object }) => object.namespace))];
  return namespaces.length === 1 ? (namespaces[0] ?? "") : plural(namespaces.length, "namespace");
}

/** The button says what it does; where the process may not write, the reason stands instead. */
export function Apply({ proposal }: { readonly proposal: ProposalView }) {
  const change = usePlayground();
  return (
    <div className="sticky bottom-0 border-t border-line bg-ground px-4 py-3">
      {proposal.applicable ? (
        <button
          type="button"
          disabled={change.isPending}
          onClick={() => {
            change.mutate({ path: "apply", body: { proposal: proposal.id } });
          }}
          className="h-9 rounded-md bg-text px-4 font-medium text-inverse hover:opacity-90 disabled:opacity-50"
        >
          Apply to the playground: {plural(proposal.touches.length, "object")} in {where(proposal)}
        </button>
      ) : (
        <p className="text-sm text-quiet">{proposal.notApplicableBecause}</p>
      )}
      {change.error !== null && (
        <p role="alert" className="mt-2 text-sm">
          {change.error.message}
        </p>
      )}
    </div>
  );
}
