import { selects } from "../order.ts";
import { isUnset } from "../peerAuthentication.ts";
import type { PeerAuthentication } from "../snapshot.ts";
import type { ObjectRef } from "../verdict.ts";
import type { ServerMode } from "../vocabulary.ts";
import { create, metadataField, remove, set } from "./fixes.ts";
import type { Ledger } from "./ledger.ts";
import type { Resident } from "./resident.ts";
import type { Survey, Way } from "./survey.ts";
import { isPeerMode, written } from "./wantedMode.ts";

function policyIn({ scope: { workload, namespace } }: Resident): PeerAuthentication | null {
  return workload !== null && (!isUnset(workload.mode) || Object.keys(workload.portLevelMtls).length > 0) ? workload : namespace;
}

function gatewayOf({ of, view }: Resident): ObjectRef {
  const gateway = view.configuration.objects.Gateway.find(({ selector }) => Object.keys(selector).length > 0 && selects(selector, of.labels));
  return gateway ?? { kind: "Gateway", namespace: of.namespace, name: "of this workload" };
}

/** FND-6, FND-7: STRICT of a namespace or workload, at what has nothing to enforce it. The mesh's is not held against those outside of it. */
export function unenforcedPolicies(survey: Survey, ledger: Ledger): void {
  for (const resident of survey.residents) {
    const { dataPlaneMode } = resident.of;
    if (dataPlaneMode !== "none" && dataPlaneMode !== "gateway") continue;
    const policy = policyIn(resident);
    if (policy === null) continue;
    for (const port of survey.ports(resident)) {
      const mode = resident.view.peerAuthentications.mode(resident.of, port);
      if (mode.gaps.length > 0 || mode.value !== "STRICT" || written(policy, port) !== "STRICT") continue;
      const rule = dataPlaneMode === "none" ? "FND-6" : "FND-7";
      const fix = dataPlaneMode === "none" ? ({ kind: "inject" } as const) : set(gatewayOf(resident), "spec.servers[].tls.mode", "MUTUAL or ISTIO_MUTUAL");
      ledger.add({ rule, severity: "weaker than it seems", object: policy, field: "spec.mtls.mode", value: "STRICT", consequence: { kind: "not enforced" }, workloads: survey.workloadsOf(resident), ports: [port], fixes: [fix] });
    }
  }
}

interface Misread {
  readonly resident: Resident;
  readonly way: Way;
  readonly mode: ServerMode;
  readonly policy: PeerAuthentication;
}

/** FND-8: clients are told DISABLE and send plaintext, the server is told STRICT. */
function strictBelowDisable(survey: Survey, ledger: Ledger, { resident, way, policy }: Misread): void {
  const { view, of } = resident;
  const general = view.peerAuthentications.namespaceMode(way.service.namespace);
  if (general.gaps.length > 0 || general.value !== "DISABLE") return;
  const by = general.reasons[0]?.object ?? null;
  const fate = survey.fate(way, resident.one, { namespace: way.service.namespace, revision: of.revision });
  if (by === null || fate?.transport !== "blocked" || fate.sends !== "AUTO_PLAINTEXT") return;
  const consequence = { kind: "sends", clients: { kind: "all" }, sends: fate.sends, transport: "blocked", otherwise: "AUTO_MTLS" } as const;
  const fixes = [set(by, "spec.mtls.mode", "PERMISSIVE"), set(policy, "spec.mtls.mode", "DISABLE")] as const;
  ledger.add({ rule: "FND-8", severity: "breaks traffic", object: policy, field: "spec.mtls.mode", value: "STRICT", because: by, consequence, workloads: survey.workloadsOf(resident), host: way.service.host, ports: [way.targetPort], fixes });
}

/** FND-9: the exception is not for clients of a headless Service. */
function disableBehindHeadless(survey: Survey, ledger: Ledger, { resident, way, policy }: Misread): void {
  if (way.service.resolution !== "ORIGINAL_DST") return;
  const fate = survey.fate(way, resident.one, { namespace: way.service.namespace, revision: resident.of.revision });
  if (fate?.transport !== "blocked" || fate.sends !== "AUTO_MTLS") return;
  const consequence = { kind: "sends", clients: { kind: "all" }, sends: fate.sends, transport: "blocked", otherwise: "AUTO_PLAINTEXT" } as const;
  const rule = { kind: "DestinationRule", namespace: way.service.namespace, name: way.service.meta.name };
  const fixes = [set(policy, "spec.mtls.mode", "PERMISSIVE"), create(rule, "spec.trafficPolicy.tls.mode", "DISABLE")] as const;
  ledger.add({ rule: "FND-9", severity: "breaks traffic", object: policy, field: "spec.mtls.mode", value: "DISABLE", because: way.service.ref, consequence, workloads: survey.workloadsOf(resident), host: way.service.host, ports: [way.targetPort], fixes });
}

