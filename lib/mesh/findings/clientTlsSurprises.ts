import { clientPolicy, tlsMode, type ClientPolicy } from "../clientTls.ts";
import type { RegistryService } from "../registry/service.ts";
import type { ClientTLSSettings, DestinationRule } from "../snapshot.ts";
import type { ObjectRef } from "../verdict.ts";
import type { ClientMode } from "../vocabulary.ts";
import type { FindingSeverity, Fix } from "./finding.ts";
import { remove, set, severityOf } from "./fixes.ts";
import type { Ledger, Sighting } from "./ledger.ts";
import { SENT_BY } from "./lostRules.ts";
import type { Asker, HostedRule, RulesFor, Served } from "./rulesFor.ts";
import type { Fate, Survey } from "./survey.ts";

interface Seen {
  readonly survey: Survey;
  readonly served: Served;
  readonly fate: Fate;
  readonly policy: ClientPolicy;
  readonly rule: DestinationRule;
  /** what is written in the block that counts */
  readonly tls: ClientTLSSettings;
  readonly field: string;
}

interface Surprise extends Pick<Sighting, "rule" | "fixes"> {
  readonly severity: FindingSeverity;
  readonly otherwise: string | null;
}

function toMode(rule: DestinationRule, field: string, mode: string): Fix {
  return set(rule, field.endsWith(".mode") ? field : `${field}.mode`, mode);
}

/** FND-41: only where plaintext was not meant, which is where anything else would be mTLS. */
function absentMode({ survey, served, fate, tls, rule, field }: Seen): Surprise | null {
  if (tls.mode !== null || fate.sends !== "DR_DISABLE") return null;
  if (survey.arrival(served.server, served.targetPort, "AUTO_MTLS") !== "mTLS") return null;
  return { rule: "FND-41", severity: severityOf(fate.transport), otherwise: "AUTO_MTLS", fixes: [toMode(rule, field, "ISTIO_MUTUAL"), remove(rule, field.replace(/\.mode$/, ""))] };
}

/** FND-42: the TLS is never sent. */
function dropped({ fate, tls, rule, field }: Seen): Surprise | null {
  if (fate.sends !== "DR_DROPPED") return null;
  const block = field.replace(/\.mode$/, "");
  const isCredential = (tls.credentialName ?? "") !== "";
  const fixes: readonly [Fix, ...Fix[]] = isCredential
    ? [{ kind: "add", object: rule, field: "spec.workloadSelector", value: "the clients that may read the secret" }, toMode(rule, field, "ISTIO_MUTUAL")]
    : [set(rule, `${block}.clientCertificate`, "a file, with privateKey"), toMode(rule, field, "ISTIO_MUTUAL")];
  return { rule: "FND-42", severity: severityOf(fate.transport), otherwise: tlsMode(tls) === "SIMPLE" ? "DR_SIMPLE" : "DR_MUTUAL", fixes };
}

const REFUSED: Partial<Record<ClientMode, "FND-43" | "FND-44" | "FND-45">> = {
  DR_SIMPLE: "FND-43",
  DR_MUTUAL: "FND-43",
  DR_DISABLE: "FND-44",
  DR_ISTIO_MUTUAL: "FND-45",
};

/** FND-43 to FND-45: what is asked for is sent, and refused. */
function refused({ survey, served, fate, rule, field }: Seen): Surprise | null {
  const found = REFUSED[fate.sends];
  if (found === undefined || fate.transport !== "blocked") return null;
  if (found !== "FND-45") return { rule: found, severity: "breaks traffic", otherwise: "AUTO_MTLS", fixes: [toMode(rule, field, "ISTIO_MUTUAL"), remove(rule, field.replace(/\.mode$/, ""))] };
  const plain = survey.arrival(served.server, served.targetPort, "AUTO_PLAINTEXT") === "plaintext";
  const fixes: readonly [Fix, ...Fix[]] = served.server.class.dataPlaneMode === "none" ? [remove(rule, field.replace(/\.mode$/, "")), { kind: "inject" }] : [remove(rule, field.replace(/\.mode$/, ""))];
  return { rule: "FND-45", severity: "breaks traffic", otherwise: plain ? "AUTO_PLAINTEXT" : null, fixes };
}

/** FND-46: before 1.21 nothing was checked that was not asked for. */
function unverified({ survey, served, fate, tls }: Seen): boolean {
  const isTls = fate.sends === "DR_SIMPLE" || fate.sends === "DR_MUTUAL";
  if (!isTls || (tls.caCertificates ?? "") !== "" || (tls.credentialName ?? "") !== "") return false;
  const { settings } = survey.engine.seenBy(served.server.class).view;
  const since = settings.since("1.21", false, true);
  return since.gaps.length === 0 && since.value;
}

