import type { RuleId } from "./rules.ts";
import type { Gap, ObjectRef, Overridden, Reason, Verdict } from "./verdict.ts";
import { known, unknown } from "./verdict.ts";

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

export const BY_DEFAULT: Evidence = { object: null };

export function refOf(object: ObjectRef): ObjectRef {
  return { kind: object.kind, namespace: object.namespace, name: object.name };
}

export function reasonOf(rule: RuleId, evidence: Evidence): Reason {
  const { object, field, value, overrode } = evidence;
  return {
    rule,
    object: object === null ? null : refOf(object),
    field: field ?? null,
    ...(value === undefined ? {} : { value }),
    ...(overrode === undefined || overrode.length === 0 ? {} : { overrode }),
  };
}

/** Collects the reasons and gaps of one question, step by step. */
export class Trail {
  readonly #reasons: Reason[] = [];
  readonly #gaps: Gap[] = [];

  because(rule: RuleId, evidence: Evidence = BY_DEFAULT): this {
    this.#reasons.push(reasonOf(rule, evidence));
    return this;
  }

  /** What could not be read, here where it could have decided. */
  lacks(gaps: readonly Gap[]): this {
    this.#gaps.push(...gaps);
    return this;
  }

  follow<T>(deduction: Deduction<T>): T {
    this.#reasons.push(...deduction.reasons);
    this.#gaps.push(...deduction.gaps);
    return deduction.value;
  }

  get sure(): boolean {
    return this.#gaps.length === 0;
  }

  found<T>(value: T): Deduction<T> {
    return { value, reasons: this.#reasons, gaps: this.#gaps };
  }
}

export function foundBy<T>(value: T, rule: RuleId, evidence: Evidence = BY_DEFAULT): Deduction<T> {
  return { value, reasons: [reasonOf(rule, evidence)], gaps: NOTHING };
}

function distinct(gaps: readonly Gap[]): readonly Gap[] {
  if (gaps.length < 2) return gaps;
  return [...new Map(gaps.map((gap) => [`${gap.wanted}\n${gap.because}`, gap])).values()];
}

/** The verdict of a deduction: known only when nothing is missing. */
export function verdictOf<T>(deduction: Deduction<T>): Verdict<T> {
  const [gap, ...otherGaps] = distinct(deduction.gaps);
  if (gap !== undefined) return unknown(gap, ...otherGaps);
  const [first, ...others] = deduction.reasons;
  if (first === undefined) throw new Error("a verdict without a reason");
  return known(deduction.value, first, ...others);
}
