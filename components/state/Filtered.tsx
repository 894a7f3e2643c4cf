"use client";
import type { ReactNode } from "react";
import { NO_FILTERS } from "../address/address.ts";
import { useAddress } from "../address/useAddress.ts";
import { WORDS } from "../words.ts";

/** A filter that has no button of its own. */
export function Narrowed({ children }: { readonly children: ReactNode }) {
  return <span className="flex h-7 max-w-full shrink-0 items-center rounded-md border border-line-strong bg-selected px-2 text-sm whitespace-nowrap">{children}</span>;
}

export function ByText({ text }: { readonly text: string }) {
  return text === "" ? null : (
    <Narrowed>
      <span className="truncate">contains “{text}”</span>
    </Narrowed>
  );
}

export function ClearFilters() {
  const { amend } = useAddress();
  return (
    <button
      type="button"
      onClick={() => {
        amend(NO_FILTERS);
      }}
      className="h-7 shrink-0 rounded-md px-2 text-sm text-quiet hover:bg-hover hover:text-text"
    >
      {WORDS.clearFilters}
    </button>
  );
}

/** What was searched, and the way out, on pages that nothing else filters. */
export function Filtered() {
  const { text } = useAddress();
  if (text === "") return null;
  return (
    <div role="group" aria-label="Filters" className="flex gap-1.5 px-4 pb-3">
      <div className="min-w-0">
        <ByText text={text} />
      </div>
      <ClearFilters />
    </div>
  );
}
