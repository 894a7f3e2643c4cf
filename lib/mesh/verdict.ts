import type { RuleId } from "./rules.ts";

/** An object of the cluster, by what identifies it to a person. `namespace` is empty for a cluster-scoped kind. */
export interface ObjectRef {
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
}

/** Something that would have decided had it not lost, and the rule by which it lost. */
export interface Overridden {
  readonly rule: RuleId;
  readonly object: ObjectRef | null;
  readonly field: string | null;
  readonly value?: string;
}

/**
 * One step of the chain that led to a verdict.
 *
 * `object` is `null` where no object but a default of Istio decided; `field` is the path inside the object,
 * `value` what stands there, as written.
 */
export interface Reason {
  readonly rule: RuleId;
  readonly object: ObjectRef | null;
  readonly field: string | null;
  readonly value?: string;
  readonly overrode?: readonly Overridden[];
}

/** Knowledge that is missing: what was wanted, and why it could not be had. Lower case, no full stop, names in backticks. */
export interface Gap {
  readonly wanted: string;
  readonly because: string;
}

/** Gaps without those that say the same, in the order in which they were first met. */
export function eachOnce(gaps: readonly Gap[]): readonly Gap[] {
  return gaps.length < 2 ? gaps : [...new Map(gaps.map((gap) => [JSON.stringify([gap.wanted, gap.because]), gap])).values()];
}

export type Known<T> = { readonly kind: "known"; readonly value: T; readonly reasons: readonly [Reason, ...Reason[]] };
export type Unknown = { readonly kind: "unknown"; readonly gaps: readonly [Gap, ...Gap[]] };

/** An answer with its reasons, or what is missing to give one. There is no third arm and no default. */
export type Verdict<T> = Known<T> | Unknown;

/** A verdict without its reasons. A verdict is one, too. */
export type Answer<T> = { readonly kind: "known"; readonly value: T } | Unknown;

export function known<T>(value: T, first: Reason, ...rest: readonly Reason[]): Known<T> {
  return { kind: "known", value, reasons: [first, ...rest] };
}

export function unknown(first: Gap, ...rest: readonly Gap[]): Unknown {
  return { kind: "unknown", gaps: [first, ...rest] };
}
