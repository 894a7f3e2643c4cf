import type { ProposalSummaryView } from "#view";

type Numbers = "mtlsAfter" | "becomesBlocked" | "staysPlaintext" | "uncertain";

/** A zero is an answer only where something arrived; else `null`, which is shown as a dash and sorts last. */
export function proven<Which extends Numbers>(proposal: Pick<ProposalSummaryView, Which | "edgesSeen">, which: Which): number | null {
  return proposal.edgesSeen === 0 && proposal[which] === 0 ? null : proposal[which];
}
