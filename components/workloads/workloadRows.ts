import type { CountsView, EdgeState, EdgeView, MeshView, NodeView } from "#view";
import { sumCounts } from "../numbers.ts";
import { DATA_PLANE } from "../words.ts";
import { edgeUrgency, isPartlyUnclear } from "../state/stateTone.ts";

/** The worst state among some edges. */
export interface Worst {
  readonly state: EdgeState;
  readonly urgency: number;
  /** where that is mTLS: the part of which nobody reported the security, requests and TCP connections apart */
  readonly unclear: { readonly requests: number; readonly connections: number };
}

export interface WorkloadRow {
  readonly node: NodeView;
  readonly incoming: number;
  readonly outgoing: number;
  /** of its edges as a server, null where it has none */
  readonly worstIncoming: Worst | null;
  readonly worstOutgoing: Worst | null;
  /** requests and TCP connections apart; as a server */
  readonly requests: CountsView;
  readonly connections: CountsView;
}

function worst(edges: readonly EdgeView[]): Worst | null {
  const [first] = edges.toSorted((one, other) => edgeUrgency(one) - edgeUrgency(other));
  if (first === undefined) return null;
  const partly = edges.filter(isPartlyUnclear);
  const sum = (family: EdgeView["family"]) => (first.state === "mTLS" ? partly.reduce((all, edge) => all + (edge.family === family ? edge.counts.unclear : 0), 0) : 0);
  return { state: first.state, urgency: edgeUrgency(first), unclear: { requests: sum("http"), connections: sum("tcp") } };
}

/** What a workload is found by beside its name: how it is in the mesh, and what it accepts. */
export function findableText({ node: { namespace, name, ownerKind, dataPlaneModes, accepts } }: WorkloadRow): string {
  return [`${namespace}/${name}`, ownerKind ?? "", ...dataPlaneModes.map((mode) => DATA_PLANE[mode]), ...accepts.map(({ mode }) => mode)].join(" ").toLowerCase();
}

/** Whether it is of the kind that a list is narrowed to: without a proxy, or with a port that accepts what is asked for. */
export function isOfKind({ node }: WorkloadRow, only: string): boolean {
  return only === "no proxy" ? node.dataPlaneModes.includes("none") : node.accepts.some(({ mode }) => mode === only);
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
        worstIncoming: worst(into),
        worstOutgoing: worst(out),
        requests: sumCounts(into.filter((edge) => edge.family === "http").map((edge) => edge.counts)),
        connections: sumCounts(into.filter((edge) => edge.family === "tcp").map((edge) => edge.counts)),
      };
    });
}
