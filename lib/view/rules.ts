import { RULES } from "#mesh";

/** A rule of the specification, as the rules page shows it. */
export interface RuleView {
  readonly id: string;
  /** what the rule says, in one observable sentence */
  readonly says: string;
}

/** Every rule that a reason or a piece of evidence can name, in the order of the specification. */
export function presentRules(): readonly RuleView[] {
  return Object.entries(RULES).map(([id, { says }]) => ({ id, says }));
}
