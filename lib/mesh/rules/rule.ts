/** A rule of the specification: what can be observed, in one sentence, and the authority. */
export interface Rule {
  readonly says: string;
  readonly source: string;
}
