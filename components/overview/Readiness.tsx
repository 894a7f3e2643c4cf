"use client";
import { Check, CircleHelp, Minus, ShieldCheck, ShieldHalf, X, type LucideIcon } from "lucide-react";
import { useLayoutEffect, useRef, useState, type RefObject } from "react";
import type { ReadinessView } from "#view";
import { Prose } from "../Prose.tsx";
import { useAddress } from "../address/useAddress.ts";
import { READINESS } from "../words.ts";

const ICONS: Readonly<Record<ReadinessView["kind"], LucideIcon>> = {
  "is STRICT": ShieldCheck,
  "STRICT in part": ShieldHalf,
  ready: Check,
  "not ready": X,
  unknown: CircleHelp,
  "nothing to protect": Minus,
};

/** Whether a text is longer than its lines, or not shown at all. */
function useIsCut(text: RefObject<HTMLElement | null>, open: boolean): boolean {
  const [isCut, setIsCut] = useState(false);
  useLayoutEffect(() => {
    const element = text.current;
    if (element === null || open) return;
    const measure = () => {
      setIsCut(element.clientHeight === 0 || element.scrollHeight > element.clientHeight + 1);
    };
    const observer = new ResizeObserver(measure);
    observer.observe(element);
    return () => {
      observer.disconnect();
    };
  }, [text, open]);
  return isCut || open;
}

/** The word of the answer; where there is a proposal, it opens the preview that proves it. */
function Word({ readiness: { kind, proposal } }: { readonly readiness: ReadinessView }) {
  const { select } = useAddress();
  const word = <span className={`whitespace-nowrap ${kind === "ready" || kind === "not ready" ? "font-medium" : ""}`}>{READINESS[kind]}</span>;
  if (proposal === null) return word;
  return (
    <button
      type="button"
      title="Open the preview"
      onClick={() => {
        select({ kind: "proposal", id: proposal });
      }}
      className="rounded-sm text-left underline decoration-line-strong underline-offset-3 hover:decoration-text"
    >
      {word}
    </button>
  );
}

/** The answer, its reason in two lines or in full, and the way to the preview that proves it. */
export function Readiness({ readiness }: { readonly readiness: ReadinessView }) {
  const [open, setOpen] = useState(false);
  const text = useRef<HTMLSpanElement>(null);
  const isCut = useIsCut(text, open);
  const Icon = ICONS[readiness.kind];
  const { sentence } = readiness;
  return (
    <div className="flex max-w-2xl min-w-0 items-start gap-1.5 py-1">
      <Icon aria-hidden="true" size={14} className="mt-0.75 shrink-0 text-quiet" />
      <div className="min-w-0 flex-1 items-start gap-2 @4xl:flex">
        <Word readiness={readiness} />
        <span ref={text} className={`text-quiet [overflow-wrap:anywhere] ${open ? "block" : "hidden @4xl:line-clamp-2"}`}>
          <Prose text={sentence} />
        </span>
      </div>
      {isCut && (
        <button
          type="button"
          aria-expanded={open}
          aria-label={`Why ${READINESS[readiness.kind]}`}
          onClick={() => {
            setOpen(!open);
          }}
          className="shrink-0 rounded-sm px-1 text-xs leading-5 text-quiet hover:text-text"
        >
          {open ? "less" : "more"}
        </button>
      )}
    </div>
  );
}
