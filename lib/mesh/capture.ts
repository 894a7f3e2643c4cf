import type { Deduction } from "./deduction.ts";
import { foundBy, Trail } from "./deduction.ts";
import { addressInRange, type Addresses } from "./ip.ts";
import { label } from "./order.ts";
import type { Pod } from "./snapshot.ts";
import type { Settings } from "./controlPlane.ts";

/** Ports of the proxy itself, which its redirection leaves alone: Prometheus of Envoy, health. */
const PROXY_PORTS: ReadonlySet<number> = new Set([15_090, 15_021]);
/** The tunnel's port has a rule of its own. */
const TUNNEL_PORT = 15_008;

const ANNOTATION = "traffic.sidecar.istio.io/";
const INTERCEPTION_MODE = "sidecar.istio.io/interceptionMode";

function list(written: string): readonly string[] {
  return written.split(",").map((one) => one.trim()).filter((one) => one !== "");
}

/** What the redirection was told: the arguments it ran with, else the annotation they come from. */
function told(pod: Pod, annotation: string, flag: string): { readonly written: string; readonly field: string } | null {
  const init = pod.containers.find(({ name, init: when }) => when === "init" && (name === "istio-init" || name === "istio-validation"));
  const at = init?.args.indexOf(flag) ?? -1;
  const argument = at < 0 ? undefined : init?.args[at + 1];
  if (argument !== undefined) return { written: argument, field: `spec.initContainers.${init?.name ?? ""}.args ${flag}` };
  const written = label(pod.annotations, `${ANNOTATION}${annotation}`);
  return written === undefined ? null : { written, field: `metadata.annotations.${ANNOTATION}${annotation}` };
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

/** A dial as iptables sees it. */
export interface Dialled {
  readonly port: number;
  /** addresses the dialled name may resolve to; any of them may be used */
  readonly addresses: Addresses;
}

type Told = ReturnType<typeof told>;

/** What a pod's redirection was told about what leaves. */
export interface OutboundCapture {
  readonly excludedPorts: Told;
  readonly excludedRanges: Told;
  readonly includedPorts: Told;
  readonly includedRanges: Told;
}

function isEmptyList(one: Told): boolean {
  return one === null || list(one.written).length === 0;
}

/** `null`: nothing is told that could make a difference, and everything is captured. */
export function outboundCapture(pod: Pod): OutboundCapture | null {
  const capture = {
    excludedPorts: told(pod, "excludeOutboundPorts", "-o"),
    excludedRanges: told(pod, "excludeOutboundIPRanges", "-x"),
    includedPorts: told(pod, "includeOutboundPorts", "-q"),
    includedRanges: told(pod, "includeOutboundIPRanges", "-i"),
  };
  const { excludedPorts, excludedRanges, includedPorts, includedRanges } = capture;
  const namesAllRanges = includedRanges === null || includedRanges.written === "*";
  return namesAllRanges && [excludedPorts, excludedRanges, includedPorts].every(isEmptyList) ? null : capture;
}

interface Exemption {
  readonly captured: boolean;
  readonly rule: "CAP-6" | "CAP-7" | "CAP-8" | "CAP-9";
  readonly by: Told;
}

function outbound(capture: OutboundCapture, dialled: Dialled, address: string): Exemption {
  const { excludedPorts, excludedRanges, includedPorts, includedRanges } = capture;
  if (excludedPorts !== null && list(excludedPorts.written).includes(String(dialled.port))) return { captured: false, rule: "CAP-6", by: excludedPorts };
  if (excludedRanges !== null && list(excludedRanges.written).some((range) => addressInRange(address, range))) return { captured: false, rule: "CAP-7", by: excludedRanges };
  if (includedPorts !== null && list(includedPorts.written).some((port) => port === "*" || port === String(dialled.port))) return { captured: true, rule: "CAP-9", by: includedPorts };
  if (includedRanges === null || includedRanges.written === "*") return { captured: true, rule: "CAP-9", by: null };
  const captured = list(includedRanges.written).some((range) => range === "*" || addressInRange(address, range));
  return { captured, rule: captured ? "CAP-9" : "CAP-8", by: includedRanges };
}

/** Whether what the application sends passes its proxy. */
export function capturesOutbound(pod: Pod, capture: OutboundCapture | null, dialled: Dialled): Deduction<boolean> {
  if (interceptsNothing(pod)) return foundBy(false, "CAP-5", { object: pod, field: `metadata.annotations.${INTERCEPTION_MODE}`, value: "NONE" });
  const trail = new Trail();
  if (capture === null) return trail.found(true);
  const [first, ...others] = dialled.addresses.map((address) => outbound(capture, dialled, address));
  if (first === undefined) return trail.found(true);
  if (others.some(({ captured }) => captured !== first.captured)) {
    trail.lacks([{ wanted: "the address that the client dials", because: "the name resolves to several, and the proxy is told to leave some of them alone" }]);
  }
  if (first.by !== null) trail.because(first.rule, { object: pod, field: first.by.field, value: first.by.written });
  return trail.found(first.captured);
}
