import type { EdgeView } from "#view";
import { attempted } from "../numbers.ts";
import { edgeUrgency } from "./stateTone.ts";

function magnitude(edge: EdgeView): number {
  return Math.floor(Math.log2(attempted(edge.counts) + 1));
}

/** The order of lists that nobody sorted: by state, then by size in powers of two and name, so that a growing count moves next to nothing. */
export function worstFirst(a: EdgeView, b: EdgeView): number {
  return edgeUrgency(a) - edgeUrgency(b) || magnitude(b) - magnitude(a) || `${a.client} ${a.server}`.localeCompare(`${b.client} ${b.server}`) || a.id.localeCompare(b.id);
}
