import { argument, list, interceptsNothing, INTERCEPTION_MODE, sparesOwnInterface, told, type Told } from "../server/capture.ts";
import { proxyContainer } from "../instances/dataPlane.ts";
import type { Deduction } from "../deduction.ts";
import { foundBy, Trail } from "../deduction.ts";
import { addressInRange, type Addresses } from "../ip.ts";
import type { Container, Pod } from "../snapshot.ts";

/** A dial as iptables sees it. */
export interface Dialled {
  readonly port: number;
  /** addresses the dialled name may resolve to; any of them may be used */
  readonly addresses: Addresses;
}

/** Who in a pod runs as the user whose traffic the redirection leaves alone. */
interface Spared {
  readonly containers: readonly Container[];
  readonly all: boolean;
}

/** What a pod's redirection was told about what leaves. */
export interface OutboundCapture {
  readonly spared: Spared | null;
  readonly excludedPorts: Told | null;
  readonly excludedRanges: Told | null;
  readonly includedPorts: Told | null;
  readonly includedRanges: Told | null;
}

function isEmptyList(one: Told | null): boolean {
  return one === null || list(one.written).length === 0;
}

/** The proxy's own user, when the redirection was not told another. */
const PROXY_USER = "1337";

/** The application's containers that run as the proxy's user: what they send is taken for the proxy's own. */
export function runningAsProxy(pod: Pod): readonly Container[] {
  const user = argument(pod, "-u")?.written ?? PROXY_USER;
  const proxy = proxyContainer(pod);
  return pod.containers.filter(({ init, name, runAsUser }) => init !== "init" && name !== proxy?.name && String(runAsUser) === user);
}

/** Where a container's user is written, below `spec`. */
export function userField({ init, name }: Container): string {
  return `${init === "app" ? "containers" : "initContainers"}.${name}.securityContext.runAsUser`;
}

function spared(pod: Pod): Spared | null {
  const containers = runningAsProxy(pod);
  if (containers.length === 0) return null;
  const proxy = proxyContainer(pod);
  return { containers, all: pod.containers.every((one) => one.init === "init" || one.name === proxy?.name || containers.includes(one)) };
}

/** What a pod's redirection was told of outbound traffic; `null` where it was told nothing that makes a difference, so that all of it passes the proxy. */
export function outboundCapture(pod: Pod): OutboundCapture | null {
  const capture = {
    spared: spared(pod),
    excludedPorts: told(pod, "excludeOutboundPorts", "-o"),
    excludedRanges: told(pod, "excludeOutboundIPRanges", "-x"),
    includedPorts: told(pod, "includeOutboundPorts", "-q"),
    includedRanges: told(pod, "includeOutboundIPRanges", "-i"),
  };
  const { excludedPorts, excludedRanges, includedPorts, includedRanges } = capture;
  const namesAllRanges = includedRanges === null || includedRanges.written === "*";
  return capture.spared === null && namesAllRanges && [excludedPorts, excludedRanges, includedPorts].every(isEmptyList) ? null : capture;
}

interface Exemption {
  readonly captured: boolean;
  readonly rule: "CAP-6" | "CAP-7" | "CAP-8" | "CAP-9";
  readonly by: Told | null;
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

/** Which of a pod's containers dials is not told: where they differ, nor is whether the proxy sees it. */
function sparing(pod: Pod, { containers, all }: Spared): Deduction<boolean> {
  const trail = new Trail();
  for (const container of containers) trail.because("CAP-12", { object: pod, field: `spec.${userField(container)}`, value: String(container.runAsUser) });
  if (all) return trail.found(false);
  const names = containers.map(({ name }) => `\`${name}\``).join(", ");
  return trail.lacks([{ wanted: "the container that dials", because: `what ${names} of \`Pod\` \`${pod.namespace}/${pod.name}\` sends as the proxy's user passes it by, what the others send does not` }]).found(false);
}

/** Whether what leaves a pod for an address and port is redirected, whoever in the pod sends it. */
function redirects(pod: Pod, capture: OutboundCapture, dialled: Dialled): Deduction<boolean> {
  const trail = new Trail();
  const [first, ...others] = dialled.addresses.map((address) => outbound(capture, dialled, address));
  if (first === undefined) return trail.found(true);
  if (others.some(({ captured }) => captured !== first.captured)) {
    trail.lacks([{ wanted: "the address that the client dials", because: "the name resolves to several, and the proxy is told to leave some of them alone" }]);
  }
  if (first.by !== null) trail.because(first.rule, { object: pod, field: first.by.field, value: first.by.written });
  return trail.found(first.captured);
}

/** Whether what the application sends passes its proxy. */
export function capturesOutbound(pod: Pod, capture: OutboundCapture | null, dialled: Dialled): Deduction<boolean> {
  if (interceptsNothing(pod)) return foundBy(false, "CAP-5", { object: pod, field: `metadata.annotations.${INTERCEPTION_MODE}`, value: "NONE" });
  const ownInterface = sparesOwnInterface(pod);
  if (ownInterface !== null) return foundBy(false, "CAP-13", { object: pod, field: ownInterface.field, value: ownInterface.written });
  const trail = new Trail();
  if (capture === null) return trail.found(true);
  const captured = redirects(pod, capture, dialled);
  const spared = capture.spared !== null && (capture.spared.all || captured.value) ? capture.spared : null;
  return trail.found(trail.follow(spared === null ? captured : sparing(pod, spared)));
}
