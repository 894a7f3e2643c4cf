import type { LayoutBox, MeshLayout, MeshView, NodeView, Point, Rectangle } from "#view";
import { NODE_SIZE } from "#layout";
import { parallels } from "./curve.ts";
import type { Curve } from "./curve.ts";
import { edgeLine, STATE_ORDER } from "./edgeLine.ts";
import type { EdgeLine } from "./edgeLine.ts";
import type { GraphVisible } from "./graphProps.ts";
import { bundleEdges } from "./bundles.ts";
import type { Bundled } from "./bundles.ts";
import { markPlaces } from "./markPlaces.ts";
import { partyGroups } from "./parties.ts";
import type { PartyGroup } from "./parties.ts";
import { routesOf } from "./routes.ts";
import type { Routes } from "./routes.ts";
import { nodeLabel, nodeLook } from "./nodeLook.ts";
import type { NodeLook } from "./nodeLook.ts";

export interface DrawnNode {
  readonly id: string;
  /** one or two lines */
  readonly label: string;
  readonly centre: Point;
  readonly place: Rectangle;
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
  readonly curve: Curve;
  readonly mark: Point;
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
  /** for the view from far: one line per pair of boxes or parties and state */
  readonly bundled: Bundled;
  readonly parties: readonly PartyGroup[];
  /** what a node is part of as seen from far: its box, or a group of parties */
  readonly homes: ReadonlyMap<string, string>;
}

export function graphModel(view: MeshView, layout: MeshLayout, visible: GraphVisible): GraphModel {
  const boxes = layout.boxes.map((box, index) => ({ ...box, id: `${index}:${box.namespace}` }));
  const centres = new Map(layout.nodes.map(({ id, x, y }) => [id, { x, y }]));
  const nodes = view.nodes.flatMap((node) => {
    const centre = centres.get(node.id);
    return centre === undefined ? [] : [drawnNode(node, { centre, boxes, hidden: !visible.nodes.has(node.id) })];
  });
  const routes = routesOf(layout, nodes.map((node) => node.place), view.edges.length);
  const edges = drawnEdges(view, { nodes, routes, visible });
  const occupied = new Set(nodes.filter((node) => !node.hidden).map((node) => node.box));
  const accepts = new Map(view.namespaces.map((namespace) => [namespace.name, acceptsWords(namespace.accepts)]));
  const drawnBoxes = boxes.map((box) => ({ ...box, accepts: accepts.get(box.namespace) ?? "", hidden: !occupied.has(box.id) }));
  const parties = partyGroups({ boxes, nodes, edges: view.edges });
  const homes = new Map([...nodes.map((node) => [node.id, node.box ?? node.id] as const), ...parties.flatMap(({ id, members }) => members.map((member) => [member, id] as const))]);
  const shown = new Set(edges.filter((edge) => !edge.hidden).map((edge) => edge.id));
  return { boxes: drawnBoxes, nodes, edges, parties, homes, bundled: bundleEdges(view, { places: [...boxes, ...parties.map(({ id, place }) => ({ id, ...place }))], homes, shown }) };
}

interface Standing {
  readonly centre: Point;
  readonly boxes: readonly (Rectangle & { readonly id: string })[];
  readonly hidden: boolean;
}

function drawnNode(node: NodeView, { centre, boxes, hidden }: Standing): DrawnNode {
  const box = boxes.find(({ x, y, width, height }) => centre.x > x && centre.x < x + width && centre.y > y && centre.y < y + height);
  const place = { x: centre.x - NODE_SIZE.width / 2, y: centre.y - NODE_SIZE.height / 2, ...NODE_SIZE };
  return { id: node.id, label: nodeLabel(node), centre, place, box: box?.id ?? null, look: nodeLook(node), hidden };
}

const RANKS = new Map(STATE_ORDER.map((state, at) => [state, at]));

interface Drawn {
  readonly nodes: readonly DrawnNode[];
  readonly routes: Routes;
  readonly visible: GraphVisible;
}

function drawnEdges(view: MeshView, { nodes, routes, visible }: Drawn): DrawnEdge[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const among = parallels(view.edges);
  const placed = view.edges.flatMap((edge) => {
    const [from, to, parallel] = [byId.get(edge.client), byId.get(edge.server), among.get(edge.id)];
    if (from === undefined || to === undefined || parallel === undefined) return [];
    return [{ edge, curve: routes.between(from.place, to.place, parallel), hidden: from.hidden || to.hidden || !visible.edges.has(edge.id) }];
  });
  const wanted = placed
    .filter(({ hidden }) => !hidden)
    .sort((a, b) => (RANKS.get(a.edge.state) ?? 0) - (RANKS.get(b.edge.state) ?? 0))
    .map(({ edge, curve }) => ({ id: edge.id, curve }));
  const marks = markPlaces(wanted, nodes.map((node) => node.place));
  return placed.map(({ edge, curve, hidden }) => ({
    id: edge.id,
    client: edge.client,
    server: edge.server,
    line: edgeLine(edge, view.window.seconds),
    curve,
    mark: marks.get(edge.id) ?? curve.start,
    disagreement: edge.disagreement !== null,
    hidden,
  }));
}

/** What the namespace's ports accept, where few words say it. */
function acceptsWords(accepts: MeshView["namespaces"][number]["accepts"]): string {
  const modes = [...new Set(accepts.filter((answer) => answer.ports > 0).map((answer) => answer.mode))];
  return modes.length > 2 ? "several modes" : modes.join(", ");
}
