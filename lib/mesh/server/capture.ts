import type { Deduction } from "../deduction.ts";
import { foundBy } from "../deduction.ts";
import { label, memoised } from "../order.ts";
import type { Pod } from "../snapshot.ts";
import type { Settings } from "../controlPlane/controlPlane.ts";

/** Ports of the proxy itself, which its redirection leaves alone: Prometheus of Envoy, health. */
const PROXY_PORTS: ReadonlySet<number> = new Set([15_090, 15_021]);
/** The tunnel's port has a rule of its own. */
const TUNNEL_PORT = 15_008;

const ANNOTATION = "traffic.sidecar.istio.io/";
export const INTERCEPTION_MODE = "sidecar.istio.io/interceptionMode";

export function list(written: string): readonly string[] {
  return written.split(",").map((one) => one.trim()).filter((one) => one !== "");
}

/** What is written of a redirection, and where. */
export interface Told {
  readonly written: string;
  readonly field: string;
}

/** An argument that the redirection ran with. */
export function argument(pod: Pod, flag: string): Told | null {
  const init = pod.containers.find(({ name, init: when }) => when === "init" && (name === "istio-init" || name === "istio-validation"));
  const at = init?.args.indexOf(flag) ?? -1;
  const written = at < 0 ? undefined : init?.args[at + 1];
  return init === undefined || written === undefined ? null : { written, field: `spec.initContainers.${init.name}.args ${flag}` };
}

/** The full name of an annotation, put together once and not for each pod. */
const annotationOf = memoised((name: string) => `${ANNOTATION}${name}`);

function annotated(pod: Pod, name: string): Told | null {
  const annotation = annotationOf(name);
  const written = label(pod.annotations, annotation);
  return written === undefined ? null : { written, field: `metadata.annotations.${annotation}` };
}

/** What the redirection was told: the arguments it ran with, else the annotation they come from. */
export function told(pod: Pod, annotation: string, flag: string): Told | null {
  return argument(pod, flag) ?? annotated(pod, annotation);
}

function statusPort(pod: Pod, settings: Settings): number {
  const written = Number(label(pod.annotations, "status.sidecar.istio.io/port") ?? "");
  return Number.isInteger(written) && written > 0 ? written : settings.mesh.statusPort;
}

export function interceptsNothing(pod: Pod): boolean {
  return label(pod.annotations, INTERCEPTION_MODE) === "NONE";
}

/** Interfaces by which what comes and goes is left alone, as iptables reads names: `eth+` is each that begins so. */
export function excludedInterfaces(pod: Pod): Told | null {
  const excluded = told(pod, "excludeInterfaces", "-c");
  return excluded === null || list(excluded.written).length === 0 ? null : excluded;
}

/** Container runtimes give this name to the interface of the address that Kubernetes knows. */
const OWN_INTERFACE = "eth0";

/** Where the interface of the pod's own address is among those that are left alone. */
export function sparesOwnInterface(pod: Pod): Told | null {
  const excluded = excludedInterfaces(pod);
  const isOwn = (name: string): boolean => name === OWN_INTERFACE || (name.endsWith("+") && OWN_INTERFACE.startsWith(name.slice(0, -1)));
  return excluded !== null && list(excluded.written).some(isOwn) ? excluded : null;
}

/** Ports of the application that the redirection was told to leave alone. */
export function excludedInboundPorts(pod: Pod, settings: Settings): readonly number[] {
  const written = list(told(pod, "excludeInboundPorts", "-d")?.written ?? "").map(Number);
  return written.filter((port) => Number.isInteger(port) && port !== TUNNEL_PORT && port !== statusPort(pod, settings) && !PROXY_PORTS.has(port));
}

/** Whether only ports that are named are redirected, or none. */
export function capturesNamedPortsOnly(pod: Pod): boolean {
  const include = told(pod, "includeInboundPorts", "-b");
  return interceptsNothing(pod) || sparesOwnInterface(pod) !== null || (include !== null && include.written !== "*");
}

/** What leaves a whole pod, or the tunnel's port, without redirection. */
function sparedWhole(pod: Pod, port: number): Deduction<boolean> | null {
  if (interceptsNothing(pod)) return foundBy(false, "CAP-5", { object: pod, field: `metadata.annotations.${INTERCEPTION_MODE}`, value: "NONE" });
  if (port === TUNNEL_PORT) return foundBy(false, "CAP-1", { object: pod, value: String(port) });
  const spared = sparesOwnInterface(pod);
  return spared === null ? null : foundBy(false, "CAP-13", { object: pod, field: spared.field, value: spared.written });
}

/** Whether a connection to this port of the pod passes its proxy. */
export function capturesInbound(pod: Pod, port: number, settings: Settings): Deduction<boolean> {
  const spared = sparedWhole(pod, port);
  if (spared !== null) return spared;
  const include = told(pod, "includeInboundPorts", "-b");
  if (include !== null && include.written !== "*") {
    const captured = list(include.written).includes(String(port));
    return foundBy(captured, captured ? "CAP-4" : "CAP-3", { object: pod, field: include.field, value: include.written });
  }
  if (PROXY_PORTS.has(port) || port === statusPort(pod, settings)) return foundBy(false, "CAP-1", { object: pod, value: String(port) });
  const exclude = told(pod, "excludeInboundPorts", "-d");
  if (exclude !== null && list(exclude.written).includes(String(port))) return foundBy(false, "CAP-2", { object: pod, field: exclude.field, value: exclude.written });
  return foundBy(true, "CAP-4", { object: pod });
}
