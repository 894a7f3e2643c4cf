import type { Finding, FindingSeverity } from "#mesh";
import type { GapView, ObjectRefView } from "./meshView.ts";

/** `GET /api/v1/findings`: configuration that does not do what it seems to do, worst first. */
export interface FindingsView {
  readonly schema: "mtlscope-findings/1";
  readonly findings: readonly FindingView[];
  /** what was not read: findings that depend on it are not listed */
  readonly gaps: readonly GapView[];
}

/** One object, or a field of it, that does not do what it seems to: what follows, and what mends it. */
export interface FindingView {
  /** stable as long as object, field and consequence are */
  readonly id: string;
  /** rule id, `FND-…` */
  readonly rule: string;
  readonly severity: FindingSeverity;
  readonly object: ObjectRefView;
  /** the path inside the object, or inside each of a namespace's pods that it is about, and what is written there, or null */
  readonly field: string | null;
  readonly fieldOf: Finding["fieldOf"];
  readonly value: string | null;
  /** the other object that it takes for this, or null */
  readonly because: ObjectRefView | null;
  /** what Istio does, one sentence */
  readonly sentence: string;
  /** what follows here, one sentence */
  readonly consequence: string;
  readonly fix: string;
  /** node ids of the workloads whose connections it is about */
  readonly affected: readonly string[];
  readonly hosts: readonly string[];
  readonly ports: readonly number[];
  /** of the object and of what is affected */
  readonly namespaces: readonly string[];
  /** a shell line that shows the object as it is */
  readonly command: string;
}
