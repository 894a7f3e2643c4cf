import type { ProposalSummaryView } from "#view";

type Numbers = "becomesMtls" | "becomesBlocked" | "uncertain";

/** A zero is an answer only where something was seen; else `null`, which is shown as a dash and sorts last. */
export function proven(proposal: Pick<ProposalSummaryView, Numbers | "edgesSeen">, which: Numbers): number | null {
  return proposal.edgesSeen === 0 && proposal[which] === 0 ? null : proposal[which];
}
