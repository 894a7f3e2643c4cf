import type { Engine } from "../engine.ts";
import { refOf } from "../deduction.ts";
import type { InstanceClass } from "../instances/instances.ts";
import type { PolicyInForce } from "../judge.ts";
import { isUnset } from "./peerAuthentication.ts";
import type { PeerAuthentication } from "../snapshot.ts";
import type { WorkloadId } from "../vocabulary.ts";

type Scope = PolicyInForce["scope"];

function entry(policy: PeerAuthentication, scope: Scope, standing: Pick<PolicyInForce, "standing" | "rule">): PolicyInForce {
  return { object: refOf(policy), scope, mode: policy.mode ?? "UNSET", ...standing };
}

const BEATEN_BY: Readonly<Record<Scope, string>> = { workload: "PA-4", namespace: "PA-3", mesh: "PA-2" };

/** A policy that says nothing itself inherits; one that a narrower scope overrides stands idle. */
function standing(policy: PeerAuthentication, scope: Scope, narrower: readonly (PeerAuthentication | null)[]): Pick<PolicyInForce, "standing" | "rule"> {
  if (isUnset(policy.mode)) return { standing: Object.keys(policy.portLevelMtls).length > 0 && scope === "workload" ? "in force" : "overridden", rule: "PA-5" };
  const beaten = narrower.some((one) => one !== null && !isUnset(one.mode));
  return beaten ? { standing: "overridden", rule: BEATEN_BY[scope] } : { standing: "in force", rule: null };
}

function ofClass(engine: Engine, of: InstanceClass): readonly PolicyInForce[] {
  const policies = engine.seenBy(of).view.peerAuthentications;
  const { workload, namespace, mesh } = policies.scope(of);
  const inForce = [
    ...(workload === null ? [] : [entry(workload, "workload", standing(workload, "workload", []))]),
    ...(namespace === null ? [] : [entry(namespace, "namespace", standing(namespace, "namespace", [workload]))]),
    ...(mesh === null ? [] : [entry(mesh, "mesh", standing(mesh, "mesh", [workload, namespace]))]),
  ];
  return [...inForce, ...policies.ignored(of).map(({ policy, scope, rule }) => entry(policy, scope, { standing: "ignored", rule }))];
}

/** Every PeerAuthentication that is about a workload, the strongest first; without a proxy all are without effect. */
export function policiesInForce(engine: Engine, workload: WorkloadId): readonly PolicyInForce[] {
  const classes = new Set(engine.instances.of(workload).map((instance) => instance.class));
  const all = [...classes].flatMap((of) => {
    const found = ofClass(engine, of);
    if (of.dataPlaneMode === "none") return found.map((policy) => ({ ...policy, standing: "ignored" as const, rule: "PLANE-1" }));
    if (of.dataPlaneMode === "gateway") return found.map((policy) => ({ ...policy, standing: "ignored" as const, rule: "GW-1" }));
    return found;
  });
  return [...new Map(all.map((policy) => [`${policy.object.namespace}/${policy.object.name}/${policy.standing}`, policy])).values()];
}
