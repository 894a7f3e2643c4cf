import type { Disagreement, Edge } from "#mesh";
import { WORDS } from "./evidence.ts";
import { OLDER, countText, noun } from "./quantity.ts";

function seen({ counts, family, extrapolated }: Edge, { observed }: Disagreement): string {
  const count = counts[observed];
  return count === 0 ? `${WORDS[observed]} on ${OLDER}` : `${countText(count, extrapolated)} ${WORDS[observed]} ${noun(family, count)} in the window`;
}

function says({ transports, isDenied }: Disagreement): string {
  if (transports.length === 0) return "accepts only mTLS (STRICT) on every port";
  return `says ${transports.join(" or ")}${isDenied ? ", denied by authorization" : ""}`;
}

/** Both sides in one clause: `observed 604,800 plaintext TCP connections in the window; configuration says mTLS`. */
export function disagreementClause(edge: Edge): string | null {
  const { disagreement } = edge;
  return disagreement === null ? null : `observed ${seen(edge, disagreement)}; configuration ${says(disagreement)}`;
}