function report(ledger: Ledger, asker: Asker, seen: Seen): void {
  const { fate, rule, field, tls, served } = seen;
  const at = { object: rule, field, value: tls.mode ?? "(absent)", workloads: [served.server.told.workload], host: served.service.host, ports: [served.targetPort] };
  const surprise = absentMode(seen) ?? dropped(seen) ?? refused(seen);
  if (surprise !== null) {
    const { otherwise, ...what } = surprise;
    ledger.add({ ...at, ...what, because: becauseOf(seen), consequence: { kind: "sends", clients: asker.clients, sends: fate.sends, transport: fate.transport, otherwise } });
  }
  if (unverified(seen)) {
    const block = field.replace(/\.mode$/, "");
    ledger.add({ ...at, rule: "FND-46", severity: "weaker than it seems", consequence: { kind: "unverified" }, fixes: [set(rule, `${block}.caCertificates`, "the file of the CA that signs the server"), { kind: "upgrade", to: "1.21" }] });
  }
}

/** The policy of the server that the TLS runs into, where one decided. */
function becauseOf({ survey, served, fate }: Seen): ObjectRef | null {
  if (fate.serverMode !== "STRICT" && fate.serverMode !== "DISABLE") return null;
  const { reasons } = survey.engine.seenBy(served.server.class).inbound.mode(served.server, served.targetPort);
  return reasons.find(({ object }) => object?.kind === "PeerAuthentication")?.object ?? null;
}

/** Every TLS block of a rule. */
function blocksOf({ trafficPolicy, subsets }: DestinationRule): readonly ClientTLSSettings[] {
  const policies = [trafficPolicy, ...subsets.map((subset) => subset.trafficPolicy)].filter((policy) => policy !== null);
  return policies.flatMap((policy) => [policy.tls, ...policy.portLevelSettings.map(({ tls }) => tls)]).filter((tls) => tls !== null);
}

/** A block that can surprise wherever it leads: no mode, a certificate that may not be there, nothing to verify by. */
function isOdd(tls: ClientTLSSettings): boolean {
  const mode = tlsMode(tls);
  return tls.mode === null || (tls.credentialName ?? "") !== "" || ((mode === "MUTUAL" || mode === "SIMPLE") && (tls.caCertificates ?? "") === "");
}

/** Worth a question to the engine: an endpoint refuses what the rule sends, or the rule is out of the ordinary. */
function modesAtStake(rule: DestinationRule): ReadonlySet<ClientMode> | "any" {
  const blocks = blocksOf(rule);
  const hasEntries = [rule.trafficPolicy, ...rule.subsets.map((subset) => subset.trafficPolicy)].some((policy) => (policy?.portLevelSettings.length ?? 0) > 0);
  if (hasEntries || blocks.some(isOdd)) return "any";
  return new Set(blocks.map((tls) => SENT_BY[tlsMode(tls)]).filter((mode) => mode !== undefined));
}

function outcome(survey: Survey, ledger: Ledger, at: { readonly asker: Asker; readonly served: Served; readonly rules: RulesFor; readonly subset: string | null }): void {
  const { asker, served, rules, subset } = at;
  const winner = rules.inForce(asker, served.service);
  if (winner === null) return;
  const policy = clientPolicy(winner, { port: served.port.number, targetPort: null, subset, settings: rules.view.settings });
  const block = policy.gaps.length > 0 ? null : (policy.value.tls ?? policy.value.endpointMode);
  const by = block?.evidence.object ?? null;
  const rule = winner.from.find((one) => one.name === by?.name && one.namespace === by.namespace);
  if (block === null || rule === undefined) return;
  const fate = rules.fate(asker, served, { subset, block: `${rule.namespace}/${rule.name} ${block.evidence.field ?? ""}` });
  if (fate === null) return;
  const seen = { survey, served, fate, policy: policy.value, rule, tls: block.tls, field: block.evidence.field ?? "spec" };
  if (policy.value.tls === null) halfInherited(ledger, asker, seen);
  else report(ledger, asker, seen);
}

