import type { CountsView, EdgeState, MeshView, NodeView } from "#view";
import { sumCounts } from "../numbers.ts";
import { byUrgency } from "../state/stateTone.ts";

export interface WorkloadRow {
  readonly node: NodeView;
  readonly incoming: number;
  readonly outgoing: number;
  /** worst state among its edges as a server, null where it has none */
  readonly worstIncoming: EdgeState | null;
  readonly worstOutgoing: EdgeState | null;
  /** requests and TCP connections apart; as a server */
  readonly requests: CountsView;
  readonly connections: CountsView;
}

function worst(states: readonly EdgeState[]): EdgeState | null {
  return [...states].sort(byUrgency)[0] ?? null;
}

/** One row for each workload of the picture, with what its edges say of it. */
export function workloadRows(view: MeshView): readonly WorkloadRow[] {
  const incoming = Map.groupBy(view.edges, (edge) => edge.server);
  const outgoing = Map.groupBy(view.edges, (edge) => edge.client);
  return view.nodes
    .filter((node) => node.kind === "workload")
    .sort((a, b) => a.id.localeCompare(b.id, "en", { numeric: true }))
    .map((node) => {
      const into = incoming.get(node.id) ?? [];
      const out = outgoing.get(node.id) ?? [];
      return {
        node,
        incoming: into.length,
        outgoing: out.length,
        worstIncoming: worst(into.map((edge) => edge.state)),
        worstOutgoing: worst(out.map((edge) => edge.state)),
        requests: sumCounts(into.filter((edge) => edge.family === "http").map((edge) => edge.counts)),
        connections: sumCounts(into.filter((edge) => edge.family === "tcp").map((edge) => edge.counts)),
      };
    });
}
