import type { Deduction } from "../deduction.ts";
import { refOf, Trail } from "../deduction.ts";
import type { Instance, InstanceClass } from "../instances.ts";
import type { IstiodView } from "../istiodView.ts";
import type { InboundProtocol } from "../judge.ts";
import { label, selects } from "../order.ts";
import type { AuthorizationPolicy, AuthorizationRule } from "../snapshot.ts";
import type { Gap, Overridden } from "../verdict.ts";
import type { Authorization } from "../vocabulary.ts";
import type { Peer } from "./peer.ts";
import type { Asked } from "./rule.ts";
import { matchesAtZtunnel, matchesConnection, matchesRequest } from "./rule.ts";
import type { Ternary } from "./ternary.ts";

/** Who enforces, and how it reads what arrives. */
export type Enforcer = { readonly by: "ztunnel" } | { readonly by: "envoy"; readonly protocol: InboundProtocol };

interface Policies {
  readonly custom: readonly AuthorizationPolicy[];
  readonly deny: readonly AuthorizationPolicy[];
  readonly allow: readonly AuthorizationPolicy[];
  readonly ignored: readonly Overridden[];
  /** what may be there without having been read */
  readonly gaps: readonly Gap[];
  /** the answer where none asks anything */
  readonly silent: Deduction<Authorization> | null;
}

function unasked(overrode: readonly Overridden[], gaps: readonly Gap[]): Deduction<Authorization> {
  return new Trail().lacks(gaps).because("AP-4", { object: null, overrode }).found("allow");
}

function isDryRun(policy: AuthorizationPolicy): boolean {
  return label(policy.annotations, "istio.io/dry-run") === "true";
}

function targets(policy: AuthorizationPolicy, server: Instance): boolean {
  const gateway = label(server.told.labels, "gateway.networking.k8s.io/gateway-name");
  return policy.targetRefs.some(({ kind, name }) => kind === "Gateway" && name === gateway && policy.namespace === server.class.namespace);
}

const applicableTo = new WeakMap<IstiodView, Map<InstanceClass, Policies>>();

/** The policies of an instance are those of its class, labels that no selector names apart. */
function applicable(view: IstiodView, server: Instance): Policies {
  const known = applicableTo.get(view) ?? new Map<InstanceClass, Policies>();
  applicableTo.set(view, known);
  const found = known.get(server.class) ?? select(view, server);
  known.set(server.class, found);
  return found;
}

function select(view: IstiodView, server: Instance): Policies {
  const { namespace, labels, dataPlaneMode } = server.class;
  const namespaces = [...new Set([view.settings.mesh.rootNamespace, namespace])];
  const selected = namespaces.flatMap((name) => view.authorizationPolicies.get(name) ?? []).filter(({ selector }) => selects(selector ?? {}, labels));
  const attaches = dataPlaneMode === "gateway" || dataPlaneMode === "waypoint";
  const heard = selected.filter((policy) => policy.targetRefs.length === 0 || (attaches && targets(policy, server)));
  const live = heard.filter((policy) => !isDryRun(policy));
  const gaps = [...view.settings.meshGaps, ...namespaces.flatMap((name) => view.knowledge.gaps("AuthorizationPolicy", name))];
  const ignored = [
    ...selected.filter((policy) => !heard.includes(policy)).map((policy) => ({ rule: "AP-9" as const, object: refOf(policy), field: "spec.targetRefs" })),
    ...heard.filter(isDryRun).map((policy) => ({ rule: "AP-10" as const, object: refOf(policy), field: "metadata.annotations.istio.io/dry-run" })),
  ];
  return {
    custom: live.filter(({ action }) => action === "CUSTOM"),
    deny: live.filter(({ action }) => action === "DENY"),
    allow: live.filter(({ action }) => action === "ALLOW"),
    ignored,
    gaps,
    silent: live.length === 0 ? unasked(ignored, gaps) : null,
  };
}

function sameAnswer(request: Ternary, connection: Ternary): Ternary {
  return request === connection ? request : "depends";
}

