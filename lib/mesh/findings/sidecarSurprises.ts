import { isWildcard, matchesHost } from "../host.ts";
import { byAge, groupBy, isEmptySelector, selects } from "../order.ts";
import type { RegistryService } from "../registry/service.ts";
import type { Sidecar } from "../snapshot.ts";
import { remove, set } from "./fixes.ts";
import { selectorText } from "./ignoredPolicies.ts";
import type { Ledger } from "./ledger.ts";
import { meantHost } from "./lostRules.ts";
import type { RulesFor } from "./rulesFor.ts";
import type { Resident } from "./resident.ts";
import type { Survey } from "./survey.ts";

function content({ egress, ingress, outboundTrafficPolicyMode }: Sidecar): string {
  return JSON.stringify([egress, ingress, outboundTrafficPolicyMode]);
}

/** FND-53: two for one workload that say different things. */
function rivals(survey: Survey, ledger: Ledger, at: { readonly resident: Resident; readonly own: readonly Sidecar[] }): void {
  const { of } = at.resident;
  const selecting = at.own.filter(({ workloadSelector: s }) => !isEmptySelector(s) && selects(s ?? {}, of.labels));
  const general = at.own.filter(({ workloadSelector }) => isEmptySelector(workloadSelector));
  for (const [oldest, ...younger] of [selecting, general]) {
    if (oldest === undefined || (oldest === general[0] && selecting.length > 0)) continue;
    for (const sidecar of younger.filter((one) => content(one) !== content(oldest))) {
      ledger.add({ rule: "FND-53", severity: "no effect", object: sidecar, field: "metadata.creationTimestamp", because: oldest, consequence: { kind: "ignored" }, workloads: survey.workloadsOf(at.resident), fixes: [{ kind: "merge", object: sidecar, into: oldest }] });
    }
  }
}

/** FND-54: a selector for nobody here. The root namespace's selects in the root namespace only. */
function selectsNobody(survey: Survey, ledger: Ledger, sidecar: Sidecar): void {
  const { namespace, workloadSelector } = sidecar;
  if (isEmptySelector(workloadSelector) || !survey.hasRead(["Pod", "WorkloadEntry"], namespace)) return;
  const here = survey.byNamespace.get(namespace) ?? [];
  if (here.some(({ of }) => selects(workloadSelector ?? {}, of.labels))) return;
  const field = "spec.workloadSelector.labels";
  ledger.add({ rule: "FND-54", severity: "no effect", object: sidecar, field, value: selectorText(workloadSelector), consequence: { kind: "matches nothing", meant: null }, fixes: [set(sidecar, field, "labels that the workload's pods have"), remove(sidecar)] });
}

/** Every host that an egress entry may name, by who has it. */
class Importable {
  readonly #exact = new Set<string>();
  readonly #patterns: readonly { readonly owner: string; readonly host: string }[];
  readonly #all: readonly { readonly owner: string; readonly host: string }[];

