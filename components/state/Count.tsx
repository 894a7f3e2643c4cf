import type { CountsView, EdgeView } from "#view";
import { edgeCount } from "../numbers.ts";
import { COUNT_KINDS } from "./stateTone.ts";

/** One of an edge's counts. A zero is quiet, so that what is not zero stands out. */
export function EdgeCount({ edge, kind }: { readonly edge: EdgeView; readonly kind: keyof CountsView }) {
  const value = edge.counts[kind];
  if (value === 0) return <span className="text-quiet">0</span>;
  const tone = COUNT_KINDS.find(({ key }) => key === kind)?.text ?? "";
  return <span className={kind === "mtls" ? "" : `font-medium ${tone}`}>{edgeCount(edge, value)}</span>;
}

/** The worst that was seen on an edge, with its word: for where there is room for one number only. */
export function WorstCount({ edge }: { readonly edge: EdgeView }) {
  const worst = COUNT_KINDS.find(({ key }) => edge.counts[key] > 0);
  if (worst === undefined) return <span className="text-quiet">0</span>;
  return (
    <span className="block leading-4">
      <EdgeCount edge={edge} kind={worst.key} />
      <span className="block truncate text-xs text-quiet">{worst.label}</span>
    </span>
  );
}
