import { plaintextAdmission } from "../ambient.ts";
import type { Deduction } from "../deduction.ts";
import { PeerAuthentications, isUnset } from "../peerAuthentication.ts";
import { label } from "../order.ts";
import type { PeerAuthentication, WrittenMode } from "../snapshot.ts";
import type { ServerMode } from "../vocabulary.ts";
import { PEER_MODES } from "../vocabulary.ts";
import type { Resident } from "./survey.ts";

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

function modeWith({ of, view }: Resident, { workload, namespace, mesh }: Hypothesis, port: number): Deduction<ServerMode> {
  const { settings, knowledge, peerAuthentications } = view;
  const own = [workload === null ? null : { ...workload, namespace: APART, selector: of.labels }, namespace === null ? null : { ...namespace, namespace: APART, selector: null }];
  const root = mesh === null ? null : { ...mesh, namespace: peerAuthentications.rootNamespace, selector: null };
  const policies = new PeerAuthentications([...own, root].filter((policy) => policy !== null), settings, knowledge);
  const subject = { namespace: APART, labels: of.labels };
  return of.dataPlaneMode === "ambient" ? plaintextAdmission(policies, subject, port) : policies.mode(subject, port);
}

export function isPeerMode(mode: ServerMode | null): mode is ServerMode {
  return mode !== null && (PEER_MODES as readonly string[]).includes(mode);
}

/** The mode a port would have with another policy in one of the three scopes; `null` where that is not known. */
export function wantedMode(resident: Resident, changed: Partial<Hypothesis>, port: number): ServerMode | null {
  const { workload, namespace, mesh } = resident.view.peerAuthentications.scope(resident.of);
  const deduction = modeWith(resident, { workload, namespace, mesh, ...changed }, port);
  return deduction.gaps.length > 0 ? null : deduction.value;
}
