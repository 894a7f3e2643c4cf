"use client";
import { ChevronRight } from "lucide-react";
import { useId, useState, type ReactNode } from "react";

export function Section({ title, aside, children }: { readonly title: string; readonly aside?: ReactNode; readonly children: ReactNode }) {
  const id = useId();
  return (
    <section aria-labelledby={id} className="border-t border-line px-4 py-3">
      <div className="mb-1.5 flex items-baseline justify-between gap-3">
        <h3 id={id} className="font-semibold">
          {title}
        </h3>
        {aside !== undefined && <div className="text-sm text-quiet tabular-nums">{aside}</div>}
      </div>
      {children}
    </section>
  );
}

/** A word that opens what lies behind a fact. */
export function Disclosure({ word, label, children }: { readonly word: string; readonly label: string; readonly children: ReactNode }) {
  const [open, setOpen] = useState(false);
  const id = useId();
  return (
    <>
      <button
        type="button"
        aria-expanded={open}
        aria-controls={id}
        aria-label={`${word}: ${label}`}
        onClick={() => {
          setOpen(!open);
        }}
        className="flex h-6 shrink-0 items-center gap-0.5 self-start rounded-sm pr-0.5 pl-1.5 text-sm text-quiet hover:bg-hover hover:text-text"
      >
        {word}
        <ChevronRight aria-hidden="true" size={14} className={open ? "rotate-90" : ""} />
      </button>
      {open && (
        <div id={id} className="col-span-full pt-1 pb-2">
          {children}
        </div>
      )}
    </>
  );
}

interface FactRowProps {
  readonly name: string;
  /** another answer to the question of the row above: the name is there for those who do not see the layout */
  readonly again?: boolean;
  readonly children: ReactNode;
  readonly more?: ReactNode;
}

/** One fact of a panel: its name, what it is, and what opens behind it. */
export function FactRow({ name, again = false, children, more }: FactRowProps) {
  return (
    <div className="grid grid-cols-[76px_minmax(0,1fr)_auto] gap-x-2 border-t border-line px-4 py-2">
      <h3 className="py-0.5 text-quiet">
        <span className={again ? "sr-only" : ""}>{name}</span>
      </h3>
      <div className="min-w-0 py-0.5 [overflow-wrap:anywhere]">{children}</div>
      {more}
    </div>
  );
}
