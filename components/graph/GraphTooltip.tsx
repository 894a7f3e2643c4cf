import type { ReactNode } from "react";
import type { MeshView } from "#view";
import { isolated } from "../isolated.ts";
import type { GraphModel } from "./graphModel.ts";
import type { GraphThing } from "./graphProps.ts";
import { nodeSentence, partiesWords } from "./nodeLook.ts";
import type { Hover } from "./useMeshDrawing.ts";

interface GraphTooltipProps {
  readonly view: MeshView;
  readonly model: GraphModel;
  readonly hover: Hover;
}

/** Names come from the cluster: they are text here, whatever they hold. */
export function GraphTooltip({ view, model, hover }: GraphTooltipProps): ReactNode {
  const words = hover.thing.kind === "parties" ? partiesWordsOf(view, model, hover.thing.id) : wordsOf(view, hover.thing);
  if (words === null) return null;
  return (
    <div className="pointer-events-none absolute z-10 max-w-80 rounded-md border border-line bg-raised px-2.5 py-1.5 text-sm shadow-float" style={{ left: `min(${hover.at.x + 14}px, calc(100% - 20.5rem))`, top: `min(${hover.at.y + 14}px, calc(100% - 6rem))` }}>
      <div className="font-medium break-words">{words.title}</div>
      <div className="break-words text-quiet">{words.sentence}</div>
      {words.note === null ? null : <div className="mt-0.5 break-words">≠ {words.note}</div>}
    </div>
  );
}

interface Words {
  readonly title: string;
  readonly sentence: string;
  readonly note: string | null;
}

function partiesWordsOf(view: MeshView, { parties }: GraphModel, id: string): Words | null {
  const members = new Set(parties.find((group) => group.id === id)?.members);
  const nodes = view.nodes.filter((node) => members.has(node.id));
  return nodes.length === 0 ? null : { ...partiesWords(nodes), note: null };
}

function wordsOf(view: MeshView, thing: GraphThing): Words | null {
  if (thing.kind === "edge") {
    const edge = view.edges.find((candidate) => candidate.id === thing.id);
    return edge === undefined ? null : { title: isolated(`${edge.client} → ${edge.server}`), sentence: edge.sentence, note: edge.disagreement?.text ?? null };
  }
  const node = view.nodes.find((candidate) => candidate.id === thing.id);
  return node === undefined || thing.kind !== "node" ? null : { title: node.kind === "workload" ? node.id : node.name, sentence: nodeSentence(node), note: null };
}
