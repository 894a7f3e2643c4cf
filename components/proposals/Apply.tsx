"use client";
import type { ProposalView } from "#view";
import { plural } from "../numbers.ts";
import type { useApplied } from "./useApplied.ts";

function where(proposal: ProposalView): string {
  const namespaces = [...new Set(proposal.touches.map(({ object }) => object.namespace))];
  return namespaces.length === 1 ? (namespaces[0] ?? "") : plural(namespaces.length, "namespace");
}

/** The button says what it does; where the process may not write, the reason stands instead. */
export function Apply({ proposal, state }: { readonly proposal: ProposalView; readonly state: ReturnType<typeof useApplied> }) {
  if (state.settled && !state.pending) return null;
  return (
    <div className="sticky bottom-0 border-t border-line bg-ground px-4 py-3">
      {proposal.applicable ? (
        <button type="button" disabled={state.pending} onClick={state.apply} className="min-h-9 rounded-md bg-text px-4 py-1.5 font-medium text-inverse hover:opacity-90 disabled:opacity-50">
          Apply to the playground: {plural(proposal.touches.length, "object")} in {where(proposal)}
        </button>
      ) : (
        <p className="text-sm text-quiet">{proposal.notApplicableBecause}</p>
      )}
      {state.error !== null && (
        <p role="alert" className="mt-2 text-sm">
          {state.error.message}
        </p>
      )}
    </div>
  );
}
