import type { CountsView, EdgeView } from "#view";
import { edgeCount } from "../numbers.ts";
import { COUNT_KINDS, OTHER_KINDS } from "./stateTone.ts";

/** One of an edge's counts. A zero is quiet, so that what is not zero stands out. */
export function EdgeCount({ edge, kind }: { readonly edge: EdgeView; readonly kind: keyof CountsView }) {
  const value = edge.counts[kind];
  if (value === 0) return <span className="text-quiet">0</span>;
  const tone = COUNT_KINDS.find(({ key }) => key === kind)?.text ?? "";
  return <span className={kind === "mtls" ? "" : `font-medium ${tone}`}>{edgeCount(edge, value)}</span>;
}

function Worded({ edge, kind: { key, label } }: { readonly edge: EdgeView; readonly kind: (typeof COUNT_KINDS)[number] }) {
  return (
    <span className="block leading-4">
      <EdgeCount edge={edge} kind={key} />
      <span className="block truncate text-xs text-quiet">{label}</span>
    </span>
  );
}

/** The worst that was seen on an edge, with its word: for where there is room for one number only. */
export function WorstCount({ edge }: { readonly edge: EdgeView }) {
  const worst = COUNT_KINDS.find(({ key }) => edge.counts[key] > 0);
  return worst === undefined ? <span className="text-quiet">0</span> : <Worded edge={edge} kind={worst} />;
}

/** What is neither mTLS nor plaintext nor refused, each with its word: beside columns of those three. */
export function OtherCounts({ edge }: { readonly edge: EdgeView }) {
  const [first, ...more] = OTHER_KINDS.filter(({ key }) => edge.counts[key] > 0);
  if (first === undefined) return <span className="text-quiet">0</span>;
  if (more.length === 0) return <Worded edge={edge} kind={first} />;
  return [first, ...more].map(({ key, label }) => (
    <span key={key} className="block truncate text-xs leading-4">
      <EdgeCount edge={edge} kind={key} /> <span className="text-quiet">{label}</span>
    </span>
  ));
}
