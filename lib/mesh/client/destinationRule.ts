import type { Settings } from "../controlPlane/controlPlane.ts";
import type { Deduction } from "../deduction.ts";
import { BY_DEFAULT, foundBy, refOf, Trail } from "../deduction.ts";
import { resolveHost } from "../host.ts";
import type { InstanceClass } from "../instances/instances.ts";
import type { Knowledge } from "../controlPlane/knowledge.ts";
import type { MergedRule } from "./mergedRule.ts";
import { HostTable, single } from "./mergedRule.ts";
import { byAge, groupBy, selects } from "../order.ts";
import type { RegistryService } from "../registry/service.ts";
import type { RuleId } from "../rules.ts";
import type { DestinationRule } from "../snapshot.ts";
import type { Overridden } from "../verdict.ts";

function table(tables: Map<string, HostTable>, namespace: string): HostTable {
  const known = tables.get(namespace) ?? new HostTable();
  tables.set(namespace, known);
  return known;
}

function selectorsFirst(a: DestinationRule, b: DestinationRule): number {
  return Number(a.workloadSelector === null) - Number(b.workloadSelector === null) || byAge(a, b);
}

/** Its own namespace finds a rule by every list that names it, or none at all. */
function isForItself(exportTo: ReadonlySet<string>, namespace: string): boolean {
  return exportTo.size === 0 || ["*", ".", namespace].some((one) => exportTo.has(one));
}

function isForItselfOnly(exportTo: ReadonlySet<string>, namespace: string, byDefault: readonly string[]): boolean {
  if (exportTo.size === 0) return byDefault.includes(".");
  return exportTo.size === 1 && (exportTo.has(".") || exportTo.has(namespace));
}

/** The rules by which one of the places of the search ends it, in its order: the client's namespace, the service's, the root. */
const SEARCHED: readonly RuleId[] = ["DR-1", "DR-15", "DR-16"];

interface Found {
  readonly rules: readonly MergedRule[];
  readonly rule: RuleId;
}

const NO_RULES: readonly never[] = [];
const NONE = foundBy(null, "DR-9");
const NOT_FOUND: Found = { rules: [], rule: "DR-9" };

/** Which DestinationRule a client uses for a service. */
export class DestinationRules {
  readonly #own = new Map<string, HostTable>();
  readonly #exported = new Map<string, HostTable>();
  readonly #rootPrivate = new HostTable();
  readonly #settings: Settings;
  readonly #knowledge: Knowledge;
  readonly #mergeDoubts: Trail = new Trail();
  readonly #byWrittenHost: ReadonlyMap<string, readonly DestinationRule[]>;
  readonly #clusterDomain: string;

  constructor(rules: readonly DestinationRule[], clusterDomain: string, at: { readonly settings: Settings; readonly knowledge: Knowledge }) {
    this.#settings = at.settings;
    this.#knowledge = at.knowledge;
    this.#clusterDomain = clusterDomain;
    this.#byWrittenHost = groupBy([...rules].sort(byAge), ({ host }) => host.toLowerCase());
    const keepsExportsApart = this.#keepsExportsApart(rules);
    for (const rule of [...rules].sort(selectorsFirst)) this.#add(rule, keepsExportsApart);
  }

