import { isWildcard, matchesHost } from "../host.ts";
import { isEmptySelector, selects } from "../order.ts";
import type { RegistryService } from "../registry/service.ts";
import type { ClientMode } from "../vocabulary.ts";
import { serviceHost } from "../vocabulary.ts";
import { remove, set } from "./fixes.ts";
import { selectorText } from "./ignoredPolicies.ts";
import type { Ledger } from "./ledger.ts";
import type { HostedRule, RulesFor } from "./rulesFor.ts";
import type { Survey } from "./survey.ts";

/** What a host that means nothing may stand for: `reviews.default`, `reviews.default.svc`, or the short name of another namespace's service. */
export function meantHost(rules: Pick<RulesFor, "view">, written: string, namespace: string): string | null {
  const { registry, configuration } = rules.view;
  const { clusterDomain } = configuration;
  const candidates = [`${written}.svc.${clusterDomain}`, `${written}.${clusterDomain}`, `${written}.${namespace}.svc.${clusterDomain}`];
  const found = candidates.find((host) => registry.named(serviceHost(host)).length > 0);
  if (found !== undefined) return found;
  const sameName = written.includes(".") ? [] : registry.services.filter(({ source }) => source.kind === "Service" && source.name === written);
  return sameName.length === 1 ? (sameName[0]?.host ?? null) : null;
}

function isKnownByWildcard(rules: RulesFor, host: string): boolean {
  return rules.view.registry.services.some((service) => isWildcard(service.host) && matchesHost(service.host, host));
}

/** FND-30: nothing has this host. */
function hostless(rules: RulesFor, ledger: Ledger, { rule, host }: HostedRule): void {
  if (isKnownByWildcard(rules, host)) return;
  const meant = isWildcard(host) ? null : meantHost(rules, rule.host, rule.namespace);
  const fixes = meant === null ? ([set(rule, "spec.host", "the full name of a service"), remove(rule)] as const) : ([set(rule, "spec.host", meant)] as const);
  const consequence = { kind: "matches nothing", meant } as const;
  ledger.add({ rule: "FND-30", severity: "no effect", object: rule, field: "spec.host", value: rule.host, consequence, fixes, ...(meant === null ? {} : { host: meant }) });
}

/** FND-31: an alias has no cluster of its own. */
function onAlias(ledger: Ledger, { rule }: HostedRule, service: RegistryService): void {
  const to = service.aliasOf ?? "";
  ledger.add({ rule: "FND-31", severity: "no effect", object: rule, field: "spec.host", value: rule.host, because: service.ref, consequence: { kind: "matches nothing", meant: to }, host: service.host, fixes: [set(rule, "spec.host", to)] });
}

function lacksClients(survey: Survey, namespace: string): boolean {
  return survey.clientsIn(namespace).length === 0 && survey.hasRead(["Pod", "WorkloadEntry"], namespace);
}

/** FND-32, FND-33: nobody looks there, or nobody is selected. */
function clientless(survey: Survey, ledger: Ledger, at: { readonly hosted: HostedRule; readonly services: readonly RegistryService[]; readonly root: string }): void {
  const { rule } = at.hosted;
  const { namespace, workloadSelector } = rule;
  const nobody = { kind: "matches nothing", meant: null } as const;
  if (workloadSelector !== null && !isEmptySelector(workloadSelector)) {
    const isUsed = survey.clientsIn(namespace).some(({ of }) => selects(workloadSelector, of.labels));
    if (isUsed || !survey.hasRead(["Pod", "WorkloadEntry"], namespace)) return;
    const field = "spec.workloadSelector.matchLabels";
    ledger.add({ rule: "FND-33", severity: "no effect", object: rule, field, value: selectorText(workloadSelector), consequence: nobody, fixes: [set(rule, field, "labels that a client's pods have"), remove(rule)] });
    return;
  }
  if (namespace === at.root || at.services.some((service) => service.namespace === namespace) || !lacksClients(survey, namespace)) return;
  const [service] = at.services;
  if (service === undefined) return;
  ledger.add({ rule: "FND-32", severity: "no effect", object: rule, field: "metadata.namespace", value: namespace, consequence: nobody, host: service.host, fixes: [{ kind: "move", object: rule, to: service.namespace }] });
}

/** FND-30 to FND-33: DestinationRules that apply to nothing. */
export function lostRules(survey: Survey, ledger: Ledger, rules: RulesFor): void {
  const isRead = survey.hasRead(["Service", "ServiceEntry"], null);
  if (!isRead) return;
  for (const hosted of rules.all) {
    const services = rules.services(hosted.host);
    const [first] = services;
    if (first === undefined) hostless(rules, ledger, hosted);
    else if (!isWildcard(hosted.host) && services.every(({ resolution }) => resolution === "ALIAS")) onAlias(ledger, hosted, first);
    else clientless(survey, ledger, { hosted, services, root: rules.view.settings.mesh.rootNamespace });
  }
}

/** What a client is made to send by a mode of a DestinationRule. */
export const SENT_BY: Readonly<Record<string, ClientMode>> = { DISABLE: "DR_DISABLE", SIMPLE: "DR_SIMPLE", MUTUAL: "DR_MUTUAL", ISTIO_MUTUAL: "DR_ISTIO_MUTUAL" };
