import type { ProposalSummaryView } from "#view";

type Numbers = "becomesBlocked" | "uncertain";

/** A zero is an answer only where something was seen; else `null`, which is shown as a dash and sorts last. */
export function proven(proposal: Pick<ProposalSummaryView, Numbers | "edgesSeen">, which: Numbers): number | null {
  return proposal.edgesSeen === 0 && proposal[which] === 0 ? null : proposal[which];
}

/** STRICT makes nothing mTLS, it refuses the rest; out of DISABLE clients begin. */
export function mtlsAfter({ staysMtls, becomesMtls, edgesSeen }: Pick<ProposalSummaryView, "staysMtls" | "becomesMtls" | "edgesSeen">): number | null {
  const after = staysMtls + becomesMtls;
  return edgesSeen === 0 && after === 0 ? null : after;
}
