import type { DataPlaneMode, MeshJudge, MeshVerdicts, PortVerdict, ServerMode, Workload } from "#mesh";
import { SERVER_MODES, workloadIdParts } from "#mesh";
import { edgeViews } from "./edge.ts";
import type { EndNode } from "./ends.ts";
import { nodeId } from "./identify.ts";
import type { NodeView } from "./meshView.ts";
import { partyName } from "./sentences/party.ts";

export type Accepts = NodeView["accepts"];
type Mode = ServerMode | "unknown";

const ORDER: readonly Mode[] = [...SERVER_MODES, "unknown"];

/** Ports by what they accept. A port whose instances differ counts once for each answer. */
function acceptsOf(ports: readonly PortVerdict[]): Accepts {
  const answers = new Map<Mode, Set<number>>();
  for (const { targetPort, protocol, serverMode } of ports) {
    if (protocol === "UDP") continue;
    const mode = serverMode.kind === "known" ? serverMode.value : "unknown";
    const numbers = answers.get(mode) ?? new Set();
    answers.set(mode, numbers.add(targetPort));
  }
  return ORDER.filter((mode) => answers.has(mode)).map((mode) => ({ mode, ports: answers.get(mode)?.size ?? 0 }));
}

export function sumAccepts(all: readonly Accepts[]): Accepts {
  const sums = new Map<Mode, number>();
  for (const { mode, ports } of all.flat()) sums.set(mode, (sums.get(mode) ?? 0) + ports);
  return ORDER.flatMap((mode) => (sums.has(mode) ? [{ mode, ports: sums.get(mode) ?? 0 }] : []));
}

function modesOf(workload: Workload): readonly DataPlaneMode[] {
  return [...new Set(workload.instances.map(({ dataPlaneMode }) => dataPlaneMode))].sort();
}

export function hasInstanceWithoutProxy(workload: Workload): boolean {
  return workload.instances.some(({ dataPlaneMode }) => dataPlaneMode === "none");
}

// Configuration decides these, and it changes far less often than traffic: a judge's nodes are drawn once.
const drawn = new WeakMap<MeshJudge, ReadonlyMap<string, NodeView>>();

interface DrawnNode {
  readonly workload: Workload;
  readonly node: NodeView;
}

// ports that no change reached are told by the same list
const drawnByPorts = new WeakMap<readonly PortVerdict[], DrawnNode>();

function keptNode(workload: Workload, judge: MeshJudge): NodeView {
  const ports = judge.workloadPorts(workload.id);
  const kept = drawnByPorts.get(ports);
  if (kept?.workload === workload) return kept.node;
  const node = workloadNode(workload, ports);
  drawnByPorts.set(ports, { workload, node });
  return node;
}

function workloadNode(workload: Workload, ports: readonly PortVerdict[]): NodeView {
  const { namespace, name } = workloadIdParts(workload.id);
  return {
    id: nodeId({ kind: "workload", id: workload.id }, { kind: "unidentified" }),
    kind: "workload",
    namespace,
    name,
    ownerKind: workload.ownerKind,
    dataPlaneModes: modesOf(workload),
    instances: workload.instances.length,
    accepts: acceptsOf(ports),
  };
}

/** Every workload of the configuration, by node id. */
function workloadNodes(judge: MeshJudge): ReadonlyMap<string, NodeView> {
  const kept = drawn.get(judge);
  if (kept !== undefined) return kept;
  const nodes = new Map([...judge.workloads.values()].map((workload) => keptNode(workload, judge)).map((node) => [node.id, node]));
  drawn.set(judge, nodes);
  return nodes;
}

/** What only telemetry knows: something outside, or a workload that is gone. */
function seenNode({ id, party, server }: EndNode): NodeView {
  const gone = party.kind === "workload" ? workloadIdParts(party.id) : { namespace: "", name: partyName(party, server) };
  return { id, kind: party.kind, ...gone, ownerKind: null, dataPlaneModes: [], instances: 0, accepts: [] };
}

/** Everything that has a name of its own, by node id: the workloads of the configuration, then what only traffic shows. */
export function allNodes(verdicts: MeshVerdicts): ReadonlyMap<string, NodeView> {
  const nodes = new Map(workloadNodes(verdicts.judge));
  for (const end of edgeViews(verdicts).ends.nodes) if (!nodes.has(end.id)) nodes.set(end.id, seenNode(end));
  return nodes;
}
