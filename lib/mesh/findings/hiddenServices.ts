import { isWildcard, resolveHost } from "../host.ts";
import { groupBy, isEmptySelector } from "../order.ts";
import { exports as namesReader } from "../registry/registry.ts";
import type { RegistryService } from "../registry/service.ts";
import type { ServiceHost } from "../vocabulary.ts";
import { set, severityOf } from "./fixes.ts";
import type { Ledger } from "./ledger.ts";
import type { RulesFor } from "./rulesFor.ts";
import type { Resident } from "./resident.ts";
import type { Survey } from "./survey.ts";

/** Hosts that a namespace's own configuration is about: somebody there means to call them. */
function meantHosts(rules: RulesFor): ReadonlyMap<string, readonly string[]> {
  const { objects, clusterDomain } = rules.view.configuration;
  const ruled = objects.DestinationRule.map(({ namespace, host }) => ({ namespace, host }));
  const routed = objects.VirtualService.flatMap(({ namespace, http, tcp, tls }) => [...http, ...tcp, ...tls].flatMap(({ destinations }) => destinations.map(({ host }) => ({ namespace, host }))));
  const all = [...ruled, ...routed].filter(({ host }) => !isWildcard(host)).map(({ namespace, host }) => ({ namespace, host: resolveHost(host, namespace, clusterDomain) }));
  return new Map([...groupBy(all, ({ namespace }) => namespace)].map(([namespace, hosts]) => [namespace, [...new Set(hosts.map(({ host }) => host))]]));
}

function isOwn({ headless, source }: RegistryService): boolean {
  return source.kind === "Service" && !headless && source.type !== "ExternalName";
}

/** FND-56: what a namespace's Sidecar leaves out although the namespace has it, or writes about it. One for some workloads may mean it, until traffic says otherwise (`observedFindings`). */
export function unimported(survey: Survey, ledger: Ledger, rules: RulesFor): void {
  const { view } = rules;
  if (view.configuration.objects.Sidecar.length === 0) return;
  const meant = meantHosts(rules);
  const done = new Set<string>();
  for (const client of survey.residents.filter(({ of }) => of.dataPlaneMode === "sidecar")) {
    const sidecar = client.view.sidecars.of(client.of);
    if (sidecar.gaps.length > 0 || sidecar.value === null || !isEmptySelector(sidecar.value.workloadSelector)) continue;
    const key = `${client.of.namespace} ${sidecar.value.namespace}/${sidecar.value.name}`;
    if (done.has(key)) continue;
    done.add(key);
    const wanted = [...view.registry.inNamespace(client.of.namespace).filter(isOwn), ...(meant.get(client.of.namespace) ?? []).flatMap((host) => view.registry.named(host as ServiceHost))];
    for (const service of new Set(wanted)) notImported(survey, ledger, { client, sidecar: sidecar.value, service, rules });
  }
}

function notImported(survey: Survey, ledger: Ledger, at: { readonly client: Resident; readonly sidecar: { readonly kind: string; readonly namespace: string; readonly name: string }; readonly service: RegistryService; readonly rules: RulesFor }): void {
  const { client, sidecar, service, rules } = at;
  const caller = { namespace: client.of.namespace, revision: client.of.revision, as: client.one };
  for (const served of rules.served(service)) {
    if (survey.sees(caller, served)) continue;
    const fate = survey.fate(served, served.server, caller);
    if (fate?.sends !== "PASSTHROUGH" || !fate.sentBecause.some(({ rule }) => rule === "REG-3")) continue;
    if (survey.arrival(served.server, served.targetPort, "AUTO_MTLS") !== "mTLS") continue;
    const consequence = { kind: "sends", clients: { kind: "selected", namespace: client.of.namespace }, sends: fate.sends, transport: fate.transport, otherwise: "AUTO_MTLS" } as const;
    const entry = `${service.namespace === client.of.namespace ? "." : service.namespace}/${service.host}`;
    const fixes = [{ kind: "add", object: sidecar, field: "spec.egress[].hosts", value: entry }, set(sidecar, "spec.outboundTrafficPolicy.mode", "REGISTRY_ONLY")] as const;
    ledger.add({ rule: "FND-56", severity: severityOf(fate.transport), object: sidecar, field: "spec.egress", value: "does not name it", consequence, workloads: [served.server.told.workload], host: service.host, ports: [served.targetPort], fixes });
  }
}

/** A client of a namespace to which a service is not exported. */
function outsider(survey: Survey, service: RegistryService, namespaces: readonly string[]): Resident | undefined {
  if (service.exportTo.length === 0 || service.source.kind === "ServiceEntry" || service.exportTo.includes("*")) return undefined;
  const outside = namespaces.find((namespace) => !namesReader(service.exportTo, service.namespace, namespace));
  return outside === undefined ? undefined : survey.clientsIn(outside)[0];
}

/** FND-57: hidden from a namespace with clients, whose plaintext gets in all the same. */
export function unexported(survey: Survey, ledger: Ledger, rules: RulesFor): void {
  const namespaces = [...new Set(survey.clientsIn(null).map(({ of }) => of.namespace))];
  for (const service of rules.view.registry.services) {
    const client = outsider(survey, service, namespaces);
    if (client !== undefined) reachedAllTheSame(survey, ledger, { client, service, rules });
  }
}

function reachedAllTheSame(survey: Survey, ledger: Ledger, { client, service, rules }: { readonly client: Resident; readonly service: RegistryService; readonly rules: RulesFor }): void {
  for (const served of rules.served(service)) {
    const fate = survey.fate(served, served.server, { namespace: client.of.namespace, revision: client.of.revision, as: client.one });
    if (fate?.sends !== "PASSTHROUGH" || fate.transport !== "plaintext" || !fate.sentBecause.some(({ rule }) => rule === "REG-2")) continue;
    const field = "metadata.annotations.networking.istio.io/exportTo";
    const consequence = { kind: "sends", clients: { kind: "all" }, sends: fate.sends, transport: fate.transport, otherwise: null } as const;
    const fixes = [{ kind: "strict" }] as const;
    ledger.add({ rule: "FND-57", severity: "weaker than it seems", object: service.ref, field, value: service.exportTo.join(","), consequence, workloads: [served.server.told.workload], host: service.host, ports: [served.targetPort], fixes });
  }
}
