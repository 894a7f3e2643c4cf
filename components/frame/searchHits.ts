import type { AddressView, EdgeState, MeshView, NodeView } from "#view";
import type { Selection } from "../address/address.ts";
import { indexNodes, nodeName } from "../address/scope.ts";
import { isolated } from "../isolated.ts";
import { isPartlyUnclear } from "../state/stateTone.ts";
import { NODE_KIND } from "../words.ts";

const PER_GROUP = 6;

export interface SearchHit {
  readonly key: string;
  readonly text: string;
  /** what kind of thing it is; a connection shows its state instead */
  readonly kind: string;
  readonly state: EdgeState | null;
  readonly partlyUnclear?: boolean;
  /** null: filter by the text */
  readonly selection: Selection | null;
}

function nodeHits(view: MeshView, matches: (text: string) => boolean): readonly SearchHit[] {
  return view.nodes
    .filter((node) => matches(nodeName(node, node.id)))
    .slice(0, PER_GROUP)
    .map((node) => ({
      key: `node ${node.id}`,
      text: nodeName(node, node.id),
      kind: node.ownerKind ?? NODE_KIND[node.kind],
      state: null,
      selection: { kind: node.kind === "workload" ? "workload" : "node", id: node.id },
    }));
}

/** A whole IPv4 or IPv6 address, as it is asked about; else `null`. */
export function addressIn(typed: string): string | null {
  const text = typed.trim().toLowerCase();
  return /^(\d{1,3}\.){3}\d{1,3}$/.test(text) || /^(?=.*:.*:)[\da-f:.]{3,45}$/.test(text) ? text : null;
}

/** Who has the address that was typed: workloads are not named after theirs. */
function ownerHits(nodesById: ReadonlyMap<string, NodeView>, owned: AddressView | null): readonly SearchHit[] {
  return (owned?.nodes ?? []).slice(0, PER_GROUP).flatMap((id) => {
    const node = nodesById.get(id);
    if (node === undefined) return [];
    return [{ key: `address ${id}`, text: nodeName(node, id), kind: `${owned?.address ?? ""}, an address`, state: null, selection: { kind: node.kind === "workload" ? ("workload" as const) : ("node" as const), id } }];
  });
}

function namespaceHits(view: MeshView, matches: (text: string) => boolean): readonly SearchHit[] {
  return view.namespaces
    .filter((namespace) => matches(namespace.name))
    .slice(0, PER_GROUP)
    .map(({ name }) => ({ key: `namespace ${name}`, text: name, kind: "Namespace", state: null, selection: { kind: "namespace", id: name } }));
}

/**
 * What the search offers for a text: who has it as an address, namespaces, nodes and connections to open, and at the end the text as a filter.
 *
 * @param owned who has the address, where one was typed and it is known
 */
export function searchHits(view: MeshView, typed: string, owned: AddressView | null = null): readonly SearchHit[] {
  const text = typed.trim().toLowerCase();
  if (text === "") return [];
  const matches = (candidate: string) => candidate.toLowerCase().includes(text);
  const nodesById = indexNodes(view);
  const edges = view.edges.flatMap((edge) => {
    const line = `${nodeName(nodesById.get(edge.client), edge.client)} → ${nodeName(nodesById.get(edge.server), edge.server)}`;
    return matches(line) || matches(edge.host ?? "") ? [{ edge, line }] : [];
  });
  const edgeHits = edges.slice(0, PER_GROUP).map(({ edge, line }): SearchHit => {
    return { key: `edge ${edge.id}`, text: isolated(line), kind: edge.host ?? "", state: edge.state, ...(isPartlyUnclear(edge) && { partlyUnclear: true }), selection: { kind: "edge", id: edge.id } };
  });
  const filter: SearchHit = { key: "filter", text: `Show only what contains “${typed.trim()}”`, kind: `${edges.length} connections`, state: null, selection: null };
  return [...ownerHits(nodesById, owned), ...namespaceHits(view, matches), ...nodeHits(view, matches), ...edgeHits, filter];
}
