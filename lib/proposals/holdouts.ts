import type { MeshJudge, Workload, WorkloadId } from "#mesh";
import { obeysPolicies } from "#mesh";

/** The workloads of a scope at which STRICT does not hold, as the engine judges their ports. @see rule PRE-25 */
export interface Holdouts {
  /** a port is PERMISSIVE or DISABLE */
  readonly open: readonly WorkloadId[];
  /** what a port accepts is not known */
  readonly unknown: readonly WorkloadId[];
  /** an instance has no proxy, or a way leads past it: a port that is not captured, UDP, another interface */
  readonly unguarded: readonly WorkloadId[];
}

/** Whether any instance of a workload has a proxy that obeys PeerAuthentications. */
export function isProtected({ instances }: Workload): boolean {
  return instances.some(({ dataPlaneMode }) => obeysPolicies(dataPlaneMode));
}

/** The modes of a workload's ports; of datagrams nothing is asked. */
function modesOf(judge: MeshJudge, { id }: Workload): ReadonlySet<string> {
  const ports = judge.workloadPorts(id).filter(({ protocol }) => protocol !== "UDP");
  return new Set(ports.map(({ serverMode }) => (serverMode.kind === "known" ? serverMode.value : "unknown")));
}

const OPEN = ["PERMISSIVE", "DISABLE"] as const;

/** Of some workloads those at which STRICT does not hold on every port, and why. */
export function holdoutsAmong(judge: MeshJudge, workloads: readonly Workload[]): Holdouts {
  const all = workloads.map((workload) => [workload.id, modesOf(judge, workload)] as const);
  const having = (...wanted: readonly string[]): readonly WorkloadId[] => all.filter(([, modes]) => wanted.some((mode) => modes.has(mode))).map(([id]) => id);
  const bare = workloads.filter(({ instances }) => instances.some(({ dataPlaneMode }) => dataPlaneMode === "none")).map(({ id }) => id);
  const past = workloads.filter(({ id }) => judge.pastProxy(id).length > 0).map(({ id }) => id);
  return { open: having(...OPEN), unknown: having("unknown"), unguarded: [...new Set([...bare, ...having("NONE", "UNCAPTURED"), ...past])] };
}