  #keepsExportsApart(rules: readonly DestinationRule[]): boolean {
    if (rules.length < 2) return true;
    const enabled = this.#mergeDoubts.follow(this.#settings.flag("ENABLE_ENHANCED_DESTINATIONRULE_MERGE", true));
    return enabled && this.#mergeDoubts.follow(this.#settings.since("1.24", true, false));
  }

  #add(rule: DestinationRule, keepsExportsApart: boolean): void {
    const { namespace } = rule;
    const exportTo = new Set(rule.workloadSelector === null ? rule.exportTo : ["."]);
    const merged = single(rule, resolveHost(rule.host, namespace, this.#clusterDomain), exportTo);
    const { rootNamespace, defaultDestinationRuleExportTo } = this.#settings.mesh;
    if (isForItself(exportTo, namespace)) table(this.#own, namespace).add(merged, keepsExportsApart);
    if (!isForItselfOnly(exportTo, namespace, defaultDestinationRuleExportTo)) table(this.#exported, namespace).add(merged, keepsExportsApart);
    else if (namespace === rootNamespace) this.#rootPrivate.add(merged, keepsExportsApart);
  }

  /** The rule in force; a selector that matches the client first, else the last without one. */
  of(client: InstanceClass, service: RegistryService): Deduction<MergedRule | null> {
    const trail = new Trail();
    const { rules: candidates, rule: place } = trail.follow(this.#lookUp(client.namespace, service));
    if (candidates.length > 1 || candidates.some(mixesSelectors)) trail.follow({ ...this.#mergeDoubts.found(null), reasons: [] });
    const selected = candidates.find(({ selector, first }) => selector !== null && first.namespace === client.namespace && selects(selector, client.labels));
    const rule = selected ?? candidates.filter(({ selector }) => selector === null).at(-1) ?? null;
    if (rule !== null) {
      const overrode = [...rivals(candidates, rule), ...foldedAway(rule), ...this.#furtherOn(place, client.namespace, service)];
      trail.because(selected === undefined ? place : "DR-5", { object: rule.first, field: "spec.host", value: rule.first.host, overrode });
      return trail.found(rule);
    }
    const [unfit] = candidates;
    if (unfit === undefined) return trail.found(trail.follow(this.#none(client.namespace, service)));
    return trail.because("DR-6", { object: unfit.first, field: "spec.workloadSelector" }).found(null);
  }

  #first(namespace: string): HostTable | undefined {
    return namespace === this.#settings.mesh.rootNamespace ? this.#rootPrivate : this.#own.get(namespace);
  }

  /** Whether a client of a namespace goes by what all readers go by: its namespace has no rule for the service's host, or the very one that all read. */
  isReader(namespace: string, service: RegistryService): boolean {
    const own = this.#first(namespace)?.mostSpecific(service.host) ?? NO_RULES;
    return own.length === 0 || (own.length === 1 && namespace === service.namespace && own[0] === this.forReaders(service));
  }

  /** The rule for all readers that have none of their own, where it is one that is for everybody alike; `null`: there is none, or several. */
  forReaders({ namespace, host }: RegistryService): MergedRule | null {
    for (const owner of [namespace, this.#settings.mesh.rootNamespace]) {
      const [rule, ...others] = this.#exported.get(owner)?.mostSpecific(host) ?? NO_RULES;
      if (rule !== undefined) return others.length === 0 && rule.selector === null && !mixesSelectors(rule) ? rule : null;
    }
    return null;
  }

  /** Rules for the service of its own namespace and of the root namespace, whoever may read them. */
  #exportedFor({ namespace, host }: RegistryService): readonly MergedRule[] {
    const own = this.#exported.get(namespace)?.mostSpecific(host) ?? NO_RULES;
    const ofRoot = this.#exported.get(this.#settings.mesh.rootNamespace)?.mostSpecific(host) ?? NO_RULES;
    return ofRoot.length === 0 ? own : [...own, ...ofRoot];
  }

  /** Whether a client that has none of its own may have any rule for the service. */
  isRuled(service: RegistryService): boolean {
    return this.#exportedFor(service).length > 0;
  }

  /** Whether rules for the service are for every client alike that has none of its own. */
  areForAllReaders(service: RegistryService): boolean {
    return this.#exportedFor(service).every(({ exportTo }) => exportTo.size === 0 || exportTo.has("*"));
  }

  /** The first place that has any rule for the host ends the search, even if no rule there fits the client. */
  #lookUp(namespace: string, service: RegistryService): Deduction<Found> {
    const trail = new Trail();
    const { rootNamespace } = this.#settings.mesh;
    trail.lacks(this.#settings.meshGapsOn("rootNamespace", "defaultDestinationRuleExportTo")).lacks(this.#knowledge.gaps("DestinationRule", namespace));
    const own = this.#first(namespace)?.mostSpecific(service.host) ?? [];
    if (own.length > 0) return trail.found({ rules: own, rule: "DR-1" });
    for (const owner of [service.namespace, rootNamespace]) {
      trail.lacks(this.#knowledge.gaps("DestinationRule", owner));
      const rules = this.#exportedFrom(owner, service.host, namespace);
      if (rules.length > 0) return trail.found({ rules, rule: owner === service.namespace ? "DR-15" : "DR-16" });
    }
    return trail.found(NOT_FOUND);
  }

  /** Rules that would have been found had the search not ended before. */
  #furtherOn(place: Found["rule"], reader: string, { namespace, host }: RegistryService): readonly Overridden[] {
    const { rootNamespace } = this.#settings.mesh;
    const places = [reader, namespace, rootNamespace];
    const searched = SEARCHED.indexOf(place) + 1;
    const further = places.filter((owner, at) => at >= searched && places.indexOf(owner) === at);
    const rules = further.flatMap((owner) => this.#exportedFrom(owner, host, reader));
    return rules.map(({ first }) => ({ rule: place, object: refOf(first), field: "spec.host", value: first.host }));
  }

  /** The most specific host is chosen before it is asked who may see it. */
  #exportedFrom(owner: string, host: string, reader: string): readonly MergedRule[] {
    const rules = this.#exported.get(owner)?.mostSpecific(host) ?? [];
    return rules.filter(({ exportTo }) => exportTo.size === 0 || exportTo.has("*") || exportTo.has(reader));
  }

  #none(reader: string, service: RegistryService): Deduction<null> {
    const overrode = this.#nearMisses(reader, service);
    return overrode.length === 0 ? NONE : foundBy(null, "DR-9", { ...BY_DEFAULT, overrode });
  }

  /** Rules that a person would think are for this service, and why they are not. */
  #nearMisses(reader: string, service: RegistryService): readonly Overridden[] {
    const spelled = this.#spelled(service);
    if (spelled.length === 0) return NO_RULES;
    const places = new Set([reader, service.namespace, this.#settings.mesh.rootNamespace]);
    return spelled.map((rule) => {
      const resolves = resolveHost(rule.host, rule.namespace, this.#clusterDomain) === service.host;
      if (!resolves) return { rule: "DR-2" as const, object: refOf(rule), field: "spec.host", value: rule.host };
      if (!places.has(rule.namespace)) return { rule: "DR-3" as const, object: refOf(rule), field: "metadata.namespace", value: rule.namespace };
      return { rule: "DR-4" as const, object: refOf(rule), field: "spec.exportTo", value: rule.exportTo.join(",") || "(mesh default)" };
    });
  }

  /** Rules whose host is one of the ways in which people write this service's. */
  #spelled({ host, namespace, source, meta: { name } }: RegistryService): readonly DestinationRule[] {
    if (this.#byWrittenHost.size === 0) return NO_RULES;
    const spellings = source.kind === "Service" ? [host, name, `${name}.${namespace}`, `${name}.${namespace}.svc`] : [host];
    return spellings.flatMap((spelling) => this.#byWrittenHost.get(spelling) ?? NO_RULES);
  }
}

/** Whether older versions of istiod would have merged these otherwise. */
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
