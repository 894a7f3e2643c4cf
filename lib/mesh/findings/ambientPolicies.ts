import type { PeerAuthentication } from "../snapshot.ts";
import type { ServerMode } from "../vocabulary.ts";
import { create, metadataField, remove, set } from "./fixes.ts";
import type { Ledger, Sighting } from "./ledger.ts";
import type { Resident } from "./resident.ts";
import type { Survey } from "./survey.ts";
import { isPeerMode, written } from "./wantedMode.ts";

interface Port {
  readonly survey: Survey;
  readonly ledger: Ledger;
  readonly resident: Resident;
  readonly port: number;
}

const BYPASS = "ambient.istio.io/bypass-inbound-capture";

/** FND-26: what ztunnel never sees it cannot refuse. */
function bypassed({ survey, ledger, resident, port }: Port): void {
  if (survey.mode(resident, port) !== "UNCAPTURED" || survey.wantedModes.of(resident, {}, port) !== "STRICT") return;
  const at = metadataField(resident.one.object, "annotations", BYPASS);
  ledger.add({ rule: "FND-26", severity: "weaker than it seems", object: at.object, field: at.field, value: "true", consequence: { kind: "mode", is: "UNCAPTURED", wanted: "STRICT" }, workloads: survey.workloadsOf(resident), ports: [port], fixes: [remove(at.object, at.field)] });
}

/** The policy that says something of the port, the narrowest first. */
function deciding({ scope }: Resident, port: number): PeerAuthentication | null {
  return [scope.workload, scope.namespace, scope.mesh].find((policy) => policy !== null && written(policy, port) !== null) ?? null;
}

interface Reading {
  readonly policy: PeerAuthentication;
  readonly field: string;
  readonly is: ServerMode;
  /** as a sidecar would read it */
  readonly wanted: ServerMode;
}

type Found = Pick<Sighting, "rule" | "severity" | "fixes"> & Partial<Pick<Sighting, "field" | "value" | "because">>;

function strictUnread({ survey, resident, port }: Port, { policy }: Reading): Found | null {
  const { mesh } = resident.scope;
  if (policy === mesh && mesh.selector !== null) return { rule: "FND-13", severity: "weaker than it seems", field: "spec.selector", value: "{}", fixes: [remove(policy, "spec.selector")] };
  if (survey.wantedModes.of(resident, { mesh: null }, port) !== "STRICT") return null;
  const general = { kind: "PeerAuthentication", namespace: resident.of.namespace, name: "default" };
  return { rule: "FND-12", severity: "weaker than it seems", because: mesh, fixes: [create(general, "spec.mtls.mode", "STRICT")] };
}

function misreading(port: Port, reading: Reading): Found | null {
  const { policy, field, is, wanted } = reading;
  if (wanted === "DISABLE" && is === "PERMISSIVE") return { rule: "FND-10", severity: "no effect", fixes: [set(policy, field, "PERMISSIVE"), remove(policy)] };
  if (is === "STRICT") return { rule: "FND-11", severity: "breaks traffic", fixes: [set(policy, field, "PERMISSIVE")] };
  return wanted === "STRICT" ? strictUnread(port, reading) : null;
}

function atPort(at: Port): void {
  const { survey, ledger, resident, port } = at;
  const is = survey.mode(resident, port);
  const asSidecar = resident.view.peerAuthentications.mode(resident.of, port);
  const policy = deciding(resident, port);
  if (!isPeerMode(is) || asSidecar.gaps.length > 0 || asSidecar.value === is || policy === null) return;
  const isEntry = policy === resident.scope.workload && Object.hasOwn(policy.portLevelMtls, String(port));
  const field = isEntry ? `spec.portLevelMtls.${port}` : "spec.mtls.mode";
  const wanted = asSidecar.value;
  const found = misreading(at, { policy, field, is, wanted });
  if (found !== null) ledger.add({ field, value: wanted, ...found, object: policy, consequence: { kind: "mode", is, wanted }, workloads: survey.workloadsOf(resident), ports: [port] });
}

/** FND-10 to FND-13, FND-26: what ambient makes of the same words. */
export function ambientPolicies(survey: Survey, ledger: Ledger): void {
  for (const resident of survey.residents.filter(({ of }) => of.dataPlaneMode === "ambient")) {
    for (const port of survey.ports(resident)) {
      bypassed({ survey, ledger, resident, port });
      atPort({ survey, ledger, resident, port });
    }
  }
}