/** FND-39: what the cluster does not inherit its endpoints do. */
function halfInherited(ledger: Ledger, asker: Asker, { survey, served, fate, rule, tls, field }: Seen): void {
  const mode = tlsMode(tls);
  const wanted = SENT_BY[mode];
  if (wanted === undefined || (fate.sends !== "AUTO_PLAINTEXT" && fate.sends !== "AUTO_MTLS")) return;
  const otherwise = survey.arrival(served.server, served.targetPort, wanted);
  const breaks = fate.sends === "AUTO_MTLS" && fate.transport === "blocked";
  if (otherwise === null || (otherwise === fate.transport && !breaks)) return;
  const at = rule.trafficPolicy?.portLevelSettings.findIndex(({ port }) => port === served.port.number) ?? -1;
  const entry = at < 0 ? field : `spec.trafficPolicy.portLevelSettings[${at}]`;
  const consequence = { kind: "sends", clients: asker.clients, sends: fate.sends, transport: fate.transport, otherwise: breaks ? "AUTO_PLAINTEXT" : wanted } as const;
  const host = served.service.host;
  const fixes = [{ kind: "add", object: rule, field: `${entry}.tls.mode`, value: breaks ? "DISABLE" : mode }] as const;
  ledger.add({ rule: "FND-39", severity: severityOf(fate.transport), object: rule, field: entry, value: "no tls", consequence, workloads: [served.server.told.workload], host, ports: [served.targetPort], fixes });
}

/** FND-40: an entry for the port of the container, where the Service has another. */
function targetPortEntries(survey: Survey, ledger: Ledger, at: { readonly hosted: HostedRule; readonly service: RegistryService; readonly rules: RulesFor }): void {
  const { rule } = at.hosted;
  for (const [index, entry] of (rule.trafficPolicy?.portLevelSettings ?? []).entries()) {
    if (entry.tls === null || at.service.ports.some(({ number }) => number === entry.port)) continue;
    const wanted = SENT_BY[tlsMode(entry.tls)];
    if (wanted === undefined) continue;
    for (const served of at.rules.served(at.service).filter(({ targetPort }) => targetPort === entry.port)) {
      for (const asker of firstOf(at.rules.askers(at.hosted, at.service, at.rules.view.settings.revision))) {
        if (at.rules.inForce(asker, at.service)?.policyFrom !== rule) continue;
        const fate = survey.fate(served, served.server, asker.caller);
        const otherwise = survey.arrival(served.server, served.targetPort, wanted);
        if (fate === null || otherwise === null || otherwise === fate.transport) continue;
        const field = `spec.trafficPolicy.portLevelSettings[${index}].port.number`;
        const consequence = { kind: "sends", clients: asker.clients, sends: fate.sends, transport: fate.transport, otherwise: wanted } as const;
        const severity = fate.transport === "mTLS" ? "no effect" : severityOf(fate.transport);
        ledger.add({ rule: "FND-40", severity, object: rule, field, value: String(entry.port), consequence, workloads: [served.server.told.workload], host: served.service.host, ports: [served.targetPort], fixes: [set(rule, field, String(served.port.number))] });
      }
    }
  }
}

/** Everybody stands for the rule's own namespace too. */
function firstOf(askers: readonly Asker[]): readonly Asker[] {
  return askers.slice(0, 1);
}

/** FND-39 to FND-46: what a DestinationRule's TLS comes to at each endpoint. */
export function clientTlsSurprises(survey: Survey, ledger: Ledger, rules: RulesFor): void {
  if (survey.clientsIn(null).length === 0) return;
  for (const hosted of rules.all.filter(({ rule }) => rules.hasTls(rule))) {
    const subsets = [null, ...hosted.rule.subsets.filter(({ trafficPolicy }) => trafficPolicy !== null).map(({ name }) => name)];
    const atStake = modesAtStake(hosted.rule);
    for (const service of rules.services(hosted.host)) {
      if (atStake === "any") targetPortEntries(survey, ledger, { hosted, service, rules });
      const all = rules.served(service);
      if (atStake !== "any" && ![...atStake].some((mode) => rules.balks(service, mode))) continue;
      for (const asker of askersOf(survey, { rules, hosted, service })) {
        for (const served of all) for (const subset of subsets) outcome(survey, ledger, { asker, served, rules, subset });
      }
    }
  }
}

/** Those for whom this rule is in force; everybody stands for the rule's own namespace too. */
function askersOf(survey: Survey, { rules, hosted, service }: { readonly rules: RulesFor; readonly hosted: HostedRule; readonly service: RegistryService }): readonly Asker[] {
  const seeing = rules.askers(hosted, service, rules.view.settings.revision).filter(({ caller }) => service.ports.some((port) => survey.sees(caller, { service, port })));
  const using = seeing.filter((asker) => rules.inForce(asker, service)?.from.includes(hosted.rule) ?? false);
  return firstOf(using);
}
