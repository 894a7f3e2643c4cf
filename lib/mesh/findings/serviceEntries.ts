import type { RegistryService } from "../registry/service.ts";
import type { ServiceEntry } from "../snapshot.ts";
import { set, severityOf } from "./fixes.ts";
import type { Ledger } from "./ledger.ts";
import type { RulesFor, Served } from "./rulesFor.ts";
import type { Fate, Survey } from "./survey.ts";

function finding(entry: ServiceEntry, served: Served, fate: Fate): { readonly rule: "FND-60" | "FND-61"; readonly field: string; readonly value: string; readonly to: string } | null {
  if (fate.sentBecause.some(({ rule }) => rule === "AUTO-10")) return { rule: "FND-60", field: "spec.location", value: entry.location ?? "(absent)", to: "MESH_INTERNAL" };
  if (!fate.sentBecause.some(({ rule }) => rule === "AUTO-2") || entry.workloadSelector !== null) return null;
  const at = entry.endpoints.findIndex(({ address }) => served.server.told.addresses.includes(address));
  return at < 0 ? null : { rule: "FND-61", field: `spec.endpoints[${at}].serviceAccount`, value: "(absent)", to: served.server.told.serviceAccountName };
}

/** FND-60, FND-61: entries behind which the mesh's own proxies stand, and that are sent plaintext. */
export function plainEntries(survey: Survey, ledger: Ledger, rules: RulesFor): void {
  if (survey.clientsIn(null).length === 0) return;
  for (const service of rules.view.registry.services) {
    if (service.source.kind === "ServiceEntry") atEntry(survey, ledger, { service, entry: service.source, rules });
  }
}

function atEntry(survey: Survey, ledger: Ledger, { service, entry, rules }: { readonly service: RegistryService; readonly entry: ServiceEntry; readonly rules: RulesFor }): void {
  const isOpen = service.exportTo.length === 0 || service.exportTo.includes("*");
  const caller = { namespace: isOpen ? "" : service.namespace, revision: rules.view.settings.revision };
  for (const served of rules.served(service)) {
    if (survey.arrival(served.server, served.targetPort, "AUTO_MTLS") !== "mTLS") continue;
    const fate = survey.fate(served, served.server, caller);
    const found = fate?.sends === "AUTO_PLAINTEXT" ? finding(entry, served, fate) : null;
    if (fate === null || found === null) continue;
    const { rule, field, value, to } = found;
    const consequence = { kind: "sends", clients: { kind: "all" }, sends: fate.sends, transport: fate.transport, otherwise: "AUTO_MTLS" } as const;
    ledger.add({ rule, severity: severityOf(fate.transport), object: entry, field, value, consequence, workloads: [served.server.told.workload], host: service.host, ports: [served.targetPort], fixes: [set(entry, field, to)] });
  }
}
