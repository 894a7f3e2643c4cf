import type { EdgeView, MeshView, NamespaceView, NodeView } from "../meshView.ts";
import { listDelta, reusedList, withListDelta, type KeyOf, type ListDelta } from "./listDelta.ts";
import { sameJson } from "./sameJson.ts";

type Fields = Omit<MeshView, "namespaces" | "nodes" | "edges">;

/** What turns one picture into the next. */
export interface MeshDelta {
  /** those fields of the picture that say something else now, whole */
  readonly fields: Partial<Fields>;
  /** by name */
  readonly namespaces: ListDelta<NamespaceView>;
  /** by id, as the edges */
  readonly nodes: ListDelta<NodeView>;
  readonly edges: ListDelta<EdgeView>;
}

const byName: KeyOf<NamespaceView> = ({ name }) => name;
const byId: KeyOf<NodeView | EdgeView> = ({ id }) => id;

// all that is no list of things with a key
const FIELDS = Object.keys({
  schema: true, revision: true, capturedAtMs: true, mesh: true, window: true, sources: true, gaps: true, totals: true, attention: true,
} satisfies Record<keyof Fields, true>) as readonly (keyof Fields)[];

function pick(view: MeshView, wanted: (name: keyof Fields) => boolean): Partial<Fields> {
  return Object.fromEntries(FIELDS.filter(wanted).map((name) => [name, view[name]]));
}

/**
 * What changed from one picture to the next.
 *
 * @param most items of each list that may be named
 * @returns `undefined` where more changed, or an order: the next picture is to be taken whole
 */
export function meshDelta(before: MeshView, after: MeshView, most: number): MeshDelta | undefined {
  const edges = listDelta<EdgeView>([before.edges, after.edges], byId, most);
  const nodes = edges && listDelta<NodeView>([before.nodes, after.nodes], byId, most);
  const namespaces = nodes && listDelta<NamespaceView>([before.namespaces, after.namespaces], byName, most);
  if (edges === undefined || nodes === undefined || namespaces === undefined) return undefined;
  return { fields: pick(after, (name) => !sameJson(before[name], after[name])), namespaces, nodes, edges };
}

/** The picture after the change. What the change does not name is the very same object as before. */
export function withMeshDelta(before: MeshView, delta: MeshDelta): MeshView {
  return {
    ...before,
    ...delta.fields,
    namespaces: withListDelta(before.namespaces, delta.namespaces, byName),
    nodes: withListDelta<NodeView>(before.nodes, delta.nodes, byId),
    edges: withListDelta<EdgeView>(before.edges, delta.edges, byId),
  };
}

/** `after`, made of the objects of `before` wherever they say the same: who draws it sees what did not change. */
export function reusedView(before: MeshView, after: MeshView): MeshView {
  return {
    ...after,
    ...pick(before, (name) => sameJson(before[name], after[name])),
    namespaces: reusedList(before.namespaces, after.namespaces, byName),
    nodes: reusedList<NodeView>(before.nodes, after.nodes, byId),
    edges: reusedList<EdgeView>(before.edges, after.edges, byId),
  };
}