/** FND-8, FND-9: what a workload's own policy says and its clients do not read. */
export function misreadPolicies(survey: Survey, ledger: Ledger): void {
  for (const resident of survey.residents) {
    const policy = resident.scope.workload;
    if (policy === null || resident.of.dataPlaneMode !== "sidecar") continue;
    for (const way of survey.ways(resident) ?? []) {
      const mode = survey.mode(resident, way.targetPort);
      if (mode === null || written(policy, way.targetPort) !== mode) continue;
      if (mode === "STRICT") strictBelowDisable(survey, ledger, { resident, way, mode, policy });
      if (mode === "DISABLE") disableBehindHeadless(survey, ledger, { resident, way, mode, policy });
    }
  }
}

/** How ztunnel would read the same if it read as a sidecar does: only whether plaintext is refused. */
function asSidecar(resident: Resident, port: number): ServerMode | null {
  const mode = resident.view.peerAuthentications.mode(resident.of, port);
  return mode.gaps.length > 0 ? null : mode.value;
}

/** FND-10 to FND-13: what ambient makes of the same words. */
export function ambientPolicies(survey: Survey, ledger: Ledger): void {
  for (const resident of survey.residents.filter(({ of }) => of.dataPlaneMode === "ambient")) {
    for (const port of survey.ports(resident)) ambientPort(survey, ledger, { resident, port });
  }
}

const BYPASS = "ambient.istio.io/bypass-inbound-capture";

/** FND-26: what ztunnel never sees it cannot refuse. */
function bypassed(survey: Survey, ledger: Ledger, { resident, port }: { readonly resident: Resident; readonly port: number }): void {
  if (survey.mode(resident, port) !== "UNCAPTURED" || survey.wantedModes.of(resident, {}, port) !== "STRICT") return;
  const at = metadataField(resident.one.object, "annotations", BYPASS);
  ledger.add({ rule: "FND-26", severity: "weaker than it seems", object: at.object, field: at.field, value: "true", consequence: { kind: "mode", is: "UNCAPTURED", wanted: "STRICT" }, workloads: survey.workloadsOf(resident), ports: [port], fixes: [remove(at.object, at.field)] });
}

function ambientPort(survey: Survey, ledger: Ledger, { resident, port }: { readonly resident: Resident; readonly port: number }): void {
  bypassed(survey, ledger, { resident, port });
  const is = survey.mode(resident, port);
  const wanted = asSidecar(resident, port);
  if (!isPeerMode(is) || wanted === null || wanted === is) return;
  const { workload, namespace, mesh } = resident.scope;
  const deciding = [workload, namespace, mesh].find((policy) => policy !== null && written(policy, port) !== null);
  if (deciding === undefined || deciding === null) return;
  const at = { object: deciding, consequence: { kind: "mode", is, wanted }, workloads: survey.workloadsOf(resident), ports: [port] } as const;
  const field = Object.hasOwn(deciding.portLevelMtls, String(port)) && deciding === workload ? `spec.portLevelMtls.${port}` : "spec.mtls.mode";
  if (wanted === "DISABLE" && is === "PERMISSIVE") {
    ledger.add({ ...at, rule: "FND-10", severity: "no effect", field, value: wanted, fixes: [set(deciding, field, "PERMISSIVE"), remove(deciding)] });
  } else if (is === "STRICT") {
    ledger.add({ ...at, rule: "FND-11", severity: "breaks traffic", field, value: wanted, fixes: [set(deciding, field, "PERMISSIVE")] });
  } else if (wanted === "STRICT" && deciding === mesh && mesh.selector !== null) {
    ledger.add({ ...at, rule: "FND-13", severity: "weaker than it seems", field: "spec.selector", value: "{}", fixes: [remove(deciding, "spec.selector")] });
  } else if (wanted === "STRICT" && survey.wantedModes.of(resident, { mesh: null }, port) === "STRICT") {
    ledger.add({ ...at, rule: "FND-12", severity: "weaker than it seems", field, value: wanted, because: mesh, fixes: [create({ kind: "PeerAuthentication", namespace: resident.of.namespace, name: "default" }, "spec.mtls.mode", "STRICT")] });
  }
}
