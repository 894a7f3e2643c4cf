import type { EdgeView, GapView, ObjectRefView, SentenceView } from "./meshView.ts";

/** What a change does to an edge: the classes that previews speak of. */
export const EDGE_CONSEQUENCES = [
  "becomes blocked",
  "becomes mTLS",
  "uncertain",
  "identity gained or lost",
  "already blocked",
  "stays plaintext",
  "stays application TLS",
  "stays mTLS",
] as const;
export type EdgeConsequence = (typeof EDGE_CONSEQUENCES)[number];

/** `GET /api/v1/proposals`: what could be made STRICT next, readiest first. */
export interface ProposalsView {
  readonly schema: "mtlscope-proposals/1";
  readonly proposals: readonly ProposalSummaryView[];
}

export type ProposalScope =
  | { readonly kind: "mesh" }
  | { readonly kind: "namespace"; readonly namespace: string }
  | { readonly kind: "workload"; readonly namespace: string; readonly name: string };

export interface ProposalSummaryView {
  /** stable, safe in an address: `mesh`, `namespace:foo`, `workload:foo/httpbin` */
  readonly id: string;
  readonly scope: ProposalScope;
  readonly title: string;
  readonly sentence: string;
  readonly becomesBlocked: number;
  readonly becomesMtls: number;
  readonly uncertain: number;
}

export interface ConsequenceView {
  readonly consequence: EdgeConsequence;
  readonly edge: EdgeView;
  /** why, one sentence */
  readonly sentence: string;
  readonly reasons: readonly SentenceView[];
}

/** `GET /api/v1/proposals/{id}`: the change, what it does to every edge, and what undoes it. */
export interface ProposalView {
  readonly schema: "mtlscope-proposal/1";
  readonly id: string;
  readonly scope: ProposalScope;
  readonly title: string;
  /** objects that the change writes, whole */
  readonly manifest: string;
  /** the same objects as they are now; empty where they do not exist yet */
  readonly manifestNow: string;
  /** `kubectl` line that does the same, and the one that undoes it */
  readonly command: string;
  readonly undoCommand: string;
  readonly touches: readonly { readonly object: ObjectRefView; readonly action: "create" | "update" | "delete" }[];
  readonly consequences: readonly ConsequenceView[];
  readonly totals: readonly { readonly consequence: EdgeConsequence; readonly edges: number; readonly requests: number; readonly connections: number }[];
  /** ports and traffic that the change does not reach, though one might think so */
  readonly notCovered: readonly string[];
  /** what could prove this preview wrong */
  readonly doubts: readonly GapView[];
  /** true only where the process may write: the playground */
  readonly applicable: boolean;
  readonly notApplicableBecause: string;
}

/** Every error the API answers with: `{ error: … }`. */
export interface ApiErrorView {
  readonly error: {
    readonly code: string;
    /** what happened, to which object, and what to do */
    readonly message: string;
  };
}
