import { bySpecificity, isWildcard, matchesHost } from "../host.ts";
import { selects } from "../order.ts";
import type { DestinationRule, Labels, Subset, TrafficPolicy } from "../snapshot.ts";

/** DestinationRules of one namespace and host as istiod folds them into one. */
export interface MergedRule {
  readonly host: string;
  /** the oldest: the name under which the merged rule goes */
  readonly first: DestinationRule;
  readonly from: readonly DestinationRule[];
  readonly selector: Labels | null;
  readonly exportTo: ReadonlySet<string>;
  readonly trafficPolicy: TrafficPolicy | null;
  /** whose `trafficPolicy` it is */
  readonly policyFrom: DestinationRule | null;
  readonly subsets: ReadonlyMap<string, { readonly subset: Subset; readonly from: DestinationRule }>;
}

function sameSet(a: ReadonlySet<string>, b: ReadonlySet<string>): boolean {
  return a.size === b.size && [...a].every((one) => b.has(one));
}

function sameLabels(a: Labels, b: Labels): boolean {
  return Object.keys(a).length === Object.keys(b).length && selects(a, b);
}

/** A DestinationRule by itself, before others of its host are folded into it. Of two subsets of one name the first counts. */
export function single(rule: DestinationRule, host: string, exportTo: ReadonlySet<string>): MergedRule {
  const subsets = new Map([...rule.subsets].reverse().map((subset) => [subset.name, { subset, from: rule }]));
  const { workloadSelector: selector, trafficPolicy } = rule;
  return { host, first: rule, from: [rule], selector, exportTo, trafficPolicy, policyFrom: trafficPolicy === null ? null : rule, subsets };
}

/** The older keeps what it has; the younger only fills what is wholly absent. */
function fold(older: MergedRule, younger: MergedRule): MergedRule {
  const takes = older.trafficPolicy === null;
  return {
    ...older,
    from: [...older.from, ...younger.from],
    trafficPolicy: takes ? younger.trafficPolicy : older.trafficPolicy,
    policyFrom: takes ? younger.policyFrom : older.policyFrom,
    subsets: new Map([...younger.subsets, ...older.subsets]),
  };
}

function standApart(existing: MergedRule, newcomer: MergedRule, keepsExportsApart: boolean): boolean {
  if (existing.selector !== null && newcomer.selector !== null && !sameLabels(existing.selector, newcomer.selector)) return true;
  return keepsExportsApart && !sameSet(existing.exportTo, newcomer.exportTo);
}

/** Rules of one host with one more, in istiod's order: the last rule that it is compared with says whether it also stands alone. */
function admit(rules: readonly MergedRule[], newcomer: MergedRule, keepsExportsApart: boolean): readonly MergedRule[] {
  const folded = rules.map((existing) => (standApart(existing, newcomer, keepsExportsApart) ? existing : fold(existing, newcomer)));
  const last = rules.at(-1);
  if (last === undefined) return [newcomer];
  const alike = (last.selector === null) === (newcomer.selector === null);
  const standsAlone = standApart(last, newcomer, keepsExportsApart) || !(keepsExportsApart || alike);
  return standsAlone ? [...folded, newcomer] : folded;
}

/** Merged rules of one namespace by host. */
export class HostTable {
  readonly #rules = new Map<string, readonly MergedRule[]>();
  #wildcards: readonly string[] | null = null;

  add(rule: MergedRule, keepsExportsApart: boolean): void {
    this.#rules.set(rule.host, admit(this.#rules.get(rule.host) ?? [], rule, keepsExportsApart));
    this.#wildcards = null;
  }

  /** The rules of the most specific host that matches; empty where none does. */
  mostSpecific(host: string): readonly MergedRule[] {
    const exact = this.#rules.get(host);
    if (exact !== undefined) return exact;
    this.#wildcards ??= [...this.#rules.keys()].filter(isWildcard).sort(bySpecificity);
    const wildcard = this.#wildcards.find((pattern) => matchesHost(pattern, host));
    return wildcard === undefined ? [] : (this.#rules.get(wildcard) ?? []);
  }
}
