import type { ClientMode, MeshVerdicts, RuleId } from "#mesh";
import { namespaceOfHost } from "#mesh";
import { beforeThat, captureClient } from "./captureFix.ts";
import { injectionsIn, joinFix } from "./injection.ts";
import { openPolicy } from "./policyFix.ts";
import { objectName } from "./reason.ts";
import { ownTlsOfPort, tellMutual, withoutMutual, withoutTls } from "./ruleFix.ts";
import { decider, decisive, joinedBecause, lastStep, servingInstance, targetPorts, why } from "./scene.ts";
import type { Clause, FixClause, Parties, Scene } from "./scene.ts";
import { advertise, advertiseAll, internalEntry, needsTunnel, takeTunnel, unlessAmbient } from "./serverFix.ts";

/** `legacy/sleep runs no proxy`, or how many of its instances do not; `undefined` where all have one. */
export function bareClause({ client, clientWorkload }: Parties): string | undefined {
  const instances = clientWorkload?.instances ?? [];
  const bare = instances.filter(({ dataPlaneMode }) => dataPlaneMode === "none").length;
  if (bare === 0) return undefined;
  return bare === instances.length ? `${client} runs no proxy` : `${bare} of ${instances.length} instances of ${client} ${bare === 1 ? "runs" : "run"} no proxy`;
}

/** The client into the mesh; `otherwise`: what else can be done, where there is anything. */
export function joinClient({ client, clientWorkload }: Parties, otherwise: string | null, verdicts: MeshVerdicts): string {
  return joinFix({ name: client, workload: clientWorkload, otherwise }, injectionsIn(verdicts));
}

/** How the client is brought into the mesh, or else the port that it calls is opened for it. */
export function clientFix(parties: Parties, open: string, verdicts: MeshVerdicts): string {
  return joinClient(parties, `${open} PERMISSIVE for it with a portLevelMtls entry`, verdicts);
}

const OPEN_THEN_CLOSE: FixClause = (scene) => {
  const step = decisive(scene);
  return step === undefined ? "set the policy that says DISABLE to PERMISSIVE" : `${openPolicy(scene, step)}, wait until plaintext fades, then set STRICT${step.rule === "PA-4" ? "" : beforeThat(scene)}`;
};

const IMPORT: FixClause = (scene) => {
  const { host } = scene.edge;
  return `add ${host === null ? "the host" : `${namespaceOfHost(host) ?? "*"}/${host}`} to the egress hosts of ${decider(scene, "the Sidecar")}`;
};

function byNameOrHeadless(scene: Scene): string {
  const byName = `let ${scene.client} dial the Service of ${scene.server} by name and port instead of a pod's address`;
  const isAmbient = servingInstance(scene)?.dataPlaneMode === "ambient";
  return isAmbient ? byName : `${byName}; if it must know the pods, give them a headless Service besides, with a TCP port of the number it dials`;
}

const FIX_BY_RULE: Readonly<Partial<Record<RuleId, FixClause>>> = {
  "AUTO-2": advertise,
  "AUTO-3": unlessAmbient(OPEN_THEN_CLOSE),
  "AUTO-4": unlessAmbient(OPEN_THEN_CLOSE),
  "AUTO-5": (scene) => `see why ${decider(scene, "the headless Service")} has no endpoint on that port`,
  "AUTO-6": advertiseAll,
  "AUTO-9": unlessAmbient(ownTlsOfPort),
  "AUTO-10": internalEntry,
  "AUTO-11": unlessAmbient((scene) => `set enableAutoMtls to true in the mesh config, which is for every proxy that it serves${beforeThat(scene)}`),
  "GRPC-4": tellMutual,
  "AMB-13": takeTunnel,
  "REG-1": ({ client }) => `let ${client} dial a Service of the mesh by name and port`,
  "REG-2": (scene) => `export ${decider(scene, "the Service")} to the namespace of ${scene.client}`,
  "REG-3": IMPORT,
  "REG-14": IMPORT,
  "REG-12": byNameOrHeadless,
  "REG-17": (scene) => `rename the port in ${decider(scene, "the Service")}: Istio takes a name that begins with udp for UDP`,
};

/** Modes in which what leaves the client is mesh mTLS. */
export const SENDS_MTLS: ReadonlySet<ClientMode> = new Set(["AUTO_MTLS", "DR_ISTIO_MUTUAL", "HBONE"]);

