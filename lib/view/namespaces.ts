import type { Edge, MeshVerdicts, Party, Workload } from "#mesh";
import { workloadIdParts } from "#mesh";
import type { Outlook } from "#proposals";
import { nodeId } from "./identify.ts";
import type { NamespaceView } from "./meshView.ts";
import { hasInstanceWithoutProxy, sumAccepts, workloadNodes } from "./node.ts";
import { readinessOf } from "./readiness.ts";
import { EdgeSums } from "./totals.ts";

interface Gathered {
  readonly workloads: Workload[];
  readonly incoming: EdgeSums;
  readonly outgoing: EdgeSums;
}

function namespaceOf(party: Party): string | undefined {
  return party.kind === "workload" ? workloadIdParts(party.id).namespace : undefined;
}

/** Those that hold a workload, and those that only telemetry still knows. */
function gather(verdicts: MeshVerdicts): ReadonlyMap<string, Gathered> {
  const index = new Map<string, Gathered>();
  const at = (namespace: string): Gathered => {
    const known = index.get(namespace) ?? { workloads: [], incoming: new EdgeSums(), outgoing: new EdgeSums() };
    index.set(namespace, known);
    return known;
  };
  for (const workload of verdicts.judge.workloads.values()) at(workloadIdParts(workload.id).namespace).workloads.push(workload);
  const count = (edge: Edge): void => {
    const [client, server] = [namespaceOf(edge.client), namespaceOf(edge.server)];
    if (client !== undefined) at(client).outgoing.add(edge);
    if (server !== undefined) at(server).incoming.add(edge);
  };
  verdicts.edges.forEach(count);
  return index;
}

/** One line per namespace, by name. */
export function namespaceViews(verdicts: MeshVerdicts, outlook: Outlook | null): readonly NamespaceView[] {
  const nodes = workloadNodes(verdicts.judge);
  const readiness = readinessOf(verdicts, outlook);
  return [...gather(verdicts)]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, { workloads, incoming, outgoing }]) => {
      const accepts = sumAccepts(workloads.map(({ id }) => nodes.get(nodeId({ kind: "workload", id }, { kind: "unidentified" }))?.accepts ?? []));
      const bare = workloads.filter(hasInstanceWithoutProxy).length;
      const [received, sent] = [incoming.totals(workloads.length, bare), outgoing.totals(workloads.length, bare)];
      return { name, accepts, incoming: received, outgoing: sent, workloads: workloads.length, workloadsWithoutProxy: bare, readiness: readiness({ name, accepts, incoming: received }) };
    });
}
