import type { Reason } from "#mesh";
import { objectName } from "./reason.ts";
import { servedBecause } from "./scene.ts";
import type { Scene } from "./scene.ts";

/** A policy without selector is for more than this server: how far it reaches, and how to reach less. */
function reach({ rule, object }: Reason, namespace: string | null): string {
  if (rule === "PA-2") return ` (it is for all of namespace ${object?.namespace ?? ""})`;
  if (rule !== "PA-1") return "";
  return ` (it is for the whole mesh)${namespace === null ? "" : `, or give namespace ${namespace} a PeerAuthentication of its own with PERMISSIVE`}`;
}

function namespaceOf({ serverWorkload }: Scene): string | null {
  return serverWorkload?.instances[0]?.ref.namespace ?? null;
}

/** What says DISABLE, opened for mTLS: the very field of the very policy, for an entry of a port beats every mode. */
export function openPolicy(scene: Scene, step: Reason): string {
  const { object, field } = step;
  if (object === null || field === null) return `set the policy that says DISABLE for ${scene.server} to PERMISSIVE`;
  return `set ${field} of ${objectName(object)} to PERMISSIVE${reach(step, namespaceOf(scene))}`;
}

/** The step by which the server's port has the mode it has. */
export function policyStep(scene: Scene): Reason | undefined {
  return servedBecause(scene).findLast(({ object }) => object?.kind === "PeerAuthentication");
}
