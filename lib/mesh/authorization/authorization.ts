import type { Deduction } from "../deduction.ts";
import { Trail } from "../deduction.ts";
import type { Instance } from "../instances/instances.ts";
import type { InboundProtocol } from "../judge.ts";
import { under } from "../order.ts";
import type { AuthorizationPolicy, AuthorizationRule } from "../snapshot.ts";
import type { Authorization } from "../vocabulary.ts";
import type { ApplicablePolicies } from "./authorizationPolicies.ts";
import { unasked } from "./authorizationPolicies.ts";
import type { Peer } from "./peer.ts";
import type { Asked } from "./rule.ts";
import { matchesAtZtunnel, matchesConnection, matchesRequest } from "./rule.ts";
import type { Ternary } from "./ternary.ts";

/** Who enforces, and how it reads what arrives. */
export type Enforcer = { readonly by: "ztunnel" } | { readonly by: "envoy"; readonly protocol: InboundProtocol };

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
  readonly policies: ApplicablePolicies;
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

/** A client, as far as policies can ask about it, and the proxy that asks them. */
export interface Asking {
  readonly peer: Peer;
  readonly enforcer: Enforcer;
}

/** What AuthorizationPolicies do to a peer: CUSTOM, then DENY, then ALLOW. */
export function authorization(policies: ApplicablePolicies, asking: Asking): Deduction<Authorization> {
  if (policies.silent !== null) return policies.silent;
  const { enforcer, peer } = asking;
  const byPort = under(policies.memoAnswers, enforcer.by === "ztunnel" ? enforcer.by : enforcer.protocol);
  const memo = under(byPort, peer.targetPort);
  const key = policies.keys.of(peer);
  const found = memo.get(key);
  if (found !== undefined) return found;
  const answer = decided(policies, asking);
  memo.set(key, answer);
  return answer;
}

function decided(policies: ApplicablePolicies, by: Asking): Deduction<Authorization> {
  const trail = new Trail().lacks(policies.gaps);
  const denials = ask(policies.deny, "DENY", by);
  const denied = answering(denials, true);
  if (denied !== undefined) return trail.because("AP-1", { ...evidence(denied), overrode: policies.ignored }).found("deny");
  return trail.found(trail.follow(undenied({ denials, allowances: ask(policies.allow, "ALLOW", by), policies, enforcer: by.enforcer })));
}

/** Nobody enforces anything where no proxy stands in front of the port. */
export function unenforced(server: Instance): Deduction<Authorization> {
  return new Trail().because("AP-8", { object: server.object }).found("allow");
}
