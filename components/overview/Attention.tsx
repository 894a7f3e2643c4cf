"use client";
import { CircleAlert, CircleHelp, FileCheck2, type LucideIcon } from "lucide-react";
import { useMemo } from "react";
import type { AttentionView, EdgeState, MeshView } from "#view";
import type { Selection } from "../address/address.ts";
import { useAddress } from "../address/useAddress.ts";
import { ago } from "../numbers.ts";
import { StateGlyph } from "../state/StateGlyph.tsx";
import { worstFirst } from "../state/worstFirst.ts";
import { WORDS } from "../words.ts";

const SHOWN = 12;

const MARKS: Readonly<Record<AttentionView["kind"], EdgeState | LucideIcon>> = {
  plaintext: "plaintext",
  refused: "blocked",
  "expected blocked": "expected blocked",
  disagreement: CircleAlert,
  ready: FileCheck2,
  gap: CircleHelp,
};

function Mark({ kind }: { readonly kind: AttentionView["kind"] }) {
  const mark = MARKS[kind];
  if (typeof mark === "string") return <StateGlyph state={mark} size={15} />;
  const Icon = mark;
  return <Icon aria-hidden="true" size={15} className="shrink-0 text-quiet" />;
}

function selectionOf(item: AttentionView, view: MeshView): Selection | null {
  if (item.edge !== null) return { kind: "edge", id: item.edge };
  if (item.node !== null) {
    const isWorkload = view.nodes.find((node) => node.id === item.node)?.kind === "workload";
    return { kind: isWorkload ? "workload" : "node", id: item.node };
  }
  const proposal = item.kind === "ready" ? view.namespaces.find(({ name }) => name === item.namespace)?.readiness.proposal : undefined;
  if (proposal !== undefined && proposal !== null) return { kind: "proposal", id: proposal };
  return item.namespace === null ? null : { kind: "namespace", id: item.namespace };
}

function Item({ item, view }: { readonly item: AttentionView; readonly view: MeshView }) {
  const { select } = useAddress();
  const selection = selectionOf(item, view);
  const line = (
    <>
      <span className="mt-0.75">
        <Mark kind={item.kind} />
      </span>
      <span className="min-w-0 flex-1 [overflow-wrap:anywhere]">
        <span className="sr-only">{item.kind}: </span>
        {item.sentence}
      </span>
      {item.atMs !== null && <span className="mt-0.5 shrink-0 text-xs text-quiet tabular-nums">{ago(item.atMs, view.capturedAtMs)}</span>}
    </>
  );
  if (selection === null) return <p className="flex gap-2.5 px-3 py-2">{line}</p>;
  return (
    <button
      type="button"
      onClick={() => {
        select(selection);
      }}
      className="focus-inset flex w-full gap-2.5 px-3 py-2 text-left hover:bg-hover"
    >
      {line}
    </button>
  );
}

/** Within a kind, an order that a newer sighting does not change: nothing moves on refresh. */
function steady(view: MeshView): readonly AttentionView[] {
  const edges = new Map(view.edges.map((edge) => [edge.id, edge]));
  const kinds = [...new Set(view.attention.map(({ kind }) => kind))];
  return kinds.flatMap((kind) =>
    view.attention
      .filter((item) => item.kind === kind)
      .sort((a, b) => {
        const [left, right] = [edges.get(a.edge ?? ""), edges.get(b.edge ?? "")];
        return left === undefined || right === undefined ? Number(left === undefined) - Number(right === undefined) : worstFirst(left, right);
      }),
  );
}

function inNamespaces(item: AttentionView, namespaces: readonly string[], view: MeshView): boolean {
  const namespace = item.namespace ?? view.nodes.find(({ id }) => id === item.node)?.namespace;
  return namespaces.length === 0 || namespace === undefined || namespaces.includes(namespace);
}

/** What needs a person, most urgent first; each opens what it speaks of. */
export function Attention({ view }: { readonly view: MeshView }) {
  const { namespaces } = useAddress();
  const inScope = useMemo(() => steady(view).filter((item) => inNamespaces(item, namespaces, view)), [view, namespaces]);
  return (
    <section aria-labelledby="attention">
      <h2 id="attention" className="mb-2 font-semibold">
        What needs you
      </h2>
      {inScope.length === 0 ? (
        <p className="text-quiet">{WORDS.nothingNeedsYou}</p>
      ) : (
        <ul className="max-h-80 scroll-area rounded-lg border border-line" tabIndex={inScope.length > 6 ? 0 : undefined} aria-label="What needs you">
          {inScope.slice(0, SHOWN).map((item) => (
            <li key={`${item.kind} ${item.sentence}`} className="border-t border-line first:border-t-0">
              <Item item={item} view={view} />
            </li>
          ))}
          {inScope.length > SHOWN && <li className="border-t border-line px-3 py-2 text-sm text-quiet">and {inScope.length - SHOWN} more</li>}
        </ul>
      )}
    </section>
  );
}
