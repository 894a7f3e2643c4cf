import type { GraphThing } from "./graphProps.ts";
import type { GraphModel } from "./graphModel.ts";

/** What stands out together with one thing: itself, its edges, and their other ends. */
export interface Emphasis {
  readonly nodes: ReadonlySet<string>;
  readonly edges: ReadonlySet<string>;
  /** as seen from far */
  readonly bundles: ReadonlySet<string>;
}

export function emphasisOf(model: GraphModel, thing: GraphThing): Emphasis {
  const own = ownNodes(model, thing);
  const edges = model.edges.filter((edge) => !edge.hidden && (thing.kind === "edge" ? edge.id === thing.id : own.has(edge.client) || own.has(edge.server)));
  const ends = new Set([...own].flatMap((node) => model.homes.get(node) ?? []));
  return {
    bundles: new Set(model.bundled.between.filter((bundle) => ends.has(bundle.client) || ends.has(bundle.server)).map((bundle) => bundle.id)),
    nodes: new Set([...own, ...edges.flatMap((edge) => [edge.client, edge.server])]),
    edges: new Set(edges.map((edge) => edge.id)),
  };
}

function ownNodes(model: GraphModel, thing: GraphThing): ReadonlySet<string> {
  switch (thing.kind) {
    case "node":
      return new Set([thing.id]);
    case "edge":
      return new Set();
    case "parties":
      return new Set(model.parties.find(({ id }) => id === thing.id)?.members);
    case "namespace": {
      const boxes = new Set(model.boxes.filter((box) => box.namespace === thing.id).map((box) => box.id));
      return new Set(model.nodes.filter((node) => node.box !== null && boxes.has(node.box)).map((node) => node.id));
    }
  }
}
