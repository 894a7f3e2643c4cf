import { authorization, type Enforcer } from "../authorization/authorization.ts";
import { groupBy, isEmptySelector, label } from "../order.ts";
import { SelectorIndex } from "../selectorIndex.ts";
import type { AuthorizationPolicy, AuthorizationRule } from "../snapshot.ts";
import type { ObjectRef } from "../verdict.ts";
import type { Authorization, ServerMode } from "../vocabulary.ts";
import type { Fix } from "./finding.ts";
import { remove, set } from "./fixes.ts";
import { asksRequest, exceptsIdentity, isAboutPort, isLostAtZtunnel, namesIdentity, needsIdentity } from "./identityRules.ts";
import { selectorText } from "./ignoredPolicies.ts";
import type { Ledger, Sighting } from "./ledger.ts";
import type { Resident } from "./resident.ts";
import type { Survey } from "./survey.ts";

interface NamespacePolicies {
  readonly general: readonly AuthorizationPolicy[];
  readonly selecting: SelectorIndex<AuthorizationPolicy>;
}

/** Policies in force for proxies by selector, namespace by namespace. */
class Policies {
  readonly #byNamespace = new Map<string, NamespacePolicies>();

  constructor(policies: readonly AuthorizationPolicy[]) {
    const live = policies.filter(({ targetRefs, annotations }) => targetRefs.length === 0 && label(annotations, "istio.io/dry-run") !== "true");
    for (const [namespace, all] of groupBy(live, (policy) => policy.namespace)) {
      this.#byNamespace.set(namespace, { general: all.filter(({ selector }) => isEmptySelector(selector)), selecting: new SelectorIndex(all, ({ selector }) => selector ?? {}) });
    }
  }

  of({ of, view }: Resident): readonly AuthorizationPolicy[] {
    const namespaces = new Set([view.settings.mesh.rootNamespace, of.namespace]);
    return [...namespaces].flatMap((namespace) => {
      const found = this.#byNamespace.get(namespace);
      return found === undefined ? [] : [...found.general, ...found.selecting.matching(of.labels)];
    });
  }
}

interface Place {
  readonly survey: Survey;
  readonly ledger: Ledger;
  readonly resident: Resident;
  readonly port: number;
  readonly mode: ServerMode;
  readonly enforcer: Enforcer;
  /** of the same resident, by port */
  readonly answers: Map<number, Authorization | null>;
}

interface RuleAt {
  readonly policy: AuthorizationPolicy;
  readonly rule: AuthorizationRule;
  readonly index: number;
}

function add({ survey, ledger, resident, port }: Place, { policy, index }: RuleAt, what: Omit<Sighting, "object" | "field" | "workloads" | "ports">): void {
  ledger.add({ ...what, object: policy, field: `spec.rules[${index}]`, value: policy.action, workloads: survey.workloadsOf(resident), ports: [port] });
}

/** What the policies together do to a caller without identity; `null` where that is not known. */
function withoutIdentity(place: Place): Authorization | null {
  const known = place.answers.get(place.port);
  if (known !== undefined) return known;
  const answer = askWithoutIdentity(place);
  place.answers.set(place.port, answer);
  return answer;
}

function askWithoutIdentity({ resident, port, enforcer }: Place): Authorization | null {
  const { trustDomain, trustDomainAliases } = resident.view.settings.mesh;
  const peer = { identity: null, address: null, targetPort: port, destinations: [], serverName: null, trustDomains: [trustDomain, ...trustDomainAliases] };
  const answer = authorization(resident.view.authorizationPolicies.of(resident.one), { peer, enforcer });
  return answer.gaps.length > 0 ? null : answer.value;
}

function modeObject({ resident, port }: Place): ObjectRef | null {
  return resident.revision.inbound.mode(resident.one, port).reasons.find(({ object }) => object?.kind === "PeerAuthentication")?.object ?? null;
}

