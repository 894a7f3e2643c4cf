import type { Settings } from "./controlPlane.ts";
import type { Deduction } from "./deduction.ts";
import { refOf, Trail } from "./deduction.ts";
import { bySpecificity, isWildcard, matchesHost, resolveHost } from "./host.ts";
import type { InstanceClass } from "./instances.ts";
import type { Knowledge } from "./knowledge.ts";
import { byAge, selects } from "./order.ts";
import type { RegistryService } from "./registry/service.ts";
import type { DestinationRule, Labels, Subset, TrafficPolicy } from "./snapshot.ts";
import type { Overridden } from "./verdict.ts";

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

function sameLabels(a: Labels | null, b: Labels | null): boolean {
  return Object.keys(a ?? {}).length === Object.keys(b ?? {}).length && selects(a ?? {}, b ?? {});
}

function alone(rule: DestinationRule, host: string, exportTo: ReadonlySet<string>): MergedRule {
  const subsets = new Map(rule.subsets.map((subset) => [subset.name, { subset, from: rule }] as const).reverse());
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

/** Rules of one host, in istiod's order; the last one looked at says whether the newcomer also stands alone. */
function admit(rules: readonly MergedRule[], rule: MergedRule, keepsExportsApart: boolean): readonly MergedRule[] {
  let standsAlone = true;
  const folded = rules.map((existing) => {
    const bothSelect = existing.selector !== null && rule.selector !== null;
    const apart = (bothSelect && !sameLabels(existing.selector, rule.selector)) || (keepsExportsApart && !sameSet(existing.exportTo, rule.exportTo));
    const alike = (existing.selector === null) === (rule.selector === null);
    standsAlone = apart || !(keepsExportsApart || alike);
    return apart ? existing : fold(existing, rule);
  });
  return standsAlone ? [...folded, rule] : folded;
}

class HostTable {
  readonly #rules = new Map<string, readonly MergedRule[]>();
  #wildcards: readonly string[] | null = null;

  add(rule: MergedRule, keepsExportsApart: boolean): void {
    const existing = this.#rules.get(rule.host);
    this.#rules.set(rule.host, existing === undefined ? [rule] : admit(existing, rule, keepsExportsApart));
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

function table(tables: Map<string, HostTable>, namespace: string): HostTable {
  const known = tables.get(namespace) ?? new HostTable();
  tables.set(namespace, known);
  return known;
}

function selectorsFirst(a: DestinationRule, b: DestinationRule): number {
  return Number(a.workloadSelector === null) - Number(b.workloadSelector === null) || byAge(a, b);
}

/** Which DestinationRule a client uses for a service. */
export class DestinationRules {
  readonly #own = new Map<string, HostTable>();
  readonly #exported = new Map<string, HostTable>();
  readonly #rootPrivate = new HostTable();
  readonly #settings: Settings;
  readonly #knowledge: Knowledge;
  readonly #mergeGaps: Trail = new Trail();

  constructor(rules: readonly DestinationRule[], clusterDomain: string, at: { readonly settings: Settings; readonly knowledge: Knowledge }) {
    this.#settings = at.settings;
    this.#knowledge = at.knowledge;
    const keepsExportsApart = this.#keepsExportsApart(rules);
    for (const rule of [...rules].sort(selectorsFirst)) this.#add(rule, resolveHost(rule.host, rule.namespace, clusterDomain), keepsExportsApart);
  }

  #keepsExportsApart(rules: readonly DestinationRule[]): boolean {
    if (rules.length < 2) return true;
    const enabled = this.#mergeGaps.follow(this.#settings.flag("ENABLE_ENHANCED_DESTINATIONRULE_MERGE", true));
    return enabled && this.#mergeGaps.follow(this.#settings.since("1.24", true, false));
  }

  #add(rule: DestinationRule, host: string, keepsExportsApart: boolean): void {
    const { namespace } = rule;
    const exportTo = new Set(rule.workloadSelector === null ? rule.exportTo : ["."]);
    const merged = alone(rule, host, exportTo);
    const isOwn = exportTo.size === 0 || exportTo.has("*") || exportTo.has(".") || exportTo.has(namespace);
    if (isOwn) table(this.#own, namespace).add(merged, keepsExportsApart);
    const privateByDefault = exportTo.size === 0 && this.#settings.mesh.defaultDestinationRuleExportTo.includes(".");
    const isPrivate = privateByDefault || (exportTo.size === 1 && (exportTo.has(".") || exportTo.has(namespace)));
    if (!isPrivate) table(this.#exported, namespace).add(merged, keepsExportsApart);
    else if (namespace === this.#settings.mesh.rootNamespace) this.#rootPrivate.add(merged, keepsExportsApart);
  }

  /** The first place that has any rule for the host ends the search, even if no rule there fits the client. */
  of(client: InstanceClass, service: RegistryService): Deduction<MergedRule | null> {
    const trail = new Trail();
    const candidates = trail.follow(this.#lookUp(client.namespace, service));
    if (candidates.length > 1 || candidates.some(mixesSelectors)) trail.follow(this.#mergeGaps.found(null));
    const selected = candidates.find(({ selector, first }) => selector !== null && first.namespace === client.namespace && selects(selector, client.labels));
    const general = candidates.filter(({ selector }) => selector === null).at(-1);
    const rule = selected ?? general ?? null;
    if (rule === null) {
      if (candidates[0] !== undefined) trail.because("DR-6", { object: candidates[0].first, field: "spec.workloadSelector" });
      return trail.found(null);
    }
    const overrode = [...rivals(candidates, rule), ...foldedAway(rule)];
    trail.because(selected === undefined ? "DR-1" : "DR-5", { object: rule.first, field: "spec.host", value: rule.first.host, overrode });
    return trail.found(rule);
  }

  #lookUp(namespace: string, service: RegistryService): Deduction<readonly MergedRule[]> {
    const trail = new Trail();
    const { rootNamespace } = this.#settings.mesh;
    trail.lacks(this.#settings.meshGaps).lacks(this.#knowledge.gaps("DestinationRule", namespace));
    const first = namespace === rootNamespace ? this.#rootPrivate : this.#own.get(namespace);
    const own = first?.mostSpecific(service.host) ?? [];
    if (own.length > 0) return trail.found(own);
    for (const owner of [service.namespace, rootNamespace]) {
      trail.lacks(this.#knowledge.gaps("DestinationRule", owner));
      const found = this.#exportedFrom(owner, service.host, namespace);
      if (found.length > 0) return trail.found(found);
    }
    return trail.found([]);
  }

  /** The most specific host is chosen before it is asked who may see it. */
  #exportedFrom(owner: string, host: string, reader: string): readonly MergedRule[] {
    const rules = this.#exported.get(owner)?.mostSpecific(host) ?? [];
    return rules.filter(({ exportTo }) => exportTo.size === 0 || exportTo.has("*") || exportTo.has(reader));
  }
}

function mixesSelectors({ from, selector }: MergedRule): boolean {
  return from.some(({ workloadSelector }) => (workloadSelector === null) !== (selector === null));
}

function rivals(candidates: readonly MergedRule[], winner: MergedRule): readonly Overridden[] {
  return candidates.filter((rule) => rule !== winner).map(({ first, selector }) => ({ rule: selector === null ? ("DR-8" as const) : ("DR-6" as const), object: refOf(first), field: null }));
}

/** Rules for the same host whose `trafficPolicy` an older one hides. */
function foldedAway(rule: MergedRule): readonly Overridden[] {
  return rule.from
    .filter((one) => one.trafficPolicy !== null && one !== rule.policyFrom)
    .map((one) => ({ rule: "DR-7" as const, object: refOf(one), field: "spec.trafficPolicy" }));
}
