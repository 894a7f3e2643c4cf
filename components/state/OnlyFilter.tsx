"use client";
import type { ReactNode } from "react";
import { useAddress } from "../address/useAddress.ts";
import { count } from "../numbers.ts";

export interface Choice {
  /** as it stands in the address */
  readonly only: string;
  readonly word: ReactNode;
  readonly title?: string;
  readonly number: number;
}

/** Narrows a page's list to one kind of its rows, each with how many there are; a second click shows all again. */
export function OnlyFilter({ label, choices }: { readonly label: string; readonly choices: readonly Choice[] }) {
  const { only, amend } = useAddress();
  const shown = choices.filter((choice) => choice.number > 0 || choice.only === only);
  if (shown.length === 0) return null;
  return (
    <div role="group" aria-label={label} className="flex flex-wrap gap-1.5">
      {shown.map((choice) => (
        <button
          key={choice.only}
          type="button"
          aria-pressed={only === choice.only}
          title={choice.title}
          onClick={() => {
            amend({ only: only === choice.only ? null : choice.only });
          }}
          className={`flex h-7 shrink-0 items-center gap-1.5 rounded-md border px-2 text-sm whitespace-nowrap ${only === choice.only ? "border-line-strong bg-selected" : "border-line hover:bg-hover"}`}
        >
          {choice.word}
          <span className="text-quiet tabular-nums">{count(choice.number)}</span>
        </button>
      ))}
    </div>
  );
}
