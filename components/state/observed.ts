import type { EdgeView } from "#view";
import { attempted, edgeCount, traffic } from "../numbers.ts";
import { COUNT_KINDS } from "./stateTone.ts";

/** What was seen on an edge, part by part: "≈450 plaintext, 12 mTLS requests". */
export function observed(edge: EdgeView): string {
  const unit = edge.family === "http" ? "requests" : "TCP connections";
  const parts = COUNT_KINDS.filter(({ key }) => edge.counts[key] > 0).map(({ key, label }) => `${edgeCount(edge, edge.counts[key])} ${label}`);
  if (parts.length === 0) return `no ${unit}`;
  return `${parts.join(", ")} ${attempted(edge.counts) === 1 ? unit.slice(0, -1) : unit}`;
}

/** The same where the state stands beside it: "450 requests". */
export function observedShort(edge: EdgeView): string {
  const all = attempted(edge.counts);
  if (all === 0) return "none in the window";
  const parts = COUNT_KINDS.filter(({ key }) => edge.counts[key] > 0);
  return parts.length > 1 ? observed(edge) : traffic(edge.family, all, edge.extrapolated);
}
