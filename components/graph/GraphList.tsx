import { useId, useMemo } from "react";
import type { KeyboardEvent, ReactNode } from "react";
import type { MeshView } from "#view";
import type { GraphModel } from "./graphModel.ts";
import type { GraphSelection } from "./graphProps.ts";
import { nodeSentence } from "./nodeLook.ts";

interface GraphListProps {
  readonly view: MeshView;
  readonly model: GraphModel;
  /** what the keyboard is at */
  readonly active: GraphSelection | null;
  readonly selection: GraphSelection | null;
  readonly helpId: string;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly onFocus: (focused: boolean) => void;
  readonly onPick: (thing: GraphSelection) => void;
}

interface Item {
  readonly thing: GraphSelection;
  readonly label: string;
}

/** Nothing on the screen reads more than this around where one is; the table has it all. */
const ITEMS_AROUND = 150;

/** What the canvas shows, as a list that only the keyboard and screen readers meet. It is one stop of the Tab key. */
export function GraphList({ view, model, active, selection, helpId, onKeyDown, onFocus, onPick }: GraphListProps): ReactNode {
  const idPrefix = useId();
  const items = useMemo(() => listItems(view, model), [view, model]);
  const at = Math.max(0, items.findIndex((item) => isSame(item.thing, active)));
  const first = Math.max(0, at - ITEMS_AROUND);
  const shown = items.slice(first, at + ITEMS_AROUND);
  return (
    <div
      role="listbox"
      tabIndex={0}
      aria-label="Workloads and connections in the graph"
      aria-describedby={helpId}
      aria-activedescendant={items.length === 0 ? undefined : `${idPrefix}${at}`}
      className="sr-only"
      onKeyDown={onKeyDown}
      onFocus={() => {
        onFocus(true);
      }}
      onBlur={() => {
        onFocus(false);
      }}
    >
      {shown.map((item, index) => (
        <div
          key={`${item.thing.kind}:${item.thing.id}`}
          id={`${idPrefix}${first + index}`}
          role="option"
          aria-selected={isSame(item.thing, selection)}
          aria-posinset={first + index + 1}
          aria-setsize={items.length}
          onClick={() => {
            onPick(item.thing);
          }}
        >
          {item.label}
        </div>
      ))}
    </div>
  );
}

function isSame(thing: GraphSelection, other: GraphSelection | null): boolean {
  return other !== null && thing.kind === other.kind && thing.id === other.id;
}

/** Each node, and after it the connections it opens. */
function listItems(view: MeshView, model: GraphModel): readonly Item[] {
  const names = new Map(view.nodes.map((node) => [node.id, node]));
  const sentences = new Map(view.edges.map((edge) => [edge.id, edge.sentence]));
  const edgesOf = new Map<string, GraphModel["edges"][number][]>();
  for (const edge of model.edges.filter(({ hidden }) => !hidden)) {
    const own = edgesOf.get(edge.client);
    if (own === undefined) edgesOf.set(edge.client, [edge]);
    else own.push(edge);
  }
  return model.nodes
    .filter((node) => !node.hidden)
    .flatMap((node) => {
      const seen = names.get(node.id);
      const own: Item = { thing: { kind: "node", id: node.id }, label: seen === undefined ? node.id : `${node.id}: ${nodeSentence(seen)}` };
      const edges = (edgesOf.get(node.id) ?? []).map((edge): Item => ({ thing: { kind: "edge", id: edge.id }, label: `${edge.client} to ${edge.server}: ${sentences.get(edge.id) ?? ""}` }));
      return [own, ...edges];
    });
}
