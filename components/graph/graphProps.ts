import type { EdgeView, MeshView } from "#view";

export type EdgeState = EdgeView["state"];
export type Theme = "light" | "dark";

/** What is selected. A namespace is named by its name, nodes and edges by the ids of the MeshView. */
export interface GraphSelection {
  readonly kind: "node" | "edge" | "namespace";
  readonly id: string;
}

/** What the pointer can be over: from far also parties that are one mark there. */
export type GraphThing = GraphSelection | { readonly kind: "parties"; readonly id: string };

/** What the filters left: ids of nodes and edges; the same object while nothing changes. What is not in here keeps its place and is not drawn. */
export interface GraphVisible {
  readonly nodes: ReadonlySet<string>;
  readonly edges: ReadonlySet<string>;
}

export interface MeshGraphProps {
  readonly view: MeshView;
  readonly visible: GraphVisible;
  readonly selection: GraphSelection | null;
  /** `null` when the background is clicked or Escape is pressed */
  readonly onSelect: (selection: GraphSelection | null) => void;
  readonly theme: Theme;
}

export interface LegendProps {
  /** edges of each state before the states themselves are filtered; a state that is missing counts 0 */
  readonly counts: readonly { readonly state: EdgeState; readonly edges: number }[];
  /** of those that are mTLS, how many are in part unclear; and whether only what is unclear is drawn */
  readonly partlyUnclear: number;
  readonly onlyUnclear: boolean;
  readonly onOnlyUnclear: () => void;
  /** states that are drawn now */
  readonly shown: ReadonlySet<EdgeState>;
  readonly onToggle: (state: EdgeState) => void;
}
