import { clientPolicy, tlsMode } from "../client/clientTls.ts";
import { bySpecificity, isWildcard } from "../host.ts";
import { single, type MergedRule } from "../client/mergedRule.ts";
import { groupBy, isEmptySelector } from "../order.ts";
import type { RegistryService } from "../registry/service.ts";
import { exports as namesReader } from "../registry/registry.ts";
import type { DestinationRule } from "../snapshot.ts";
import type { ClientMode, Transport } from "../vocabulary.ts";
import type { Finding, Fix } from "./finding.ts";
import { set, severityOf } from "./fixes.ts";
import type { Ledger } from "./ledger.ts";
import { SENT_BY } from "./lostRules.ts";
import type { Asker, HostedRule, RulesFor, Served } from "./rulesFor.ts";
import type { Survey } from "./survey.ts";

/** What a rule by itself says about a port. */
function says({ rule, host }: HostedRule, port: number, rules: RulesFor): ClientMode | null {
  const policy = clientPolicy(single(rule, host, new Set(rule.exportTo)), { port, targetPort: null, subset: null, settings: rules.view.settings });
  return policy.gaps.length > 0 || policy.value.tls === null ? null : (SENT_BY[tlsMode(policy.value.tls.tls)] ?? null);
}

interface Loss {
  readonly rule: Finding["rule"];
  readonly by: DestinationRule;
  readonly field: string;
  readonly fixes: readonly [Fix, ...Fix[]];
}

function isSilent(winner: MergedRule, port: number, rules: RulesFor): boolean {
  const policy = clientPolicy(winner, { port, targetPort: null, subset: null, settings: rules.view.settings });
  return policy.gaps.length === 0 && policy.value.tls === null;
}

interface Contest {
  readonly hidden: HostedRule;
  readonly winner: MergedRule | null;
  /** the rule that ended the search, where nothing is in force */
  readonly ender: DestinationRule | null;
  readonly port: number;
}

function unmatched({ hidden, ender }: Contest): Loss | null {
  return ender === null || ender === hidden.rule ? null : { rule: "FND-36", by: ender, field: "spec.trafficPolicy", fixes: [{ kind: "merge", object: hidden.rule, into: ender }] };
}

/** Of one host in one namespace: merged into an older one, or kept apart from a younger. */
function rival({ hidden: { rule, host } }: Contest, winner: MergedRule): Loss | null {
  const by = winner.policyFrom ?? winner.first;
  const merge: Fix = { kind: "merge", object: rule, into: by };
  if (winner.from.includes(rule)) return { rule: "FND-37", by, field: "spec.trafficPolicy", fixes: [merge] };
  if (by.namespace !== rule.namespace || winner.host !== host || winner.selector !== null) return null;
  return { rule: "FND-38", by, field: "spec.exportTo", fixes: [set(rule, "spec.exportTo", "the same list in both"), merge] };
}

/** By which rule of precedence one DestinationRule hides another, where that is a surprise: it says nothing itself, or is the more general. */
function lossOf(contest: Contest, rules: RulesFor): Loss | null {
  const { hidden, winner, port } = contest;
  if (winner === null) return unmatched(contest);
  const found = rival(contest, winner);
  if (found !== null) return found;
  const silent = isSilent(winner, port, rules);
  const broader = isWildcard(winner.host) && bySpecificity(winner.host, hidden.host) > 0;
  if (!silent && (!broader || winner.selector !== null)) return null;
  const by = winner.policyFrom ?? winner.first;
  const merge: Fix = { kind: "merge", object: hidden.rule, into: by };
  return broader ? { rule: "FND-34", by, field: "spec.trafficPolicy", fixes: [set(by, "spec.host", "only the hosts it is for"), merge] } : { rule: "FND-35", by, field: "spec.trafficPolicy", fixes: [merge] };
}

/** Whether a client in a namespace would be told of a rule at all. */
function isTold({ rule }: HostedRule, { caller, clients }: Asker, at: { readonly service: RegistryService; readonly rules: RulesFor }): boolean {
  const { namespace, exportTo, workloadSelector } = rule;
  if (clients.kind !== "selected" && !isEmptySelector(workloadSelector)) return false;
  if (namespace === caller.namespace) return exportTo.length === 0 || namesReader(exportTo, namespace, namespace);
  const { mesh } = at.rules.view.settings;
  const isLookedAt = namespace === at.service.namespace || namespace === mesh.rootNamespace;
  return isLookedAt && namesReader(exportTo.length === 0 ? mesh.defaultDestinationRuleExportTo : exportTo, namespace, caller.namespace);
}

