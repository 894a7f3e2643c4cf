import type { LayoutBox, MeshLayout, MeshView, NodeView, Point, Rectangle } from "#view";
import { NODE_SIZE } from "#view";
import { bendOf, curveBetween, markPlaces } from "./curve.ts";
import { edgeLine, STATE_ORDER } from "./edgeLine.ts";
import type { EdgeLine } from "./edgeLine.ts";
import type { GraphVisible } from "./graphProps.ts";
import { bundleEdges } from "./bundles.ts";
import type { Bundled } from "./bundles.ts";
import { nodeLook } from "./nodeLook.ts";
import type { NodeLook } from "./nodeLook.ts";

export interface DrawnNode {
  readonly id: string;
  readonly name: string;
  readonly centre: Point;
  /** of the box it stands in; `null` for a party beside one */
  readonly box: string | null;
  readonly look: NodeLook;
  readonly hidden: boolean;
}

export interface DrawnEdge {
  readonly id: string;
  /** ids of nodes */
  readonly client: string;
  readonly server: string;
  readonly line: EdgeLine;
  readonly bend: number;
  /** `null` for a loop, whose middle its drawer knows */
  readonly mark: Point | null;
  readonly disagreement: boolean;
  readonly hidden: boolean;
}

export interface DrawnBox extends LayoutBox {
  readonly id: string;
  readonly accepts: string;
  readonly hidden: boolean;
}

/** Everything the drawing needs, and nothing of how it is drawn. Plain data; each refresh makes a new one. */
export interface GraphModel {
  readonly boxes: readonly DrawnBox[];
  readonly nodes: readonly DrawnNode[];
  readonly edges: readonly DrawnEdge[];
  /** for the view from far: one line per pair of boxes and state */
  readonly bundled: Bundled;
}

export function graphModel(view: MeshView, layout: MeshLayout, visible: GraphVisible): GraphModel {
  const boxes = layout.boxes.map((box, index) => ({ ...box, id: `${index}:${box.namespace}` }));
  const centres = new Map(layout.nodes.map(({ id, x, y }) => [id, { x, y }]));
  const nodes = view.nodes.flatMap((node) => drawnNode(node, { centre: centres.get(node.id), boxes, hidden: !visible.nodes.has(node.id) }));
  const hidden = new Set(nodes.filter((node) => node.hidden).map((node) => node.id));
  const edges = drawnEdges(view, centres, (id, client, server) => !visible.edges.has(id) || hidden.has(client) || hidden.has(server));
  const seen = new Set(nodes.filter((node) => !node.hidden).map((node) => node.box));
  const accepts = new Map(view.namespaces.map((namespace) => [namespace.name, acceptsWords(namespace.accepts)]));
  return {
    boxes: boxes.map((box) => ({ ...box, accepts: accepts.get(box.namespace) ?? "", hidden: !seen.has(box.id) })),
    nodes,
    edges,
    bundled: bundleEdges(view, nodes, new Set(edges.filter((edge) => !edge.hidden).map((edge) => edge.id))),
  };
}

interface Standing {
  readonly centre: Point | undefined;
  readonly boxes: readonly (Rectangle & { readonly id: string })[];
  readonly hidden: boolean;
}

function drawnNode(node: NodeView, { centre, boxes, hidden }: Standing): DrawnNode[] {
  if (centre === undefined) return [];
  const box = boxes.find(({ x, y, width, height }) => centre.x > x && centre.x < x + width && centre.y > y && centre.y < y + height);
  return [{ id: node.id, name: node.name, centre, box: box?.id ?? null, look: nodeLook(node), hidden }];
}

function drawnEdges(view: MeshView, centres: ReadonlyMap<string, Point>, isHidden: (id: string, client: string, server: string) => boolean): DrawnEdge[] {
  const among = parallels(view);
  const placed = view.edges.flatMap((edge) => {
    const [from, to] = [centres.get(edge.client), centres.get(edge.server)];
    const of = among.get(edge.id);
    if (from === undefined || to === undefined || of === undefined) return [];
    return [{ edge, from, to, bend: bendOf(from, to, of), hidden: isHidden(edge.id, edge.client, edge.server) }];
  });
  const rank = new Map(STATE_ORDER.map((state, at) => [state, at]));
  const wanted = placed
    .filter(({ edge, hidden }) => !hidden && edge.client !== edge.server)
    .sort((a, b) => (rank.get(a.edge.state) ?? 0) - (rank.get(b.edge.state) ?? 0))
    .map(({ edge, from, to, bend }) => ({ id: edge.id, curve: curveBetween(from, to, bend) }));
  const taken = [...centres.values()].map(({ x, y }) => ({ x: x - NODE_SIZE.width / 2, y: y - NODE_SIZE.height / 2, ...NODE_SIZE }));
  const marks = markPlaces(wanted, taken);
  return placed.map(({ edge, bend, hidden }) => ({
    id: edge.id,
    client: edge.client,
    server: edge.server,
    line: edgeLine(edge, view.window.seconds),
    bend,
    mark: marks.get(edge.id) ?? null,
    disagreement: edge.disagreement !== null,
    hidden,
  }));
}

/** Place of each edge among those between the same two nodes, whichever way they run. */
function parallels(view: MeshView): ReadonlyMap<string, { readonly index: number; readonly count: number; readonly turned: boolean }> {
  const pairs = new Map<string, { id: string; turned: boolean }[]>();
  for (const { id, client, server } of view.edges) {
    const turned = client > server;
    const key = turned ? `${server}\n${client}` : `${client}\n${server}`;
    const pair = pairs.get(key) ?? [];
    pair.push({ id, turned });
    pairs.set(key, pair);
  }
  const places = new Map<string, { index: number; count: number; turned: boolean }>();
  for (const pair of pairs.values()) {
    for (const [index, { id, turned }] of pair.entries()) places.set(id, { index, count: pair.length, turned });
  }
  return places;
}

/** What the namespace's ports accept, where one word says it. */
function acceptsWords(accepts: MeshView["namespaces"][number]["accepts"]): string {
  const modes = [...new Set(accepts.filter((answer) => answer.ports > 0).map((answer) => answer.mode))];
  return modes.length > 2 ? "several modes" : modes.join(", ");
}