/** FND-71: no caller ever has an identity here. */
function identityWithoutMtls(place: Place, at: RuleAt): void {
  const { policy, rule } = at;
  if (place.mode !== "DISABLE" || place.resident.of.dataPlaneMode !== "sidecar") return;
  const because = modeObject(place);
  const fixes: readonly [Fix, ...Fix[]] = because === null ? [remove(policy, `spec.rules[${at.index}]`)] : [set(because, "spec.mtls.mode", "STRICT, or PERMISSIVE first")];
  if (policy.action === "DENY" && namesIdentity(rule)) add(place, at, { rule: "FND-71", severity: "weaker than it seems", because, consequence: { kind: "refuses nobody" }, fixes });
  if (policy.action !== "ALLOW" || !needsIdentity(rule)) return;
  const rest = withoutIdentity(place);
  if (rest !== null) add(place, at, { rule: "FND-71", severity: rest === "deny" ? "breaks traffic" : "no effect", because, consequence: { kind: "lets nobody in" }, fixes });
}

/** FND-72: plaintext is taken here, and this rule was to keep somebody out. */
function openToPlaintext(place: Place, at: RuleAt): void {
  const { policy, rule } = at;
  if (place.mode !== "PERMISSIVE") return;
  const isHole = policy.action === "DENY" ? namesIdentity(rule) : policy.action === "ALLOW" && exceptsIdentity(rule) && !needsIdentity(rule);
  if (!isHole) return;
  const answer = withoutIdentity(place);
  if (answer === null || answer === "deny") return;
  const strict = { kind: "strict" } as const;
  const denial = { kind: "add", object: policy, field: "spec.rules", value: 'a DENY of notPrincipals ["*"]' } as const;
  add(place, at, { rule: "FND-72", severity: "weaker than it seems", because: modeObject(place), consequence: { kind: "lets plaintext in" }, fixes: policy.action === "DENY" ? [strict, denial] : [strict] });
}

/** FND-73: a declared TCP port knows no requests. */
function requestsOnTcp(place: Place, at: RuleAt): void {
  const { policy, rule } = at;
  if (place.enforcer.by !== "envoy" || place.enforcer.protocol !== "TCP" || !asksRequest(rule)) return;
  const fixes: readonly [Fix, ...Fix[]] = [{ kind: "add", object: policy, field: `spec.rules[${at.index}].to[].operation.notPorts`, value: `"${place.port}"` }, { kind: "add", object: policy, field: "spec.selector", value: "the workloads it is for" }];
  if (policy.action === "DENY") add(place, at, { rule: "FND-73", severity: "breaks traffic", consequence: { kind: "refuses more" }, fixes });
  if (policy.action !== "ALLOW") return;
  const rest = withoutIdentity(place);
  if (rest !== null) add(place, at, { rule: "FND-73", severity: rest === "deny" ? "breaks traffic" : "no effect", consequence: { kind: "lets nobody in" }, fixes });
}

/** FND-74: what ztunnel cannot read. */
function requestsAtZtunnel(place: Place, at: RuleAt): void {
  const { policy, rule } = at;
  if (place.enforcer.by !== "ztunnel") return;
  const waypoint = { kind: "set", object: policy, field: "spec.targetRefs", value: "the Service, behind a waypoint" } as const;
  if (policy.action === "CUSTOM") add(place, at, { rule: "FND-74", severity: "weaker than it seems", consequence: { kind: "refuses nobody" }, fixes: [waypoint] });
  if (policy.action === "DENY" && isLostAtZtunnel(rule)) add(place, at, { rule: "FND-74", severity: "weaker than it seems", consequence: { kind: "refuses nobody" }, fixes: [waypoint] });
  if (policy.action !== "ALLOW" || !asksRequest(rule)) return;
  const rest = withoutIdentity(place);
  if (rest !== null) add(place, at, { rule: "FND-74", severity: rest === "deny" ? "breaks traffic" : "no effect", consequence: { kind: "lets nobody in" }, fixes: [waypoint] });
}

function enforcerOf(resident: Resident, port: number): Enforcer | null {
  if (resident.of.dataPlaneMode === "ambient") return { by: "ztunnel" };
  const protocol = resident.revision.inbound.protocol(resident.one, port);
  return protocol.gaps.length > 0 ? null : { by: "envoy", protocol: protocol.value.class };
}

function atPort(place: Place, policies: readonly AuthorizationPolicy[]): void {
  for (const policy of policies) {
    for (const [index, rule] of (policy.rules ?? []).entries()) {
      if (!isAboutPort(rule, place.port)) continue;
      const at = { policy, rule, index };
      identityWithoutMtls(place, at);
      openToPlaintext(place, at);
      requestsOnTcp(place, at);
      requestsAtZtunnel(place, at);
    }
  }
}

