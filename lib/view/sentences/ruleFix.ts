import type { MeshVerdicts, Overridden, Reason } from "#mesh";
import { beforeThat } from "./captureFix.ts";
import { objectName } from "./reason.ts";
import { decisive, dialledService, sentBecause, servingInstance } from "./scene.ts";
import type { Scene } from "./scene.ts";

const TO_ALL = "which sends mTLS to every endpoint of it, with a proxy or without";

/** How the DestinationRule in force was found: its host as written, and where. */
function chosen(scene: Scene): Reason | undefined {
  return sentBecause(scene).findLast(({ object, field }) => object?.kind === "DestinationRule" && field === "spec.host");
}

function isForMany(step: Reason | undefined): step is Reason {
  return step?.value?.startsWith("*") === true;
}

/** The server's own host in a rule of its own, where a proxy looks before it comes to the wide one. */
function ownRule(scene: Scene, wide: Reason, says: string): string {
  const to = dialledService(scene);
  const name = wide.object === null ? "the wide one" : objectName(wide.object);
  const place = wide.rule === "DR-16" ? to?.namespace : wide.object?.namespace;
  const where = place === undefined ? "" : ` in namespace ${place}`;
  const like = wide.rule === "DR-16" ? `exported to ${scene.client}` : `with the exportTo and workloadSelector of ${name}`;
  return `give ${to === null ? "the Service that it leads to" : objectName(to)} a DestinationRule of its own${where}, ${like}, ${says} (nothing is inherited: repeat there what else ${name} sets)`;
}

/** What would count if the block were gone: a wider one of the same rule. */
function above({ overrode = [] }: Reason): Overridden | undefined {
  return overrode.find(({ rule, value }) => rule === "DR-17" && value !== "ISTIO_MUTUAL");
}

function isAutoMtlsOff({ snapshot: { configuration } }: MeshVerdicts): boolean {
  const { MeshConfig: configs } = configuration.objects;
  return configs.length > 0 && configs.every(({ enableAutoMtls }) => !enableAutoMtls);
}

function removal({ object, field }: Reason): string {
  return `remove ${field === null ? "the tls block" : field.replace(/\.mode$/, "")} from ${object === null ? "the DestinationRule" : objectName(object)}`;
}

function toMutual({ object, field }: Reason): string {
  return `set ${field ?? "tls.mode"} of ${object === null ? "the DestinationRule" : objectName(object)} to ISTIO_MUTUAL, ${TO_ALL}`;
}

/** The TLS of a DestinationRule out of the way, so that auto mTLS decides. ISTIO_MUTUAL would go to servers without a proxy as well, and is told only where nothing else helps. */
export function withoutTls(scene: Scene, verdicts: MeshVerdicts): string {
  const block = decisive(scene);
  if (block === undefined) return "remove the tls block of the DestinationRule";
  const wide = chosen(scene);
  const isOff = isAutoMtlsOff(verdicts);
  if (isForMany(wide)) {
    const own = ownRule(scene, wide, isOff ? `with tls.mode ISTIO_MUTUAL, ${TO_ALL}` : "without a tls block");
    return isOff ? own : `${own}, or ${removal(block)}, which is for every host that ${wide.value ?? "*"} matches${beforeThat(scene)}`;
  }
  if (isOff) return `${toMutual(block)}; auto mTLS is off, so without a tls block it stays plaintext`;
  const wider = above(block);
  if (wider !== undefined) return `${toMutual(block)}; without it ${wider.value ?? "the mode"} of ${wider.field ?? "the rule"} would count`;
  return `${removal(block)}, and auto mTLS decides for each endpoint${beforeThat(scene)}`;
}

/** ISTIO_MUTUAL goes to servers that cannot end it: what keeps it from them. */
export function withoutMutual(scene: Scene): string {
  const block = decisive(scene);
  if (block === undefined) return "remove the tls block of the DestinationRule";
  const wide = chosen(scene);
  if (isForMany(wide)) return ownRule(scene, wide, "without a tls block");
  const wider = above(block);
  const name = block.object === null ? "the DestinationRule" : objectName(block.object);
  if (wider !== undefined) return `set ${block.field ?? "tls.mode"} of ${name} to DISABLE, which sends plaintext to every endpoint of it`;
  return `${removal(block)}, and auto mTLS sends plaintext to what has no proxy`;
}

/** The same for one port that no proxy captures: auto mTLS would send mTLS there as well. */
export function plaintextPort(scene: Scene): string {
  const object = decisive(scene)?.object ?? null;
  return `give port ${scene.path.port} an entry in portLevelSettings of ${object === null ? "the DestinationRule" : objectName(object)} with tls.mode DISABLE, which takes the place of its whole trafficPolicy there`;
}

/** A port entry without TLS, below a mode that takes mTLS away from the endpoints. */
export function ownTlsOfPort(scene: Scene): string {
  const step = decisive(scene);
  const wide = chosen(scene);
  if (isForMany(wide)) return ownRule(scene, wide, "without a tls block");
  const rule = step === undefined || step.object === null ? "the DestinationRule" : objectName(step.object);
  return `give the entry of port ${scene.path.port} in ${rule} a tls block with mode ISTIO_MUTUAL, ${TO_ALL}; without ${step?.field?.replace(/\.mode$/, "") ?? "the one above"} auto mTLS would decide, for its other ports as well`;
}

/** gRPC without a proxy sends mTLS only where it is told to, and knows no tunnel. */
export function tellMutual(scene: Scene): string {
  const { client, server, edge } = scene;
  if (servingInstance(scene)?.dataPlaneMode === "ambient") return `give ${client} a proxy in place of its gRPC agent, which knows no tunnel: ${server} is in ambient and takes nothing else`;
  const step = decisive(scene);
  if (step?.object?.kind === "DestinationRule") return toMutual(step);
  return `give ${edge.host ?? "the host"} a DestinationRule with tls.mode ISTIO_MUTUAL and a workloadSelector for ${client}, in its namespace, ${TO_ALL}: gRPC without a proxy has no auto mTLS`;
}
