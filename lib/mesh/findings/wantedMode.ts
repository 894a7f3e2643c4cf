import { plaintextAdmission } from "../server/ambient.ts";
import type { Deduction } from "../deduction.ts";
import { PeerAuthentications, isUnset } from "../server/peerAuthentication.ts";
import { isEmptySelector, label } from "../order.ts";
import type { Labels, PeerAuthentication, WorkloadSelector, WrittenMode } from "../snapshot.ts";
import type { ServerMode } from "../vocabulary.ts";
import { PEER_MODES } from "../vocabulary.ts";
import type { Resident } from "./resident.ts";

/** A namespace that no object can be in: what is put there competes with nothing. */
const APART = "\n";

/** What a policy itself says of a port; `null` where it says nothing. */
export function written({ mode, portLevelMtls }: PeerAuthentication, port: number): WrittenMode | null {
  const onPort = label(portLevelMtls as Readonly<Record<string, string>>, String(port));
  if (!isUnset(onPort)) return onPort ?? null;
  return isUnset(mode) ? null : mode;
}

interface Hypothesis {
  readonly workload: PeerAuthentication | null;
  readonly namespace: PeerAuthentication | null;
  readonly mesh: PeerAuthentication | null;
}

/** What selects the workload in question and nothing else. */
const ONE: Labels = { [APART]: APART };

function modeWith({ of, view }: Resident, { workload, namespace, mesh }: Hypothesis, port: number): Deduction<ServerMode> {
  const { settings, knowledge, peerAuthentications } = view;
  const general = (policy: PeerAuthentication): WorkloadSelector => (isEmptySelector(policy.selector) ? policy.selector : null);
  const own = [workload === null ? null : { ...workload, namespace: APART, selector: ONE }, namespace === null ? null : { ...namespace, namespace: APART, selector: general(namespace) }];
  const root = mesh === null ? null : { ...mesh, namespace: peerAuthentications.rootNamespace, selector: general(mesh) };
  const policies = new PeerAuthentications([...own, root].filter((policy) => policy !== null), settings, knowledge);
  const subject = { namespace: APART, labels: ONE };
  return of.dataPlaneMode === "ambient" ? plaintextAdmission(policies, subject, port) : policies.mode(subject, port);
}

/** Workloads under the same three policies share the answer; a port counts where the workload's policy names it. */
export class WantedModes {
  readonly #names = new Map<PeerAuthentication | null, number>();
  readonly #known = new Map<string, ServerMode | null>();

  #nameOf(policy: PeerAuthentication | null): number {
    const name = this.#names.get(policy) ?? this.#names.size;
    this.#names.set(policy, name);
    return name;
  }

  /** The mode a port would have with another policy in one of the three scopes; `null` where that is not known. */
  of(resident: Resident, changed: Partial<Hypothesis>, port: number): ServerMode | null {
    const { workload, namespace, mesh } = resident.scope;
    const hypothesis = { workload, namespace, mesh, ...changed };
    const names = [hypothesis.workload, hypothesis.namespace, hypothesis.mesh].map((policy) => this.#nameOf(policy)).join(" ");
    const isNamed = Object.hasOwn(hypothesis.workload?.portLevelMtls ?? {}, String(port));
    const key = `${names} ${resident.of.dataPlaneMode} ${resident.of.revision} ${isNamed ? port : ""}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const deduction = modeWith(resident, hypothesis, port);
    const mode = deduction.gaps.length > 0 ? null : deduction.value;
    this.#known.set(key, mode);
    return mode;
  }
}

export function isPeerMode(mode: ServerMode | null): mode is ServerMode {
  return mode !== null && (PEER_MODES as readonly string[]).includes(mode);
}
