import type { Deduction } from "./deduction.ts";
import { foundBy } from "./deduction.ts";
import { label, memoised } from "./order.ts";
import type { Pod } from "./snapshot.ts";
import type { Settings } from "./controlPlane.ts";

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

/** A text that is put together is slower to look up than one that was looked up before. */
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

/** Whether a connection to this port of the pod passes its proxy. */
export function capturesInbound(pod: Pod, port: number, settings: Settings): Deduction<boolean> {
  if (interceptsNothing(pod)) return foundBy(false, "CAP-5", { object: pod, field: `metadata.annotations.${INTERCEPTION_MODE}`, value: "NONE" });
  if (port === TUNNEL_PORT) return foundBy(false, "CAP-1", { object: pod, value: String(port) });
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