const BY_NAME: Clause = ({ client }) => `let ${client} dial the Service by name and port, and see that its proxy knows that Service`;
const SEE_PROXY: Clause = ({ server }) => `see in the log of the proxy of ${server} why it does not end it`;

function byRule(otherwise: Clause): FixClause {
  return (scene, verdicts) => {
    const last = lastStep(scene);
    return (last === undefined ? undefined : FIX_BY_RULE[last.rule])?.(scene, verdicts) ?? otherwise(scene);
  };
}

/** A waypoint has no mTLS but the tunnel's. */
const NO_TLS: FixClause = (scene, verdicts) => (needsTunnel(scene) ? takeTunnel(scene) : withoutTls(scene, verdicts));

/** The application that ended the TLS of a DestinationRule gets plain requests from its proxy. */
const NO_TLS_OF_OTHERS: FixClause = (scene, verdicts) => `${NO_TLS(scene, verdicts)}; where ${scene.server} ends that TLS itself, it must then take it without`;

const DROPPED: FixClause = (scene, verdicts) => `${NO_TLS(scene, verdicts)}; if TLS of the application's own is meant, name certificate files instead of credentialName`;

function plaintextClause(scene: Scene): string {
  const rule = lastStep(scene)?.rule;
  if (rule === "AMB-13") return `the waypoint ${scene.client} passes it on as plaintext: ${why(scene)}`;
  return `${rule === "GRPC-4" ? "" : "auto mTLS of "}${scene.client} sends plaintext: ${why(scene)}`;
}

function tunnelClause(scene: Scene): string {
  const waypoint = joinedBecause(scene).find(({ rule }) => rule === "AMB-13")?.object ?? null;
  return waypoint === null ? `${scene.client} sends mTLS in an HBONE tunnel` : `${scene.client} sends mTLS to the waypoint (${objectName(waypoint)}), which passes it on as plaintext`;
}

function endTunnel(scene: Scene): string {
  return joinedBecause(scene).some(({ rule }) => rule === "AMB-13") ? takeTunnel(scene) : SEE_PROXY(scene);
}

/** What a client does, as a clause, and how to make it send mTLS. */
export const SENDING: Readonly<Record<ClientMode, readonly [cause: Clause, fix: FixClause]>> = {
  NONE: [(scene) => bareClause(scene) ?? `${scene.client} runs no proxy`, (scene, verdicts) => clientFix(scene, `keep ${targetPorts(scene)}`, verdicts)],
  BYPASS: [(scene) => `${scene.client} sends past its own proxy: ${why(scene)}`, captureClient],
  PASSTHROUGH: [(scene) => `the proxy of ${scene.client} knows no Service for what it dials and passes it on as it is: ${why(scene)}`, byRule(BY_NAME)],
  BLACKHOLE: [(scene) => `the proxy of ${scene.client} drops what it dials: ${why(scene)}`, byRule(BY_NAME)],
  AUTO_MTLS: [({ client }) => `${client} sends mTLS by auto mTLS`, SEE_PROXY],
  AUTO_PLAINTEXT: [plaintextClause, byRule(({ server }) => `see that every instance of ${server} runs a proxy that takes mTLS`)],
  DR_DISABLE: [(scene) => `${scene.client} sends plaintext because ${why(scene)}`, unlessAmbient(NO_TLS)],
  DR_SIMPLE: [(scene) => `${scene.client} sends TLS without a mesh certificate because ${why(scene)}`, unlessAmbient(NO_TLS_OF_OTHERS)],
  DR_MUTUAL: [(scene) => `${scene.client} sends TLS with a certificate of its own because ${why(scene)}`, unlessAmbient(NO_TLS_OF_OTHERS)],
  DR_ISTIO_MUTUAL: [(scene) => `${scene.client} sends mTLS because ${why(scene)}`, withoutMutual],
  DR_DROPPED: [(scene) => `the TLS that a DestinationRule asks of ${scene.client} cannot be built and is dropped: ${why(scene)}`, unlessAmbient(DROPPED)],
  HBONE: [tunnelClause, endTunnel],
  ZT_PLAINTEXT: [(scene) => `the ztunnel of ${scene.client} passes its traffic on as plaintext: ${why(scene)}`, takeTunnel],
};