/** The rule with a selector that nobody of these clients matches and that still is all they get. */
function enderOf(matching: readonly HostedRule[], { caller }: Asker): DestinationRule | null {
  return matching.find(({ rule }) => rule.namespace === caller.namespace && !isEmptySelector(rule.workloadSelector))?.rule ?? null;
}

interface Case {
  readonly survey: Survey;
  readonly ledger: Ledger;
  readonly rules: RulesFor;
  readonly service: RegistryService;
  readonly matching: readonly HostedRule[];
}

function judge({ survey, ledger, rules }: Case, asker: Asker, at: { readonly served: Served; readonly contest: Contest }): void {
  const { served, contest } = at;
  const wanted = says(contest.hidden, served.port.number, rules);
  const loss = wanted === null ? null : lossOf(contest, rules);
  if (wanted === null || loss === null) return;
  const { rule } = contest.hidden;
  const fate = rules.fate(asker, served, { subset: null, block: `${loss.by.namespace}/${loss.by.name} ${served.port.number}` });
  const otherwise: Transport | null = survey.arrival(served.server, served.targetPort, wanted);
  if (fate === null || otherwise === null || otherwise === fate.transport) return;
  const consequence = { kind: "sends", clients: asker.clients, sends: fate.sends, transport: fate.transport, otherwise: wanted } as const;
  const severity = fate.transport === "mTLS" || otherwise === "blocked" ? "no effect" : severityOf(fate.transport);
  ledger.add({ rule: loss.rule, severity, object: rule, field: loss.field, value: wanted.slice(3), because: loss.by, consequence, workloads: [served.server.told.workload], host: served.service.host, ports: [served.targetPort], fixes: loss.fixes });
}

/** Whether one of the rules that an asker may get can hide TLS of another in a way that surprises. */
function mayHide(near: readonly HostedRule[], rules: RulesFor): boolean {
  return near.some((hidden) => rules.hasTls(hidden.rule) && near.some((winner) => winner !== hidden && isSurprising(winner, hidden, rules)));
}

function isSurprising(winner: HostedRule, hidden: HostedRule, rules: RulesFor): boolean {
  if (winner.rule.workloadSelector !== null || hidden.rule.workloadSelector !== null) return true;
  if (rules.modesOf(winner.rule) === rules.modesOf(hidden.rule)) return false;
  const isRival = winner.host === hidden.host && winner.rule.namespace === hidden.rule.namespace;
  return isRival || !rules.hasTls(winner.rule) || winner.rule.trafficPolicy?.tls === null || (isWildcard(winner.host) && bySpecificity(winner.host, hidden.host) > 0);
}

function contestsOf(one: Case, asker: Asker): void {
  const { rules, service, matching } = one;
  if (!rules.served(service).some((served) => one.survey.sees(asker.caller, served))) return;
  const found = rules.view.destinationRules.of(one.survey.callerOf(asker.caller).class, service);
  if (found.gaps.length > 0) return;
  const winner = found.value;
  const told = matching.filter((hosted) => rules.hasTls(hosted.rule) && isTold(hosted, asker, { service, rules }));
  const hidden = told.filter(({ rule }) => winner === null || !winner.from.includes(rule) || (winner.policyFrom !== rule && rule.trafficPolicy !== null));
  const ender = winner === null ? enderOf(matching, asker) : null;
  for (const hosted of hidden) {
    for (const served of rules.served(service)) judge(one, asker, { served, contest: { hidden: hosted, winner, ender, port: served.port.number } });
  }
}

/** A service, and the rules that its clients may get by where they are. */
function atService(one: Case, revision: string): void {
  const { rules, service, matching } = one;
  const { rootNamespace } = rules.view.settings.mesh;
  const byNamespace = groupBy(matching, ({ rule }) => rule.namespace);
  const held = new Set([service.namespace, rootNamespace]);
  const base = [...held].flatMap((namespace) => byNamespace.get(namespace) ?? []);
  if (mayHide(base, rules)) contestsOf({ ...one, matching: base }, { caller: { namespace: "", revision }, clients: { kind: "all" } });
  for (const [namespace, own] of byNamespace) {
    const near = held.has(namespace) ? base : [...own, ...base];
    if (mayHide(near, rules)) for (const asker of rules.ownClients(namespace, revision)) contestsOf({ ...one, matching: near }, asker);
  }
}

/** FND-34 to FND-38: rules with TLS that others hide, where what is on the wire would be another. */
export function hiddenRules(survey: Survey, ledger: Ledger, rules: RulesFor): void {
  if (!rules.all.some(({ rule }) => rules.hasTls(rule))) return;
  for (const service of rules.view.registry.services) {
    const matching = rules.matching(service.host);
    if (matching.length > 1 && matching.some(({ rule }) => rules.hasTls(rule))) atService({ survey, ledger, rules, service, matching }, rules.view.settings.revision);
  }
}
