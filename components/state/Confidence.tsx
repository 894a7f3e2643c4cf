import type { SenderConfidence } from "#view";
import { CONFIDENCE } from "../words.ts";

/** How surely the sender is who the page says: filled dots for the class, and its words. */
const DOTS: Readonly<Record<SenderConfidence, number>> = {
  "proved by identity": 4,
  "address, one owner": 3,
  "address, several candidates": 2,
  inferred: 1,
  unidentified: 0,
};

export function Confidence({ confidence }: { readonly confidence: SenderConfidence }) {
  return (
    <span title={CONFIDENCE[confidence]} className="inline-flex items-center gap-1.5 text-sm font-normal whitespace-nowrap text-quiet">
      <span aria-hidden="true" className="flex gap-0.5">
        {[1, 2, 3, 4].map((dot) => (
          <span key={dot} className={`size-1.5 rounded-full ${dot <= DOTS[confidence] ? "bg-text" : "border border-line-strong"}`} />
        ))}
      </span>
      {confidence}
    </span>
  );
}
