import type { ApiServerCall, MeshJudge, MeshVerdicts, PortVerdict, WorkloadId } from "#mesh";
import { ApiServerCalls, applyChange, judgeMesh, keptWith } from "#mesh";
import type { ProposalPreview } from "./consequence.ts";
import { isStrict } from "./closing.ts";
import { inScope } from "./coverage.ts";

/** A port that the API server calls and a change makes STRICT: it has no proxy, and is refused there. */
export interface RefusedApiServerCalls {
  readonly workload: WorkloadId;
  readonly targetPort: number;
  readonly calls: readonly ApiServerCall[];
  /** whether it is known that the port becomes STRICT */
  readonly isKnown: boolean;
  /** ports of sidecars can be left out of capture */
  readonly hasSidecar: boolean;
}

interface Ground {
  readonly called: ApiServerCalls;
  readonly workloads: readonly WorkloadId[];
}

function groundOf({ snapshot: { configuration }, judge }: MeshVerdicts): Ground {
  const called = new ApiServerCalls(configuration);
  const isCalled = (id: WorkloadId): boolean => judge.workloadPorts(id).some((port) => called.to(port.services).length > 0);
  return { called, workloads: called.isEmpty ? [] : [...judge.workloads.keys()].filter(isCalled) };
}

/** Asked for every namespace of a picture. */
const ground = keptWith(groundOf);

function judgeAfter({ snapshot: { configuration }, judge }: MeshVerdicts, { proposal, consequences }: ProposalPreview): MeshJudge {
  return consequences[0]?.judge ?? judgeMesh(applyChange(configuration, proposal.change), judge);
}

/** STRICT there refuses nothing that it does not refuse today. */
function isRefusedAlready({ instance, targetPort }: PortVerdict, { judge }: MeshVerdicts): boolean {
  return isStrict(judge.serverMode(instance, targetPort));
}

function refusedAt(id: WorkloadId, after: MeshJudge, verdicts: MeshVerdicts): readonly RefusedApiServerCalls[] {
  const { called } = ground(verdicts);
  const hasSidecar = verdicts.judge.workloads.get(id)?.instances.some(({ dataPlaneMode }) => dataPlaneMode === "sidecar") === true;
  const closing = after.workloadPorts(id).filter((port) => (port.serverMode.kind === "unknown" || isStrict(port.serverMode)) && !isRefusedAlready(port, verdicts));
  return [...Map.groupBy(closing, ({ targetPort }) => targetPort)].flatMap(([targetPort, ports]) => {
    const calls = [...new Set(ports.flatMap((port) => called.to(port.services)))];
    return calls.length === 0 ? [] : [{ workload: id, targetPort, calls, isKnown: ports.some(({ serverMode }) => isStrict(serverMode)), hasSidecar }];
  });
}

/**
 * Calls of the API server that a proposal would have refused. Metrics never show them: they are rare, and what makes them is outside the mesh.
 *
 * @see rule PRE-30
 */
export function refusedApiServerCalls(verdicts: MeshVerdicts, preview: ProposalPreview): readonly RefusedApiServerCalls[] {
  const { judge } = verdicts;
  const called = ground(verdicts).workloads.flatMap((id) => judge.workloads.get(id) ?? []).filter((workload) => inScope(preview.proposal.scope, workload));
  if (called.length === 0) return [];
  const after = judgeAfter(verdicts, preview);
  return called.flatMap(({ id }) => refusedAt(id, after, verdicts));
}