/** FND-75: the policies of a namespace, and what in it has nothing to enforce them. */
function unguarded(survey: Survey, ledger: Ledger, at: { readonly resident: Resident; readonly policies: readonly AuthorizationPolicy[] }): void {
  const { resident, policies } = at;
  const ports = survey.ports(resident);
  if (ports.length === 0) return;
  for (const policy of policies.filter(({ namespace, action }) => namespace === resident.of.namespace && action !== "AUDIT")) {
    ledger.add({ rule: "FND-75", severity: "weaker than it seems", object: policy, field: "spec.selector", value: selectorText(policy.selector), consequence: { kind: "not enforced" }, workloads: survey.workloadsOf(resident), ports, fixes: [{ kind: "inject" }] });
  }
}

const GUARDED: ReadonlySet<string> = new Set(["sidecar", "ambient"]);

/** FND-71 to FND-75: rules of AuthorizationPolicies that do not mean what they say where they apply. */
export function authorizationSurprises(survey: Survey, ledger: Ledger): void {
  const all = survey.engine.configuration.objects.AuthorizationPolicy;
  if (all.length === 0) return;
  const policies = new Policies(all);
  for (const resident of survey.residents) {
    const own = policies.of(resident);
    if (own.length === 0) continue;
    if (resident.of.dataPlaneMode === "none") unguarded(survey, ledger, { resident, policies: own });
    if (!GUARDED.has(resident.of.dataPlaneMode)) continue;
    const answers = new Map<number, Authorization | null>();
    for (const port of survey.ports(resident)) {
      const mode = survey.mode(resident, port);
      const enforcer = enforcerOf(resident, port);
      if (mode !== null && mode !== "UNCAPTURED" && enforcer !== null) atPort({ survey, ledger, resident, port, mode, enforcer, answers }, own);
    }
  }
}

function existingNamespaces(survey: Survey): ReadonlySet<string> | null {
  const { Namespace } = survey.engine.configuration.objects;
  if (Namespace.length === 0 || !survey.hasRead(["Namespace"], null)) return null;
  return new Set([...Namespace.map(({ name }) => name), ...survey.byNamespace.keys()]);
}

/** FND-70, FND-76: policies for nobody, and rules about nobody. */
export function lostAuthorization(survey: Survey, ledger: Ledger): void {
  const all = survey.engine.configuration.objects.AuthorizationPolicy;
  if (all.length === 0) return;
  const policies = new Policies(all);
  const used = new Set(survey.residents.flatMap((resident) => policies.of(resident)));
  const [root] = survey.revisions.map(({ view }) => view.settings.mesh.rootNamespace);
  const namespaces = existingNamespaces(survey);
  for (const policy of all) {
    const scope = policy.namespace === root ? null : policy.namespace;
    const isIdle = policy.targetRefs.length === 0 && !isEmptySelector(policy.selector) && !used.has(policy) && label(policy.annotations, "istio.io/dry-run") !== "true";
    if (isIdle && survey.hasRead(["Pod", "WorkloadEntry"], scope)) {
      const field = "spec.selector.matchLabels";
      ledger.add({ rule: "FND-70", severity: "no effect", object: policy, field, value: selectorText(policy.selector), consequence: { kind: "matches nothing", meant: null }, fixes: [set(policy, field, "labels that the workload's pods have"), remove(policy)] });
    }
    if (namespaces !== null) unknownNamespaces(ledger, policy, namespaces);
  }
}

function unknownNamespaces(ledger: Ledger, policy: AuthorizationPolicy, existing: ReadonlySet<string>): void {
  for (const [index, { from }] of (policy.rules ?? []).entries()) {
    for (const [at, source] of from.entries()) {
      const missing = source.namespaces.filter((namespace) => !namespace.includes("*") && !existing.has(namespace));
      const [first] = missing;
      if (first === undefined) continue;
      const field = `spec.rules[${index}].from[${at}].source.namespaces`;
      ledger.add({ rule: "FND-76", severity: "no effect", object: policy, field, value: missing.join(","), consequence: { kind: policy.action === "DENY" ? "refuses nobody" : "lets nobody in" }, fixes: [set(policy, field, "a namespace that exists")] });
    }
  }
}
