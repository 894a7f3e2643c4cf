import type { MeshVerdicts } from "#mesh";
import { unplacedIn } from "#proposals";
import type { Outlook } from "#proposals";
import { edgeViews } from "./edge.ts";
import type { NamespaceView, NodeView } from "./meshView.ts";
import { sumAccepts } from "./node.ts";
import { readinessOf } from "./readiness.ts";
import { EdgeSums } from "./totals.ts";

interface Gathered {
  readonly workloads: NodeView[];
  readonly incoming: EdgeSums;
  readonly outgoing: EdgeSums;
}

/** Those that hold a workload, and those that only telemetry still knows. Things outside have no namespace. */
function byNamespace(nodes: ReadonlyMap<string, NodeView>): Map<string, Gathered> {
  const index = new Map<string, Gathered>();
  for (const { kind, namespace } of nodes.values()) {
    if (kind === "workload" && !index.has(namespace)) index.set(namespace, { workloads: [], incoming: new EdgeSums(), outgoing: new EdgeSums() });
  }
  return index;
}

function gather(verdicts: MeshVerdicts, nodes: ReadonlyMap<string, NodeView>): ReadonlyMap<string, Gathered> {
  const index = byNamespace(nodes);
  const at = (node: NodeView | undefined): Gathered | undefined => (node?.kind === "workload" ? index.get(node.namespace) : undefined);
  for (const node of nodes.values()) if (node.ownerKind !== null) at(node)?.workloads.push(node);
  const { ends } = edgeViews(verdicts);
  const places = ends.nodes.map(({ id }) => at(nodes.get(id)));
  verdicts.edges.forEach((edge, position) => {
    places[ends.clients[position] ?? -1]?.outgoing.add(edge);
    (index.get(unplacedIn(edge) ?? "") ?? places[ends.servers[position] ?? -1])?.incoming.add(edge);
  });
  return index;
}

/** One line per namespace, by name. */
export function namespaceViews(verdicts: MeshVerdicts, nodes: ReadonlyMap<string, NodeView>, outlook: Outlook | null): readonly NamespaceView[] {
  const readiness = readinessOf(verdicts, outlook);
  return [...gather(verdicts, nodes)]
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, { workloads, incoming, outgoing }]) => {
      const accepts = sumAccepts(workloads.map((node) => node.accepts));
      const bare = workloads.filter(({ dataPlaneModes }) => dataPlaneModes.includes("none")).length;
      const [received, sent] = [incoming.totals(workloads.length, bare), outgoing.totals(workloads.length, bare)];
      return { name, accepts, incoming: received, outgoing: sent, workloads: workloads.length, workloadsWithoutProxy: bare, readiness: readiness({ name, accepts, incoming: received }) };
    });
}
