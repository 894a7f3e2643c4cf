import { memoised, type Edge } from "#mesh";
import type { ConcernKind } from "./meshView.ts";
import { seenCounts } from "./seenCounts.ts";
import { isPastStrict } from "./sentences/pastStrict.ts";
import { unreportedPlaintext } from "./unreportedPlaintext.ts";

const IS: Readonly<Record<ConcernKind, (edge: Edge) => boolean>> = {
  "past STRICT": isPastStrict,
  plaintext: (edge) => seenCounts(edge).plaintext > 0 && !isPastStrict(edge),
  "unreported plaintext": (edge) => unreportedPlaintext(edge) > 0,
  refused: ({ counts }) => counts.refused > 0,
  "expected blocked": ({ state }) => state === "expected blocked",
  disagreement: (edge) => edge.disagreement !== null && !isPastStrict(edge),
};

/** Most urgent first. */
export const CONCERN_KINDS = Object.keys(IS) as readonly ConcernKind[];

/** One list for all edges that have the same, by a bit for each kind: nearly all have none. */
const shared = memoised((bits: number): readonly ConcernKind[] => CONCERN_KINDS.filter((_, at) => (bits & (1 << at)) !== 0));

/** Why an edge needs a person, most urgent first. */
export function concernsOf(edge: Edge): readonly ConcernKind[] {
  return shared(CONCERN_KINDS.reduce((bits, kind, at) => (IS[kind](edge) ? bits | (1 << at) : bits), 0));
}
