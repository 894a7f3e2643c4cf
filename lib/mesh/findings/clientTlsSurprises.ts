import { clientPolicy, tlsMode, type TlsBlock } from "../client/clientTls.ts";
import { isWildcard } from "../host.ts";
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
  readonly rule: DestinationRule;
  /** what is written in the block that counts */
  readonly tls: ClientTLSSettings;
  readonly field: string;
}

interface Surprise extends Pick<Sighting, "rule" | "fixes"> {
  readonly severity: FindingSeverity;
  readonly otherwise: string | null;
}

/** What else a rule could say: one for many hosts is for servers without proxy as well, which would refuse mTLS. */
function toMutual({ rule, field, fate }: Seen): readonly Fix[] {
  if (!isWildcard(rule.host)) return [set(rule, field.endsWith(".mode") ? field : `${field}.mode`, "ISTIO_MUTUAL")];
  // without the block auto mTLS goes by the server; only TLS that some of the hosts want would be lost with it
  return fate.sends === "DR_DISABLE" ? [] : [set(rule, "spec.host", "only the hosts it is for")];
}

function toMutualOrNone(seen: Seen): readonly [Fix, ...Fix[]] {
  const none = remove(seen.rule, seen.field.replace(/\.mode$/, ""));
  const [first, ...others] = toMutual(seen);
  return first === undefined ? [none] : [first, ...others, none];
}

/** FND-41: only where plaintext was not meant, which is where anything else would be mTLS. */
function absentMode(seen: Seen): Surprise | null {
  const { survey, served, fate, tls } = seen;
  if (tls.mode !== null || fate.sends !== "DR_DISABLE") return null;
  if (survey.arrival(served.server, served.targetPort, "AUTO_MTLS") !== "mTLS") return null;
  return { rule: "FND-41", severity: severityOf(fate.transport), otherwise: "AUTO_MTLS", fixes: toMutualOrNone(seen) };
}

/** FND-42: the TLS is never sent. */
function dropped(seen: Seen): Surprise | null {
  const { fate, tls, rule, field } = seen;
  if (fate.sends !== "DR_DROPPED") return null;
  const block = field.replace(/\.mode$/, "");
  const isCredential = (tls.credentialName ?? "") !== "";
  const fixes: readonly [Fix, ...Fix[]] = isCredential
    ? [{ kind: "add", object: rule, field: "spec.workloadSelector", value: "the clients that may read the secret" }, ...toMutual(seen)]
    : [set(rule, `${block}.clientCertificate`, "a file, with privateKey"), ...toMutual(seen)];
  return { rule: "FND-42", severity: severityOf(fate.transport), otherwise: tlsMode(tls) === "SIMPLE" ? "DR_SIMPLE" : "DR_MUTUAL", fixes };
}

const REFUSED: Partial<Record<ClientMode, "FND-43" | "FND-44" | "FND-45">> = {
  DR_SIMPLE: "FND-43",
  DR_MUTUAL: "FND-43",
  DR_DISABLE: "FND-44",
  DR_ISTIO_MUTUAL: "FND-45",
};

