import type { ElementDefinition } from "cytoscape";
import type { Bundle } from "./bundles.ts";
import type { EdgeLine } from "./edgeLine.ts";
import type { DrawnBox, DrawnEdge, DrawnNode, GraphModel } from "./graphModel.ts";

/** One element as Cytoscape is to have it; `signature` tells whether it has changed since. */
export interface MeshElement {
  readonly definition: ElementDefinition & { readonly data: { readonly id: string } };
  readonly classes: string;
  readonly signature: string;
}

export type ElementKind = "node" | "edge" | "box" | "bundle";

/** Nodes, edges and boxes share Cytoscape's one space of ids. */
export function elementId(kind: ElementKind, id: string): string {
  return `${kind}:${id}`;
}

/** In the order of drawing, ends before the edges between them. */
export function meshElements(model: GraphModel): readonly MeshElement[] {
  const boxes = new Set(model.boxes.map((box) => box.id));
  return [
    ...model.boxes.map(boxElement),
    ...model.nodes.map(nodeElement),
    ...model.edges.map(edgeElement),
    ...model.bundled.between.map((bundle) => bundleElement(bundle, boxes)),
  ];
}

function element(data: { readonly id: string } & Record<string, unknown>, classes: readonly (string | false)[], position?: { readonly x: number; readonly y: number }): MeshElement {
  const names = classes.filter((name) => name !== false).join(" ");
  const definition = position === undefined ? { data } : { data, position: { ...position } };
  return { definition, classes: names, signature: JSON.stringify([data, names, position]) };
}

function boxElement(box: DrawnBox): MeshElement {
  const centre = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const data = { id: elementId("box", box.id), kind: "namespace", of: box.namespace, width: box.width, height: box.height };
  return element(data, ["box", box.namespace === "" && "outside", box.hidden && "hidden"], centre);
}

function nodeElement(node: DrawnNode): MeshElement {
  const data = { id: elementId("node", node.id), kind: "node", of: node.id, name: node.name };
  return element(data, ["thing", `shape-${node.look.shape}`, node.box !== null && "boxed", node.hidden && "hidden"], node.centre);
}

function edgeElement(edge: DrawnEdge): MeshElement {
  const ends = { source: elementId("node", edge.client), target: elementId("node", edge.server) };
  const data = { id: elementId("edge", edge.id), kind: "edge", of: edge.id, ...ends, ...widths(edge.line), bend: edge.bend };
  const loop = edge.client === edge.server;
  return element(data, [...lineClasses(edge.line), "between", loop ? "loop" : edge.bend !== 0 && "bent", edge.hidden && "hidden"]);
}

function bundleElement(bundle: Bundle, boxes: ReadonlySet<string>): MeshElement {
  const end = (id: string) => elementId(boxes.has(id) ? "box" : "node", id);
  const data = { id: elementId("bundle", bundle.id), kind: "bundle", of: "", source: end(bundle.client), target: end(bundle.server), ...widths(bundle.line) };
  return element(data, [...lineClasses(bundle.line), "bundle"]);
}

function widths(line: EdgeLine): { readonly width: number; readonly bandPadding: number } {
  return { width: line.widthPx, bandPadding: line.band === null ? 0 : line.band.widthPx / 2 };
}

function lineClasses(line: EdgeLine): readonly (string | false)[] {
  const quiet = line.tone === "idle" || line.tone === "unclear";
  return [`tone-${line.tone}`, line.band !== null && `band-${line.band.tone}`, line.stroke !== "solid" && line.stroke, line.bar && "bar", quiet && "quiet"];
}
