import type { ObjectRef, Reason, RuleId } from "#mesh";
import { objectName } from "./reason.ts";
import { decisive, dialledPorts, servedBecause } from "./scene.ts";
import type { Clause, Scene } from "./scene.ts";

const ANNOTATION = "traffic.sidecar.istio.io/";
const INTERCEPTION = "sidecar.istio.io/interceptionMode: NONE";

/** The annotation, or what gave the redirection the same: arguments of a container are no place to change it. */
function setting({ field }: Reason, name: string, pods: string): string {
  const annotation = `${ANNOTATION}${name} of the pods of ${pods}`;
  return field?.startsWith("spec.initContainers") === true ? `${annotation}, or of the injector's values where no annotation says it` : annotation;
}

function container({ field }: Reason): string {
  return field === null ? "the container" : `container ${field.split(".")[2] ?? ""}`;
}

type Mend = (step: Reason, scene: Scene) => string;

const NO_PROXY_CARRIES = "send it over TCP, or encrypt it in the application: no proxy carries UDP";

const OUTBOUND: Readonly<Partial<Record<RuleId, Mend>>> = {
  "CAP-5": (_step, { client }) => `take ${INTERCEPTION} off the pods of ${client}: their proxy then has what they receive as well, and their policies count there`,
  "CAP-6": (step, scene) => `take ${dialledPorts(scene)} out of ${setting(step, "excludeOutboundPorts", scene.client)}: all that they send there then passes their proxy`,
  "CAP-7": (step, { client, server }) => `take the range that holds the address of ${server} out of ${setting(step, "excludeOutboundIPRanges", client)}: all that they send there then passes their proxy`,
  "CAP-8": (step, { client, server }) => `add the address of ${server} to ${setting(step, "includeOutboundIPRanges", client)}`,
  "CAP-10": () => NO_PROXY_CARRIES,
  "CAP-11": () => "nothing is to be mended: it does not leave the pod",
  "CAP-12": (step, { client }) => `let ${container(step)} of ${client} run as another user than the proxy's (securityContext.runAsUser is ${step.value ?? "1337"})`,
  "CAP-13": (step, { client }) => `take \`eth0\` out of ${setting(step, "excludeInterfaces", client)}: their proxy then has what they receive as well, and their policies count there`,
};

/** What lets the client's proxy have what its application sends. */
export function captureClient(scene: Scene): string {
  const step = decisive(scene);
  const mend = step === undefined ? undefined : OUTBOUND[step.rule];
  return step === undefined || mend === undefined ? `let the proxy of ${scene.client} capture what it sends to ${dialledPorts(scene)}` : mend(step, scene);
}

const COUNT = "policies then count there, and STRICT refuses who calls it in plaintext";

const INBOUND: Readonly<Partial<Record<RuleId, Mend>>> = {
  "CAP-1": (_step, { server, path }) => `serve it on another port: ${path.targetPort} of ${server} is left to the proxy itself and never captured`,
  "CAP-2": (step, { server, path }) => `take port ${path.targetPort} out of ${setting(step, "excludeInboundPorts", server)}: ${COUNT}`,
  "CAP-13": (step, { server }) => `take \`eth0\` out of ${setting(step, "excludeInterfaces", server)}: ${COUNT}`,
  "CAP-3": (step, { server, path }) => `add port ${path.targetPort} to ${setting(step, "includeInboundPorts", server)}: ${COUNT}`,
  "CAP-5": (_step, { server }) => `take ${INTERCEPTION} off the pods of ${server}: their proxy then has what they send as well, and ${COUNT}`,
  "AMB-6": (_step, { server }) => `take the annotation ambient.istio.io/bypass-inbound-capture off the pods of ${server}: ${COUNT}`,
  "CAP-10": () => NO_PROXY_CARRIES,
  "CAP-11": () => "nothing is to be mended: it does not leave the pod",
};

/** What lets the server's proxy have what arrives on the port. */
export function captureServer(scene: Scene): string {
  const step = servedBecause(scene).at(-1);
  const mend = step === undefined ? undefined : INBOUND[step.rule];
  return step === undefined || mend === undefined ? `let the proxy of ${scene.server} capture port ${scene.path.targetPort}` : mend(step, scene);
}

export const uncapturedClause: Clause = ({ server, path }) => `port ${path.targetPort} of ${server} is not captured by its proxy`;

/** Ports of the server to which clients would send mTLS as soon as they send it any, though no proxy ends it there. */
export function uncapturedPorts({ serverWorkload, judge, path }: Scene): readonly number[] {
  if (serverWorkload === undefined) return [];
  const past = judge.workloadPorts(serverWorkload.id).filter(({ services, serverMode, targetPort }) => services.length > 0 && targetPort !== path.targetPort && serverMode.kind === "known" && serverMode.value === "UNCAPTURED");
  return [...new Set(past.map(({ targetPort }) => targetPort))].sort((one, other) => one - other);
}

/** Which ports that no proxy captures have to say DISABLE before a fix, as a clause to put behind it; empty where none has to. */
export function beforeThat(scene: Scene): string {
  const ports = uncapturedPorts(scene);
  if (ports.length === 0) return "";
  return `; see first that portLevelMtls says DISABLE for ${ports.length === 1 ? "port" : "ports"} ${ports.join(", ")} of ${scene.server}, which no proxy captures and which would be sent mTLS`;
}

/** The policy in which an entry for a port of the server counts: of several the oldest alone is read. */
export function portPolicy({ serverWorkload, judge, server }: Scene): string {
  const own: ObjectRef | undefined = serverWorkload === undefined ? undefined : judge.policies(serverWorkload.id).find(({ scope, standing }) => scope === "workload" && standing === "in force")?.object;
  return own === undefined ? `a PeerAuthentication that selects ${server}` : objectName(own);
}