/** FND-43 to FND-45: what is asked for is sent, and refused. */
function refused(seen: Seen): Surprise | null {
  const { survey, served, fate, rule, field } = seen;
  const found = REFUSED[fate.sends];
  if (found === undefined || fate.transport !== "blocked") return null;
  if (found !== "FND-45") return { rule: found, severity: "breaks traffic", otherwise: "AUTO_MTLS", fixes: toMutualOrNone(seen) };
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

interface Asked {
  readonly asker: Asker;
  readonly served: Served;
  readonly rules: RulesFor;
  readonly subset: string | null;
}

/** The TLS block that counts for a port and subset: of the cluster, or else the one that only its endpoints are told of. */
function blockInForce({ asker, served, rules, subset }: Asked): { readonly block: TlsBlock; readonly rule: DestinationRule; readonly isInherited: boolean } | null {
  const winner = rules.inForce(asker, served.service);
  if (winner === null) return null;
  const policy = clientPolicy(winner, { port: served.port.number, targetPort: null, subset, settings: rules.view.settings });
  const block = policy.gaps.length > 0 ? null : (policy.value.tls ?? policy.value.endpointMode);
  const rule = winner.from.find((one) => one.name === block?.evidence.object?.name && one.namespace === block.evidence.object.namespace);
  return block === null || rule === undefined ? null : { block, rule, isInherited: policy.value.tls === null };
}

function outcome(survey: Survey, ledger: Ledger, asked: Asked): void {
  const inForce = blockInForce(asked);
  if (inForce === null) return;
  const { asker, served, rules, subset } = asked;
  const { block, rule, isInherited } = inForce;
  const field = block.evidence.field ?? "spec";
  const fate = rules.fate(asker, served, { subset, block: `${rule.namespace}/${rule.name} ${field}` });
  if (fate === null) return;
  const seen = { survey, served, fate, rule, tls: block.tls, field };
  if (isInherited) halfInherited(ledger, asked, seen);
  else report(ledger, asker, seen);
}

/** What half of an inheritance comes to: the mode that is meant, and whether it is missed. */
function missed({ survey, served, fate, tls }: Seen): { readonly otherwise: ClientMode; readonly mode: string } | null {
  const mode = tlsMode(tls);
  const wanted = SENT_BY[mode];
  if (wanted === undefined || !BY_AUTO.has(fate.sends)) return null;
  if (fate.sends === "AUTO_MTLS" && fate.transport === "blocked") return { otherwise: "AUTO_PLAINTEXT", mode: "DISABLE" };
  const transport = survey.arrival(served.server, served.targetPort, wanted);
  return transport === null || transport === fate.transport ? null : { otherwise: wanted, mode };
}

const BY_AUTO: ReadonlySet<ClientMode> = new Set<ClientMode>(["AUTO_MTLS", "AUTO_PLAINTEXT"]);

/** Where the entry of a port stands: in the subset's policy, or else in the rule's. */
function entryWithoutTls({ trafficPolicy, subsets }: DestinationRule, subset: string | null, port: number): string | undefined {
  const at = subsets.findIndex(({ name }) => name === subset);
  const policies = [{ path: `spec.subsets[${at}].trafficPolicy`, policy: subsets[at]?.trafficPolicy }, { path: "spec.trafficPolicy", policy: trafficPolicy }];
  return policies.flatMap(({ path, policy }) => (policy?.portLevelSettings ?? []).flatMap((one, index) => (one.port === port ? [`${path}.portLevelSettings[${index}]`] : [])))[0];
}

/** FND-39: what the cluster does not inherit its endpoints do. */
function halfInherited(ledger: Ledger, { asker, subset }: Asked, seen: Seen): void {
  const { served, fate, rule } = seen;
  const found = missed(seen);
  if (found === null) return;
  const entry = entryWithoutTls(rule, subset, served.port.number) ?? "spec.trafficPolicy";
  const consequence = { kind: "sends", clients: asker.clients, sends: fate.sends, transport: fate.transport, otherwise: found.otherwise } as const;
  const fixes = [{ kind: "add", object: rule, field: `${entry}.tls.mode`, value: found.mode }] as const;
  ledger.add({ rule: "FND-39", severity: severityOf(fate.transport), object: rule, field: entry, value: "no tls", consequence, workloads: [served.server.told.workload], host: served.service.host, ports: [served.targetPort], fixes });
}

interface Entry {
  readonly hosted: HostedRule;
  readonly service: RegistryService;
  readonly rules: RulesFor;
  readonly index: number;
  readonly port: number;
  readonly wanted: ClientMode;
}

/** Entries whose port is none of the Service's. */
function strayEntries({ rule }: HostedRule, service: RegistryService): readonly Pick<Entry, "index" | "port" | "wanted">[] {
  return (rule.trafficPolicy?.portLevelSettings ?? []).flatMap(({ port, tls }, index) => {
    const wanted = tls === null ? undefined : SENT_BY[tlsMode(tls)];
    return wanted === undefined || service.ports.some(({ number }) => number === port) ? [] : [{ index, port, wanted }];
  });
}

function strayEntry(survey: Survey, ledger: Ledger, { hosted, service, rules, index, port, wanted }: Entry): void {
  const { rule } = hosted;
  const [asker] = rules.askers(hosted, service, rules.view.settings.revision);
  if (asker === undefined || rules.inForce(asker, service)?.policyFrom !== rule) return;
  for (const served of rules.served(service).filter(({ targetPort }) => targetPort === port)) {
    const fate = survey.fate(served, served.server, asker.caller);
    const otherwise = survey.arrival(served.server, served.targetPort, wanted);
    if (fate === null || otherwise === null || otherwise === fate.transport) continue;
    const field = `spec.trafficPolicy.portLevelSettings[${index}].port.number`;
    const consequence = { kind: "sends", clients: asker.clients, sends: fate.sends, transport: fate.transport, otherwise: wanted } as const;
    const severity = fate.transport === "mTLS" ? "no effect" : severityOf(fate.transport);
    ledger.add({ rule: "FND-40", severity, object: rule, field, value: String(port), consequence, workloads: [served.server.told.workload], host: served.service.host, ports: [served.targetPort], fixes: [set(rule, field, String(served.port.number))] });
  }
}

/** FND-40: an entry for the port of the container, where the Service has another. */
function targetPortEntries(survey: Survey, ledger: Ledger, at: Omit<Entry, "index" | "port" | "wanted">): void {
  for (const entry of strayEntries(at.hosted, at.service)) strayEntry(survey, ledger, { ...at, ...entry });
}

/** Those for whom this rule is in force; everybody stands for the rule's own namespace too. */
function userOf(survey: Survey, { rules, hosted, service }: Pick<Entry, "rules" | "hosted" | "service">): Asker | undefined {
  const seeing = rules.askers(hosted, service, rules.view.settings.revision).filter(({ caller }) => service.ports.some((port) => survey.sees(caller, { service, port })));
  return seeing.find((asker) => rules.inForce(asker, service)?.from.includes(hosted.rule) ?? false);
}

function atService(survey: Survey, ledger: Ledger, at: Pick<Entry, "rules" | "hosted" | "service">): void {
  const asker = userOf(survey, at);
  if (asker === undefined) return;
  const subsets = [null, ...at.hosted.rule.subsets.filter(({ trafficPolicy }) => trafficPolicy !== null).map(({ name }) => name)];
  for (const served of at.rules.served(at.service)) {
    for (const subset of subsets) outcome(survey, ledger, { asker, served, rules: at.rules, subset });
  }
}

/** FND-39 to FND-46: what a DestinationRule's TLS comes to at each endpoint. */
export function clientTlsSurprises(survey: Survey, ledger: Ledger, rules: RulesFor): void {
  if (survey.clientsIn(null).length === 0) return;
  for (const hosted of rules.all.filter(({ rule }) => rules.hasTls(rule))) {
    const atStake = modesAtStake(hosted.rule);
    for (const service of rules.services(hosted.host)) {
      if (atStake === "any") targetPortEntries(survey, ledger, { hosted, service, rules });
      if (atStake === "any" || [...atStake].some((mode) => rules.balks(service, mode))) atService(survey, ledger, { hosted, service, rules });
    }
  }
}
