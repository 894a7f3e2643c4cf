import type { ClientMode, ConfiguredPath, Edge, MeshJudge, ObjectRef, Reason, RuleId, Workload } from "#mesh";
import { endpointFix, joinFix } from "./injection.ts";
import type { Injections } from "./injection.ts";
import { objectName, reasonClause } from "./reason.ts";
import { wayVerdict } from "./way.ts";

/** One connection that is to be explained: who, and to whom. */
export interface Parties {
  readonly client: string;
  readonly server: string;
  readonly clientWorkload: Workload | undefined;
  readonly edge: Edge;
}

/** … and the way it goes. */
export interface Scene extends Parties {
  readonly path: ConfiguredPath;
  readonly judge: MeshJudge;
}

type Clause = (scene: Scene) => string;
type FixClause = (scene: Scene, injections: Injections) => string;

function reasonsOf({ path, edge, judge }: Scene): readonly Reason[] {
  const { clientMode } = wayVerdict(edge, path, judge);
  return clientMode.kind === "known" ? clientMode.reasons : [];
}

/** Rules that only lead on to others: which policy of the mesh applies to what nobody matched. */
const LEADING: ReadonlySet<RuleId> = new Set(["REG-5", "REG-6"]);
/** Rules that carry out what a PeerAuthentication named before them says. */
const BY_POLICY: ReadonlySet<RuleId> = new Set(["AUTO-3", "AUTO-4"]);

/** The step that decided: a chain ends with it, save where it carries out what an earlier one said. */
function decisive(scene: Scene): Reason | undefined {
  const steps = reasonsOf(scene).filter(({ rule }) => !LEADING.has(rule));
  const last = steps.at(-1);
  if (last === undefined || !BY_POLICY.has(last.rule)) return last;
  return steps.findLast(({ object }) => object?.kind === "PeerAuthentication") ?? last;
}

function why(scene: Scene): string {
  const step = decisive(scene);
  return step === undefined ? "it is not known why" : reasonClause(step);
}

function decider(scene: Scene, otherwise: string): string {
  const object: ObjectRef | null | undefined = decisive(scene)?.object;
  return object === null || object === undefined ? otherwise : objectName(object);
}

/** `legacy/sleep runs no proxy`, or how many of its instances do not; `undefined` where all have one. */
export function bareClause({ client, clientWorkload }: Parties): string | undefined {
  const instances = clientWorkload?.instances ?? [];
  const bare = instances.filter(({ dataPlaneMode }) => dataPlaneMode === "none").length;
  if (bare === 0) return undefined;
  return bare === instances.length ? `${client} runs no proxy` : `${bare} of ${instances.length} instances of ${client} ${bare === 1 ? "runs" : "run"} no proxy`;
}

/** The client into the mesh; `port` is what would stay open for it otherwise. */
export function clientFix({ client, clientWorkload }: Parties, port: string, injections: Injections): string {
  return joinFix({ name: client, workload: clientWorkload, otherwise: `keep ${port} PERMISSIVE for it with a portLevelMtls entry` }, injections);
}

function advertise(scene: Scene, injections: Injections): string {
  const object = decisive(scene)?.object ?? null;
  return object === null ? "give the pod without a proxy one" : endpointFix(object, injections);
}

const FIX_BY_RULE: Readonly<Partial<Record<RuleId, FixClause>>> = {
  "AUTO-2": (scene) => `see that every instance of ${scene.server} runs a proxy and carries the label security.istio.io/tlsMode=istio, ${decider(scene, "this one")} first`,
  "AUTO-3": (scene) => `set ${decider(scene, "the policy")} to PERMISSIVE, wait until plaintext fades, then STRICT`,
  "AUTO-4": (scene) => `set ${decider(scene, "the policy")} to PERMISSIVE, wait until plaintext fades, then STRICT`,
  "AUTO-5": (scene) => `see why ${decider(scene, "the headless Service")} has no endpoint on that port`,
  "AUTO-6": (scene, injections) => `${advertise(scene, injections)}; behind a headless Service one endpoint that offers no mTLS turns it off for all`,
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
  return (scene, injections) => {
    const last = reasonsOf(scene).findLast((step) => !LEADING.has(step.rule));
    return (last === undefined ? undefined : FIX_BY_RULE[last.rule])?.(scene, injections) ?? otherwise(scene);
  };
}

/** What a client does, as a clause, and how to make it send mTLS. */
export const SENDING: Readonly<Record<ClientMode, readonly [cause: Clause, fix: FixClause]>> = {
  NONE: [(scene) => bareClause(scene) ?? `${scene.client} runs no proxy`, (scene, injections) => clientFix(scene, `port ${scene.path.targetPort}`, injections)],
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
