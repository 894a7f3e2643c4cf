import type { EdgeConsequence, ProposalScope } from "#proposals";
import type { EdgeView, GapView, ObjectRefView, SentenceView } from "./meshView.ts";

/** `GET /api/v1/proposals`: what could be made STRICT next, readiest first, each namespace before its workloads; last those on which nothing arrived. */
export interface ProposalsView {
  readonly schema: "mtlscope-proposals/1";
  readonly proposals: readonly ProposalSummaryView[];
  /** scopes for which nothing is proposed, and why: "payments is STRICT already" */
  readonly others: readonly NothingProposed[];
  /** workloads that are ready too, but are not listed: only those with the most connections are */
  readonly leftOut: number;
}

/** A scope for which nothing is proposed. */
export interface NothingProposed {
  readonly id: string;
  readonly scope: ProposalScope;
  /** why: "payments is STRICT already." */
  readonly sentence: string;
}

/** `GET /api/v1/proposals/{id}` for a scope for which nothing is proposed. */
export interface NoProposalView extends NothingProposed {
  readonly schema: "mtlscope-no-proposal/1";
  /** the way back, where it is STRICT already and there is one; else `null` */
  readonly reopening: ReopeningView | null;
}

/** What makes a scope STRICT, and what would take it back to PERMISSIVE. */
export interface ReopeningView {
  readonly decidedBy: readonly ObjectRefView[];
  /** what it would do, one sentence with its numbers */
  readonly sentence: string;
  /** what it would do to every connection; first what it would let in */
  readonly consequences: readonly ConsequenceView[];
  readonly totals: readonly ConsequenceTotal[];
  /** `kubectl` lines: to PERMISSIVE, and from there to what is there now */
  readonly command: string;
  readonly undoCommand: string;
}

/** A proposal in the list: its scope, and how many connections it does what to. */
export interface ProposalSummaryView {
  /** stable, safe in an address: `mesh`, `namespace:foo`, `workload:foo/httpbin` */
  readonly id: string;
  readonly scope: ProposalScope;
  readonly title: string;
  readonly sentence: string;
  /** connections of which some traffic is of the class: one that carries several things counts in each */
  readonly becomesBlocked: number;
  readonly becomesMtls: number;
  readonly staysMtls: number;
  /** that stay or become mTLS, at least in part: each once */
  readonly mtlsAfter: number;
  /** on which plaintext arrives all the same: the change does not reach it */
  readonly staysPlaintext: number;
  /** unknown before as after, and not changed */
  readonly staysUnknown: number;
  readonly uncertain: number;
  /** connections known that it would reach, and on how many of them something arrived in the window: without any, nothing is proved */
  readonly edges: number;
  readonly edgesSeen: number;
  /** what the change sets; `PERMISSIVE` is the first of two steps, out of DISABLE */
  readonly mode: "STRICT" | "PERMISSIVE";
}

/** What a proposal does to one edge. */
export interface ConsequenceView {
  /** the worst that becomes of any of its traffic */
  readonly consequence: EdgeConsequence;
  readonly edge: EdgeView;
  /** why, and what becomes of the rest where it does not stay mTLS */
  readonly sentence: string;
  readonly reasons: readonly SentenceView[];
  /** the requests or connections of the window that the class speaks of: 1 of 300 where one was plaintext */
  readonly affected: number;
  /** the rest of its traffic, each class once */
  readonly others: readonly { readonly consequence: EdgeConsequence; readonly affected: number }[];
}

/** Of one class: edges of which some traffic is of it, so that one edge may count in several; requests and connections are those that the class speaks of. */
export interface ConsequenceTotal {
  readonly consequence: EdgeConsequence;
  readonly edges: number;
  readonly requests: number;
  readonly connections: number;
}

/** `GET /api/v1/proposals/{id}`: the change, what it does to every edge, and what undoes it. Where nothing is proposed: NoProposalView. */
export interface ProposalView {
  readonly schema: "mtlscope-proposal/1";
  readonly id: string;
  readonly scope: ProposalScope;
  readonly title: string;
  /** what the change sets; `PERMISSIVE` is the first of two steps, out of DISABLE */
  readonly mode: "STRICT" | "PERMISSIVE";
  /** what it does, in one sentence with its numbers */
  readonly sentence: string;
  /** what the reader should know before: two steps, policies that are ignored, workloads selected beside the one meant */
  readonly remarks: readonly string[];
  /** objects that the change writes, whole */
  readonly manifest: string;
  /** the same objects as they are now; empty where they do not exist yet */
  readonly manifestNow: string;
  /** `kubectl` line that does the same, and the one that undoes it */
  readonly command: string;
  readonly undoCommand: string;
  readonly touches: readonly { readonly object: ObjectRefView; readonly action: "create" | "update" | "delete" }[];
  readonly consequences: readonly ConsequenceView[];
  /** every class once, zero included */
  readonly totals: readonly ConsequenceTotal[];
  /** ports and traffic that the change does not reach, though one might think so, and connections to outside the mesh */
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
