import type { ClientMode, MeshVerdicts, RuleId } from "#mesh";
import { endpointFix, injectionsIn, joinFix } from "./injection.ts";
import { openPolicy } from "./policyFix.ts";
import { decider, decisive, lastStep, why } from "./scene.ts";
import type { Clause, FixClause, Parties, Scene } from "./scene.ts";

/** `legacy/sleep runs no proxy`, or how many of its instances do not; `undefined` where all have one. */
export function bareClause({ client, clientWorkload }: Parties): string | undefined {
  const instances = clientWorkload?.instances ?? [];
  const bare = instances.filter(({ dataPlaneMode }) => dataPlaneMode === "none").length;
  if (bare === 0) return undefined;
  return bare === instances.length ? `${client} runs no proxy` : `${bare} of ${instances.length} instances of ${client} ${bare === 1 ? "runs" : "run"} no proxy`;
}

/** The client into the mesh; `port` is what would stay open for it otherwise. */
export function clientFix({ client, clientWorkload }: Parties, port: string, verdicts: MeshVerdicts): string {
  return joinFix({ name: client, workload: clientWorkload, otherwise: `keep ${port} PERMISSIVE for it with a portLevelMtls entry` }, injectionsIn(verdicts));
}

function advertise(scene: Scene, verdicts: MeshVerdicts): string {
  const object = decisive(scene)?.object ?? null;
  return object === null ? "give the pod without a proxy one" : endpointFix(object, injectionsIn(verdicts));
}

const OPEN_THEN_CLOSE: FixClause = (scene) => `${openPolicy(scene, decisive(scene))}, wait until plaintext fades, then set STRICT`;

const FIX_BY_RULE: Readonly<Partial<Record<RuleId, FixClause>>> = {
  "AUTO-2": (scene) => `see that every instance of ${scene.server} runs a proxy and carries the label security.istio.io/tlsMode=istio, ${decider(scene, "this one")} first`,
  "AUTO-3": OPEN_THEN_CLOSE,
  "AUTO-4": OPEN_THEN_CLOSE,
  "AUTO-5": (scene) => `see why ${decider(scene, "the headless Service")} has no endpoint on that port`,
  "AUTO-6": (scene, verdicts) => `${advertise(scene, verdicts)}; behind a headless Service one endpoint that offers no mTLS turns it off for all`,
  "AUTO-9": (scene) => `in ${decider(scene, "the DestinationRule")} give the port its own tls block with mode ISTIO_MUTUAL, or remove the one above it`,
  "AUTO-10": (scene) => `set location: MESH_INTERNAL in ${decider(scene, "the ServiceEntry")} and give its endpoints a serviceAccount`,
  "AUTO-11": () => "set enableAutoMtls to true in the mesh config",
  "REG-1": ({ client }) => `let ${client} dial a Service of the mesh by name and port`,
  "REG-2": (scene) => `export ${decider(scene, "the Service")} to the namespace of ${scene.client}`,
  "REG-3": (scene) => `add ${scene.edge.host ?? "the host"} to the egress hosts of ${decider(scene, "the Sidecar")}`,
  "REG-14": (scene) => `add ${scene.edge.host ?? "the host"} to the egress hosts of ${decider(scene, "the Sidecar")}`,
  "REG-12": ({ client, server }) => `let ${client} dial the Service of ${server} by name and port instead of a pod's address, or make that Service headless if it must know the pods`,
};

/** Modes in which what leaves the client is mesh mTLS. */
export const SENDS_MTLS: ReadonlySet<ClientMode> = new Set(["AUTO_MTLS", "DR_ISTIO_MUTUAL", "HBONE"]);

const BY_NAME: Clause = ({ client }) => `let ${client} dial the Service by name and port, and see that its proxy knows that Service`;
const REMOVE_TLS: Clause = (scene) => `in ${decider(scene, "the DestinationRule")} set tls.mode ISTIO_MUTUAL, or remove the tls block`;
const RUN_PROXIES: Clause = ({ server }) => `see that every instance of ${server} runs a proxy and carries the label security.istio.io/tlsMode=istio`;

function byRule(otherwise: Clause): FixClause {
  return (scene, verdicts) => {
    const last = lastStep(scene);
    return (last === undefined ? undefined : FIX_BY_RULE[last.rule])?.(scene, verdicts) ?? otherwise(scene);
  };
}

/** What a client does, as a clause, and how to make it send mTLS. */
export const SENDING: Readonly<Record<ClientMode, readonly [cause: Clause, fix: FixClause]>> = {
  NONE: [(scene) => bareClause(scene) ?? `${scene.client} runs no proxy`, (scene, verdicts) => clientFix(scene, `port ${scene.path.targetPort}`, verdicts)],
  BYPASS: [(scene) => `${scene.client} sends past its own proxy: ${why(scene)}`, (scene) => `take the exclusion off ${decider(scene, scene.client)}, so that its proxy captures the call`],
  PASSTHROUGH: [(scene) => `the proxy of ${scene.client} knows no Service for what it dials and passes it on as it is: ${why(scene)}`, byRule(BY_NAME)],
  BLACKHOLE: [(scene) => `the proxy of ${scene.client} drops what it dials: ${why(scene)}`, byRule(BY_NAME)],
  AUTO_MTLS: [({ client }) => `${client} sends mTLS by auto mTLS`, RUN_PROXIES],
  AUTO_PLAINTEXT: [(scene) => `auto mTLS of ${scene.client} sends plaintext: ${why(scene)}`, byRule(RUN_PROXIES)],
  DR_DISABLE: [(scene) => `${scene.client} sends plaintext because ${why(scene)}`, REMOVE_TLS],
  DR_SIMPLE: [(scene) => `${scene.client} sends TLS without a mesh certificate because ${why(scene)}`, REMOVE_TLS],
  DR_MUTUAL: [(scene) => `${scene.client} sends TLS with a certificate of its own because ${why(scene)}`, REMOVE_TLS],
  DR_ISTIO_MUTUAL: [(scene) => `${scene.client} sends mTLS because ${why(scene)}`, ({ server, ...scene }) => `in ${decider({ server, ...scene }, "the DestinationRule")} remove the tls block until every instance of ${server} can take mTLS`],
  DR_DROPPED: [(scene) => `the TLS that a DestinationRule asks of ${scene.client} cannot be built and is dropped: ${why(scene)}`, (scene) => `in ${decider(scene, "the DestinationRule")} name certificate files instead of credentialName, or give it a workloadSelector`],
  HBONE: [({ client }) => `${client} sends mTLS in an HBONE tunnel`, RUN_PROXIES],
  ZT_PLAINTEXT: [(scene) => `the ztunnel of ${scene.client} passes its traffic on as plaintext: ${why(scene)}`, ({ server }) => `enrol ${server} in ambient, or restart its pods so that they carry the label networking.istio.io/tunnel=http`],
};
