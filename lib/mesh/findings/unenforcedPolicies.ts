import { selects } from "../order.ts";
import { isUnset } from "../server/peerAuthentication.ts";
import type { PeerAuthentication } from "../snapshot.ts";
import type { ObjectRef } from "../verdict.ts";
import type { ServerMode } from "../vocabulary.ts";
import { create, set } from "./fixes.ts";
import type { Ledger } from "./ledger.ts";
import type { Resident } from "./resident.ts";
import type { Survey, Way } from "./survey.ts";
import { written } from "./wantedMode.ts";

function policyIn({ scope: { workload, namespace } }: Resident): PeerAuthentication | null {
  return workload !== null && (!isUnset(workload.mode) || Object.keys(workload.portLevelMtls).length > 0) ? workload : namespace;
}

function gatewayOf({ of, view }: Resident): ObjectRef {
  const gateway = view.configuration.objects.Gateway.find(({ selector }) => Object.keys(selector).length > 0 && selects(selector, of.labels));
  return gateway ?? { kind: "Gateway", namespace: of.namespace, name: "of this workload" };
}

function unenforced(survey: Survey, ledger: Ledger, { resident, policy }: { readonly resident: Resident; readonly policy: PeerAuthentication }): void {
  const isGateway = resident.of.dataPlaneMode === "gateway";
  const fix = isGateway ? set(gatewayOf(resident), "spec.servers[].tls.mode", "MUTUAL or ISTIO_MUTUAL") : ({ kind: "inject" } as const);
  for (const port of survey.ports(resident)) {
    const mode = resident.view.peerAuthentications.mode(resident.of, port);
    if (mode.gaps.length > 0 || mode.value !== "STRICT" || written(policy, port) !== "STRICT") continue;
    ledger.add({ rule: isGateway ? "FND-7" : "FND-6", severity: "weaker than it seems", object: policy, field: "spec.mtls.mode", value: "STRICT", consequence: { kind: "not enforced" }, workloads: survey.workloadsOf(resident), ports: [port], fixes: [fix] });
  }
}

/** FND-6, FND-7: STRICT of a namespace or workload, at what has nothing to enforce it. The mesh's is not held against those outside of it. */
export function unenforcedPolicies(survey: Survey, ledger: Ledger): void {
  for (const resident of survey.residents.filter(({ of }) => of.dataPlaneMode === "none" || of.dataPlaneMode === "gateway")) {
    const policy = policyIn(resident);
    if (policy !== null) unenforced(survey, ledger, { resident, policy });
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
