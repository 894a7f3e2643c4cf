"use client";
import { Check, CircleHelp, Minus, ShieldCheck, ShieldHalf, X, type LucideIcon } from "lucide-react";
import type { ReadinessView } from "#view";
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

/** The answer, its first reason, and the way to the preview that proves it. */
export function Readiness({ readiness }: { readonly readiness: ReadinessView }) {
  const { select } = useAddress();
  const Icon = ICONS[readiness.kind];
  const { proposal } = readiness;
  const answer = (
    <>
      <Icon aria-hidden="true" size={14} className="shrink-0 text-quiet" />
      <span className={`whitespace-nowrap ${readiness.kind === "ready" || readiness.kind === "not ready" ? "font-medium" : ""}`}>{READINESS[readiness.kind]}</span>
      <span className="line-clamp-2 hidden text-quiet @4xl:[display:-webkit-box]">{readiness.sentence}</span>
    </>
  );
  if (proposal === null)
    return (
      <span title={readiness.sentence} className="flex max-w-xl min-w-0 items-center gap-1.5 py-1">
        {answer}
      </span>
    );
  return (
    <button
      type="button"
      title={`${readiness.sentence} Open the preview.`}
      onClick={() => {
        select({ kind: "proposal", id: proposal });
      }}
      className="flex max-w-xl min-w-0 items-center gap-1.5 rounded-sm py-1 text-left hover:underline"
    >
      {answer}
    </button>
  );
}