function matches(rule: AuthorizationRule, asked: Asked, at: { readonly enforcer: Enforcer; readonly action: "ALLOW" | "DENY" }): Ternary {
  const { enforcer, action } = at;
  if (enforcer.by === "ztunnel") return matchesAtZtunnel(rule, asked, action);
  switch (enforcer.protocol) {
    case "HTTP":
      return matchesRequest(rule, asked);
    case "TCP":
    case "UDP":
      return matchesConnection(rule, asked, action);
    case "AUTO":
      return sameAnswer(matchesRequest(rule, asked), matchesConnection(rule, asked, action));
  }
}

interface Match {
  readonly policy: AuthorizationPolicy;
  readonly at: number;
  readonly answer: Ternary;
}

function ask(policies: readonly AuthorizationPolicy[], action: "ALLOW" | "DENY", by: { readonly peer: Peer; readonly enforcer: Enforcer }): readonly Match[] {
  return policies.flatMap((policy) =>
    (policy.rules ?? []).map((rule, at) => ({
      policy,
      at,
      answer: matches(rule, { peer: by.peer, policyNamespace: policy.namespace }, { enforcer: by.enforcer, action }),
    })),
  );
}

function evidence({ policy, at }: Match): { readonly object: AuthorizationPolicy; readonly field: string } {
  return { object: policy, field: `spec.rules[${at}]` };
}

function answering(matches: readonly Match[], answer: Ternary): Match | undefined {
  return matches.find((match) => match.answer === answer);
}

interface Answers {
  readonly denials: readonly Match[];
  readonly allowances: readonly Match[];
  readonly policies: Policies;
  readonly enforcer: Enforcer;
}

/** With no rule that denies for sure: what some request may still meet. */
function undenied({ denials, allowances, policies, enforcer }: Answers): Deduction<Authorization> {
  const trail = new Trail();
  const { allow, custom, ignored: overrode } = policies;
  const [admitted, mayAdmit, mayDeny] = [answering(allowances, true), answering(allowances, "depends"), answering(denials, "depends")];
  const [firstAllow] = allow;
  const [firstCustom] = custom;
  const admission = admitted ?? mayAdmit;
  if (firstAllow !== undefined && admission === undefined) return trail.because("AP-3", { object: firstAllow, field: "spec.rules", overrode }).found("deny");
  if (mayDeny !== undefined) return trail.because("AP-6", evidence(mayDeny)).found("conditional");
  if (firstCustom !== undefined && enforcer.by === "envoy") return trail.because("AP-5", { object: firstCustom, field: "spec.action", value: "CUSTOM" }).found("conditional");
  if (admission === undefined) return unasked(overrode, []);
  return admission === admitted ? trail.because("AP-2", { ...evidence(admission), overrode }).found("allow") : trail.because("AP-6", evidence(admission)).found("conditional");
}

/** What AuthorizationPolicies do to a peer: CUSTOM, then DENY, then ALLOW. */
export function authorization(view: IstiodView, server: Instance, by: { readonly peer: Peer; readonly enforcer: Enforcer }): Deduction<Authorization> {
  const policies = applicable(view, server);
  if (policies.silent !== null) return policies.silent;
  const trail = new Trail().lacks(policies.gaps);
  const denials = ask(policies.deny, "DENY", by);
  const denied = answering(denials, true);
  if (denied !== undefined) return trail.because("AP-1", { ...evidence(denied), overrode: policies.ignored }).found("deny");
  return trail.found(trail.follow(undenied({ denials, allowances: ask(policies.allow, "ALLOW", by), policies, enforcer: by.enforcer })));
}

/** Whether no policy asks anything of who comes. */
export function isSilent(view: IstiodView, server: Instance): boolean {
  return applicable(view, server).silent !== null;
}

/** Nobody enforces anything where no proxy stands in front of the port. */
export function unenforced(server: Instance): Deduction<Authorization> {
  return new Trail().because("AP-8", { object: server.object }).found("allow");
}