  constructor({ view }: RulesFor) {
    const { registry, virtualServices } = view;
    const routed = virtualServices.all.flatMap((one) => virtualServices.hostsOf(one).map((host) => ({ owner: one.namespace, host })));
    this.#all = [...registry.services.map(({ namespace, host }) => ({ owner: namespace, host: String(host) })), ...routed];
    this.#patterns = this.#all.filter(({ host }) => isWildcard(host));
    for (const { owner, host } of this.#all) this.#exact.add(host).add(`${owner}/${host}`);
  }

  has(namespace: string | null, pattern: string): boolean {
    const fits = ({ owner, host }: { readonly owner: string; readonly host: string }): boolean => (namespace === null || owner === namespace) && (matchesHost(pattern, host) || matchesHost(host, pattern));
    const written = pattern.toLowerCase();
    if (!isWildcard(pattern)) return this.#exact.has(namespace === null ? written : `${namespace}/${written}`) || this.#patterns.some(fits);
    return this.#all.some(fits);
  }
}

interface Import {
  readonly entry: string;
  readonly field: string;
  /** as written: `.`, `*`, or a namespace; `null` where the entry has none */
  readonly owner: string | null;
  readonly pattern: string;
}

function importsOf({ egress }: Sidecar): readonly Import[] {
  return (egress ?? []).flatMap(({ hosts }, at) =>
    hosts.map((entry, index) => {
      const slash = entry.indexOf("/");
      return { entry, field: `spec.egress[${at}].hosts[${index}]`, owner: slash < 0 ? null : entry.slice(0, slash), pattern: entry.slice(slash + 1) };
    }),
  );
}

function namespaceOf(owner: string | null, own: string): string | null {
  if (owner === ".") return own;
  return owner === "*" ? null : owner;
}

/** What to write for a host: `./name` in one's own namespace. */
function inFull(rules: RulesFor, sidecar: Sidecar, host: string): string {
  const namespace = rules.view.registry.named(host as RegistryService["host"])[0]?.namespace ?? "*";
  return `${namespace === sidecar.namespace ? "." : namespace}/${host}`;
}

/** FND-55: an import that imports nothing. */
function emptyImports(ledger: Ledger, { rules, importable }: { readonly rules: RulesFor; readonly importable: Importable }, sidecar: Sidecar): void {
  const named = importsOf(sidecar).filter(({ owner, pattern }) => pattern !== "*" && !(owner?.startsWith("~") ?? false));
  for (const { entry, field, owner, pattern } of named) {
    const namespace = namespaceOf(owner, sidecar.namespace);
    if (owner !== null && importable.has(namespace, pattern)) continue;
    const meant = meantHost(rules, pattern, namespace ?? sidecar.namespace);
    const value = meant === null ? "namespace/full name of a service" : inFull(rules, sidecar, meant);
    ledger.add({ rule: "FND-55", severity: "no effect", object: sidecar, field, value: entry, consequence: { kind: "matches nothing", meant }, fixes: [set(sidecar, field, value)], ...(meant === null ? {} : { host: meant }) });
  }
}

/** FND-53 to FND-55: Sidecars that are not in force, or import nothing by an entry. */
export function unusedSidecars(survey: Survey, ledger: Ledger, rules: RulesFor): void {
  const { Sidecar: sidecars } = rules.view.configuration.objects;
  if (sidecars.length === 0) return;
  const byNamespace = groupBy([...sidecars].sort(byAge), ({ namespace }) => namespace);
  for (const [namespace, own] of byNamespace) {
    if (own.length < 2) continue;
    for (const resident of survey.byNamespace.get(namespace) ?? []) if (resident.of.dataPlaneMode === "sidecar") rivals(survey, ledger, { resident, own });
  }
  const importable = new Importable(rules);
  const readsServices = survey.hasRead(["Service", "ServiceEntry", "VirtualService"], null);
  for (const sidecar of sidecars) {
    selectsNobody(survey, ledger, sidecar);
    if (readsServices) emptyImports(ledger, { rules, importable }, sidecar);
  }
}

const READERS: ReadonlySet<string> = new Set(["sidecar", "grpc-proxyless"]);

/** FND-59: whom a Sidecar is for, where none of them has a proxy that reads it, and some are ambient. */
export function ambientSidecars(survey: Survey, ledger: Ledger): void {
  for (const sidecar of survey.engine.configuration.objects.Sidecar) {
    const { namespace, workloadSelector } = sidecar;
    const meant = (survey.byNamespace.get(namespace) ?? []).filter(({ of }) => selects(workloadSelector ?? {}, of.labels));
    const ambient = meant.filter(({ of }) => of.dataPlaneMode === "ambient");
    const isForAll = isEmptySelector(workloadSelector) && survey.engine.rootNamespaces.includes(namespace);
    if (ambient.length === 0 || isForAll || meant.some(({ of }) => READERS.has(of.dataPlaneMode)) || !survey.hasRead(["Pod", "WorkloadEntry"], namespace)) continue;
    const field = isEmptySelector(workloadSelector) ? "spec" : "spec.workloadSelector.labels";
    const workloads = ambient.flatMap((resident) => survey.workloadsOf(resident));
    ledger.add({ rule: "FND-59", severity: "no effect", object: sidecar, field, value: selectorText(workloadSelector), consequence: { kind: "matches nothing", meant: null }, workloads, fixes: [remove(sidecar)] });
  }
}

/** FND-58: TLS of a Sidecar's ingress listener, which istiod ignores. */
export function ingressTls(survey: Survey, ledger: Ledger): void {
  for (const resident of survey.residents.filter(({ of }) => of.dataPlaneMode === "sidecar")) {
    const sidecar = resident.view.sidecars.of(resident.of);
    const listeners = sidecar.value?.ingress?.some(({ tlsMode }) => tlsMode !== null) ?? false;
    if (sidecar.value !== null && listeners && sidecar.gaps.length === 0) ingressOf(survey, ledger, { resident, sidecar: sidecar.value });
  }
}

function ingressOf(survey: Survey, ledger: Ledger, { resident, sidecar }: { readonly resident: Resident; readonly sidecar: Sidecar }): void {
  const enabled = resident.view.settings.flag("ENABLE_TLS_ON_SIDECAR_INGRESS", false);
  const mayCount = enabled.value || enabled.gaps.length > 0;
  for (const [at, { port, tlsMode }] of (sidecar.ingress ?? []).entries()) {
    const is = survey.mode(resident, port);
    if (tlsMode === null || is === null || (is === "DISABLE" && mayCount)) continue;
    const field = `spec.ingress[${at}].tls`;
    const consequence = { kind: "mode", is, wanted: tlsMode } as const;
    ledger.add({ rule: "FND-58", severity: is === "STRICT" ? "no effect" : "weaker than it seems", object: sidecar, field, value: tlsMode, consequence, workloads: survey.workloadsOf(resident), ports: [port], fixes: [remove(sidecar, field)] });
  }
}
