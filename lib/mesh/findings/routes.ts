import { resolveHost } from "../host.ts";
import { selects } from "../order.ts";
import type { RegistryService } from "../registry/service.ts";
import type { Destination, VirtualService } from "../snapshot.ts";
import { serviceHost } from "../vocabulary.ts";
import { set } from "./fixes.ts";
import type { Ledger } from "./ledger.ts";
import { meantHost } from "./lostRules.ts";
import type { RulesFor } from "./rulesFor.ts";
import type { Survey } from "./survey.ts";

interface Leg {
  readonly one: VirtualService;
  readonly destination: Destination;
  readonly field: string;
}

function legsOf(one: VirtualService): readonly Leg[] {
  const lists = [["http", one.http], ["tcp", one.tcp], ["tls", one.tls]] as const;
  return lists.flatMap(([name, routes]) =>
    routes.flatMap(({ destinations }, at) => destinations.map((destination, leg) => ({ one, destination, field: `spec.${name}[${at}].route[${leg}].destination` }))),
  );
}

function definedSubsets(service: RegistryService, rules: RulesFor): readonly { readonly name: string; readonly labels: Readonly<Record<string, string>> }[] {
  return rules.matching(service.host).flatMap(({ rule }) => rule.subsets);
}

function subset(survey: Survey, ledger: Ledger, at: { readonly leg: Leg; readonly name: string; readonly service: RegistryService; readonly rules: RulesFor }): void {
  const { leg, name, service, rules } = at;
  const defined = definedSubsets(service, rules).filter((one) => one.name === name);
  const found = { object: leg.one, field: `${leg.field}.subset`, value: name, severity: "breaks traffic", consequence: { kind: "no endpoint" }, host: service.host } as const;
  const known = [...new Set(definedSubsets(service, rules).map((one) => one.name))];
  if (defined.length === 0) {
    if (!survey.hasRead(["DestinationRule"], null)) return;
    const rule = rules.matching(service.host)[0]?.rule ?? { kind: "DestinationRule", namespace: service.namespace, name: service.meta.name };
    const addSubset = { kind: "add", object: rule, field: "spec.subsets", value: name } as const;
    ledger.add({ ...found, rule: "FND-50", fixes: known.length === 0 ? [addSubset] : [set(leg.one, found.field, known.join(" or ")), addSubset] });
    return;
  }
  const endpoints = service.ports.flatMap((port) => rules.view.registry.endpoints.of(service, port));
  const isServed = endpoints.some(({ labels, instance }) => defined.some((one) => selects(one.labels, instance?.told.labels ?? labels)));
  if (isServed || rules.view.registry.endpoints.gaps(service).length > 0) return;
  const rule = rules.matching(service.host).find(({ rule: one }) => one.subsets.some((each) => each.name === name))?.rule;
  if (rule === undefined) return;
  const at_ = rule.subsets.findIndex((one) => one.name === name);
  ledger.add({ ...found, rule: "FND-51", because: rule, fixes: [set(rule, `spec.subsets[${at_}].labels`, "labels that the service's pods have")] });
}

/** FND-50 to FND-52: routes inside the mesh that lead nowhere. */
export function deadRoutes(survey: Survey, ledger: Ledger, rules: RulesFor): void {
  if (!survey.hasRead(["Service", "ServiceEntry"], null)) return;
  const { view } = rules;
  for (const one of view.virtualServices.all) {
    for (const leg of legsOf(one)) {
      const host = resolveHost(leg.destination.host, one.namespace, view.configuration.clusterDomain);
      const [service] = view.registry.named(serviceHost(host));
      if (service === undefined) {
        const meant = meantHost(rules, leg.destination.host, one.namespace);
        const field = `${leg.field}.host`;
        ledger.add({ rule: "FND-52", severity: "breaks traffic", object: one, field, value: leg.destination.host, consequence: { kind: "no endpoint" }, host: host, fixes: [set(one, field, meant ?? "the full name of a service")] });
      } else if (leg.destination.subset !== null) subset(survey, ledger, { leg, name: leg.destination.subset, service, rules });
    }
  }
}
