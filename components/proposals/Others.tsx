"use client";
import { ChevronRight } from "lucide-react";
import type { ProposalsView } from "#view";
import { Prose } from "../Prose.tsx";
import { plural } from "../numbers.ts";

/** Scopes for which nothing is proposed, each with why. */
export function Others({ others }: { readonly others: ProposalsView["others"] }) {
  if (others.length === 0) return null;
  return (
    <details className="group max-h-[40%] shrink-0 scroll-area border-t border-line">
      <summary className="focus-inset flex h-9 list-none items-center gap-1.5 px-4 text-sm text-quiet hover:text-text">
        <ChevronRight aria-hidden="true" size={14} className="group-open:rotate-90" />
        {plural(others.length, "scope")} without a proposal
      </summary>
      <ul className="px-4 pb-3 pl-9.5 text-sm">
        {others.map(({ id, sentence }) => (
          <li key={id} className="py-0.5 [overflow-wrap:anywhere]">
            <Prose text={sentence} />
          </li>
        ))}
      </ul>
    </details>
  );
}
