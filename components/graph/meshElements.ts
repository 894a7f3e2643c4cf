import type { Core, ElementDefinition } from "cytoscape";
import type { Emphasis } from "./emphasis.ts";
import type { GraphSelection } from "./graphProps.ts";
import type { Point } from "#view";
import type { DrawnBox, DrawnNode, GraphModel } from "./graphModel.ts";

/** One element as Cytoscape is to have it; `signature` tells whether it has changed since. */
export interface MeshElement {
  readonly definition: ElementDefinition & { readonly data: { readonly id: string }; readonly position: Point };
  readonly classes: string;
  readonly signature: string;
}

export type ElementKind = "node" | "box";

/** Nodes and boxes share Cytoscape's one space of ids. */
export function elementId(kind: ElementKind, id: string): string {
  return `${kind}:${id}`;
}

/** Edges are not among them: Cytoscape slows down with edges, so a canvas of their own draws them. */
export function meshElements(model: GraphModel): readonly MeshElement[] {
  return [...model.boxes.map(boxElement), ...model.nodes.map(nodeElement)];
}

function element(data: { readonly id: string } & Record<string, unknown>, classes: readonly (string | false)[], position: Point): MeshElement {
  const names = classes.filter((name) => name !== false).join(" ");
  return { definition: { data, position: { ...position } }, classes: names, signature: JSON.stringify([data, names, position]) };
}

function boxElement(box: DrawnBox): MeshElement {
  const centre = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const data = { id: elementId("box", box.id), kind: "namespace", of: box.namespace, width: box.width, height: box.height };
  return element(data, ["box", box.namespace === "" && "outside", box.hidden && "hidden"], centre);
}

function nodeElement(node: DrawnNode): MeshElement {
  const data = { id: elementId("node", node.id), kind: "node", of: node.id, label: node.label };
  return element(data, ["thing", `shape-${node.look.shape}`, node.box !== null && "boxed", node.hidden && "hidden"], node.centre);
}

/**
 * Adds, removes and alters only what differs from the last time; what is the same is not touched at all.
 *
 * @returns the signatures to compare with next time
 */
export function syncElements(cy: Core, model: GraphModel, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const wanted = meshElements(model);
  const after = new Map(wanted.map(({ definition, signature }) => [definition.data.id, signature]));
  cy.batch(() => {
    for (const id of before.keys()) if (!after.has(id)) cy.getElementById(id).remove();
    for (const { definition, classes, signature } of wanted) {
      if (before.get(definition.data.id) === signature) continue;
      const element = cy.getElementById(definition.data.id);
      if (element.empty()) cy.add({ ...definition, classes, pannable: true });
      else element.data(definition.data).position(definition.position).classes(classes);
    }
  });
  return after;
}

export function emphasizeElements(cy: Core, emphasis: Emphasis | null, selection: GraphSelection | null): void {
  const chosen = selection?.kind === "node" ? elementId("node", selection.id) : null;
  cy.batch(() => {
    for (const element of cy.nodes(".thing")) {
      element.toggleClass("dim", emphasis !== null && !emphasis.nodes.has(String(element.data("of"))));
      element.toggleClass("chosen", element.id() === chosen);
    }
  });
}
