import type { ConfiguredPath, Edge, Gap, MeshJudge } from "#mesh";
import type { Proposal } from "./proposal.ts";

/** What a change does to an edge: the classes that previews speak of, in the order in which they are shown. */
export const EDGE_CONSEQUENCES = [
  "becomes blocked",
  "becomes accepted",
  "becomes mTLS",
  "uncertain",
  "identity gained or lost",
  "already blocked",
  "stays plaintext",
  "stays unknown",
  "stays application TLS",
  "stays mTLS",
] as const;
export type EdgeConsequence = (typeof EDGE_CONSEQUENCES)[number];

/** Of the traffic of one edge, what one class speaks of. */
export interface Share {
  readonly consequence: EdgeConsequence;
  /** requests or connections of the window: 1 of 300 where one was plaintext */
  readonly affected: number;
  /** why it is uncertain, or unknown before as after; empty otherwise */
  readonly gaps: readonly Gap[];
}

/** What one change does to one edge, by the worst that it does to any of its traffic, and what it was concluded from. */
export interface Consequence extends Share {
  readonly edge: Edge;
  /** the rest of its traffic, each class once: of 1,620 requests of which 540 stay plaintext, the 1,080 that stay mTLS */
  readonly others: readonly Share[];
  /** the configuration's answers with the change, empty where what was observed decides alone; those without it are the edge's own */
  readonly after: readonly ConfiguredPath[];
  /** of the configuration with the change: it knows the reasons of these answers */
  readonly judge: MeshJudge;
}

/** A proposal, and what it does to every edge that it can reach. */
export interface ProposalPreview {
  readonly proposal: Proposal;
  readonly consequences: readonly Consequence[];
}
