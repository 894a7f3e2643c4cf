import type { ReportedPeer } from "#mesh";
import type { Labels } from "./schema.ts";

/** The labels that tell one edge's series from another's. Series that agree in them have one of these between them, for as long as anybody asks for it. */
export interface LabelSet {
  readonly number: number;
  readonly labels: Labels;
  /** the ends that they name */
  readonly client: ReportedPeer;
  readonly server: ReportedPeer;
}

/** What else a sum is told by; `null` where it has no such label, or an empty one. */
export interface Rest {
  /** which of the vectors of one question it is from */
  readonly part: string | null;
  readonly responseCode: string | null;
  readonly responseFlags: string | null;
  readonly job: string | null;
}

/** One element of an instant vector; what is no number counts for nothing. */
export interface Sample {
  readonly set: LabelSet;
  readonly rest: Rest;
  readonly value: number;
}
