import type { MeshJudge, Workload, WorkloadId } from "#mesh";
import { keptWith } from "#mesh";
import type { GapView } from "./meshView.ts";
import { listText } from "./sentences/quantity.ts";

function portsText(id: WorkloadId, ports: readonly number[]): string {
  return `${id} on ${[...new Set(ports)].sort((one, other) => one - other).join(", ")}`;
}

function hasProxy({ instances }: Workload): boolean {
  return instances.some(({ dataPlaneMode }) => dataPlaneMode === "sidecar" || dataPlaneMode === "ambient");
}

/** Ports and interfaces past the proxy of workloads that have one. */
function pastOf({ id }: Workload, judge: MeshJudge): readonly string[] {
  const ports = judge.workloadPorts(id).filter(({ serverMode, protocol }) => protocol !== "UDP" && serverMode.kind === "known" && serverMode.value === "UNCAPTURED").map(({ targetPort }) => targetPort);
  const pasts = judge.pastProxy(id);
  const all = [...ports, ...pasts.flatMap((past) => (past.kind === "ports" ? past.ports : []))];
  const interfaces = pasts.flatMap((past) => (past.kind === "interfaces" ? past.interfaces : []));
  return [
    ...(all.length === 0 ? [] : [portsText(id, all)]),
    ...(pasts.some(({ kind }) => kind === "undeclared ports") ? [`${id} on ports that nothing declares`] : []),
    ...(interfaces.length === 0 ? [] : [`${id} by ${[...new Set(interfaces)].join(", ")}`]),
  ];
}

function datagramsOf({ id }: Workload, judge: MeshJudge): readonly string[] {
  return judge.pastProxy(id).flatMap((past) => (past.kind === "UDP" ? [portsText(id, past.ports)] : []));
}

function uncounted(judge: MeshJudge): readonly GapView[] {
  const workloads = [...judge.workloads.values()];
  const past = workloads.filter(hasProxy).flatMap((workload) => pastOf(workload, judge)).sort();
  const datagrams = workloads.flatMap((workload) => datagramsOf(workload, judge)).sort();
  const gateways = workloads.filter(({ instances }) => instances.some(({ dataPlaneMode }) => dataPlaneMode === "gateway")).map(({ id }) => id).sort();
  return [
    ...(past.length === 0 ? [] : [{ wanted: `traffic past the proxy: ${listText(past)}`, because: "no proxy takes it, so no metric counts it: of plaintext there nobody tells but a client's proxy" }]),
    ...(datagrams.length === 0 ? [] : [{ wanted: `UDP: ${listText(datagrams)}`, because: "no proxy takes UDP, so no metric counts it and nothing encrypts it" }]),
    ...(gateways.length === 0 ? [] : [{ wanted: `plaintext from outside the mesh to ${listText(gateways)}`, because: "a gateway reports what it sends on, and not how it was called" }]),
  ];
}

/** What no metric counts, however well all proxies are scraped: ways past a proxy, UDP, and how gateways are called from outside. Configuration decides it, which changes far less often than traffic. */
export const uncountedTraffic = keptWith(uncounted);
