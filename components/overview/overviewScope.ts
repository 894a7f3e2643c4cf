import type { EdgeView, MeshView, TotalsView } from "#view";
import { NO_FILTERS } from "../address/address.ts";
import { scopeOf } from "../address/scope.ts";
import { sumCounts } from "../numbers.ts";

/** What the overview speaks of: all connections, or those that begin or end in the namespaces that are chosen. */
export interface OverviewScope {
  readonly edges: readonly EdgeView[];
  readonly totals: TotalsView;
  /** what nobody reported and configuration says is plaintext: among `unclear` in the totals */
  readonly unreported: { readonly requests: number; readonly connections: number };
}

function unreportedOf(edges: readonly EdgeView[]): OverviewScope["unreported"] {
  const sum = (family: EdgeView["family"]) => edges.reduce((all, edge) => all + (edge.family === family ? edge.unreportedPlaintext : 0), 0);
  return { requests: sum("http"), connections: sum("tcp") };
}

function totalsOf(view: MeshView, edges: readonly EdgeView[], namespaces: readonly string[]): TotalsView {
  const states = Map.groupBy(edges, ({ state }) => state);
  const workloads = view.nodes.filter(({ ownerKind, namespace }) => ownerKind !== null && namespaces.includes(namespace));
  const sum = (family: EdgeView["family"]) => sumCounts(edges.filter((edge) => edge.family === family).map(({ counts }) => counts));
  return {
    requests: sum("http"),
    connections: sum("tcp"),
    edges: view.totals.edges.map(({ state }) => ({ state, edges: states.get(state)?.length ?? 0 })),
    workloads: workloads.length,
    workloadsWithoutProxy: workloads.filter(({ dataPlaneModes }) => dataPlaneModes.includes("none")).length,
  };
}

/** What the list of connections shows for the same namespaces, and its sums. */
export function overviewScope(view: MeshView, namespaces: readonly string[]): OverviewScope {
  if (namespaces.length === 0) return { edges: view.edges, totals: view.totals, unreported: unreportedOf(view.edges) };
  const { edges } = scopeOf(view, { ...NO_FILTERS, namespaces });
  return { edges, totals: totalsOf(view, edges, namespaces), unreported: unreportedOf(edges) };
}
