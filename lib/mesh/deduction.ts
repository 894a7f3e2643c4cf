import type { RuleId } from "./rules.ts";
import type { Answer, Gap, ObjectRef, Overridden, Reason, Verdict } from "./verdict.ts";
import { eachOnce } from "./verdict.ts";

/** A value on the way to a verdict: how it was reached, and what is missing. With gaps the value is a guess and never told. */
export interface Deduction<T> {
  readonly value: T;
  readonly reasons: readonly Reason[];
  readonly gaps: readonly Gap[];
}

const NOTHING: readonly never[] = [];

/** What a reason points at. No object: a default of Istio decided. */
export interface Evidence {
  readonly object: ObjectRef | null;
  readonly field?: string;
  readonly value?: string;
  readonly overrode?: readonly Overridden[];
}

/** No object decided, but a default of Istio. */
export const BY_DEFAULT: Evidence = { object: null };

export function refOf(object: ObjectRef): ObjectRef {
  return { kind: object.kind, namespace: object.namespace, name: object.name };
}

export function reasonOf(rule: RuleId, evidence: Evidence): Reason {
  const { object, field, value, overrode } = evidence;
  const reason = { rule, object: object === null ? null : refOf(object), field: field ?? null };
  if (overrode !== undefined && overrode.length > 0) return value === undefined ? { ...reason, overrode } : { ...reason, value, overrode };
  return value === undefined ? reason : { ...reason, value };
}

function joined<T>(first: readonly T[], second: readonly T[]): readonly T[] {
  if (second.length === 0) return first;
  // a list that is spread into another leaves room for sixteen more
  return first.length === 0 ? second : first.concat(second);
}

/** Collects the reasons and gaps of one question, step by step. What was found stays as it was: deductions are shared. */
export class Trail {
  #reasons: readonly Reason[] = NOTHING;
  #gaps: readonly Gap[] = NOTHING;

  because(rule: RuleId, evidence: Evidence = BY_DEFAULT): this {
    this.#reasons = joined(this.#reasons, [reasonOf(rule, evidence)]);
    return this;
  }

  /** What could not be read, here where it could have decided. */
  lacks(gaps: readonly Gap[]): this {
    this.#gaps = joined(this.#gaps, gaps);
    return this;
  }

  follow<T>(deduction: Deduction<T>): T {
    this.#reasons = joined(this.#reasons, deduction.reasons);
    this.#gaps = joined(this.#gaps, deduction.gaps);
    return deduction.value;
  }

  found<T>(value: T): Deduction<T> {
    return { value, reasons: this.#reasons, gaps: this.#gaps };
  }
}

/** What needs no reason: nothing was asked that could be otherwise. */
export function surely<T>(value: T): Deduction<T> {
  return { value, reasons: NOTHING, gaps: NOTHING };
}

/** A deduction with the gaps of what it rests on. */
export function lacking<T>(gaps: readonly Gap[], deduction: Deduction<T>): Deduction<T> {
  return gaps.length === 0 ? deduction : { ...deduction, gaps: joined(gaps, deduction.gaps) };
}

/** A value that one rule decides. */
export function foundBy<T>(value: T, rule: RuleId, evidence: Evidence = BY_DEFAULT): Deduction<T> {
  return { value, reasons: [reasonOf(rule, evidence)], gaps: NOTHING };
}

function hasSome<T>(all: readonly T[]): all is readonly [T, ...T[]] {
  return all.length > 0;
}

/** The verdict of a deduction: known only when nothing is missing. */
export function verdictOf<T>({ value, reasons, gaps }: Deduction<T>): Verdict<T> {
  const missing = eachOnce(gaps);
  if (hasSome(missing)) return { kind: "unknown", gaps: missing };
  if (hasSome(reasons)) return { kind: "known", value, reasons };
  throw new Error("a verdict without a reason");
}

const ANSWERS = new Map<unknown, Answer<unknown>>();

/** The same object for the same value: there are few, and many that give them. */
function knownAnswer<T extends string>(value: T): Answer<T> {
  const found = ANSWERS.get(value) ?? { kind: "known", value };
  ANSWERS.set(value, found);
  return found as Answer<T>;
}

/** The verdict of a deduction without its reasons. */
export function answerOf<T extends string>({ value, gaps }: Pick<Deduction<T>, "value" | "gaps">): Answer<T> {
  const missing = eachOnce(gaps);
  return hasSome(missing) ? { kind: "unknown", gaps: missing } : knownAnswer(value);
}

/** Reasons are much, and nobody reads those of a whole mesh. */
export function withoutReasons<T>({ value, gaps }: Deduction<T>): Deduction<T> {
  return { value, reasons: NOTHING, gaps };
}
