"use client";
import { CircleAlert, FileCheck2, type LucideIcon } from "lucide-react";
import Link from "next/link";
import { Fragment, useMemo } from "react";
import type { AttentionView, EdgeState, MeshView } from "#view";
import { NO_FILTERS, type Selection } from "../address/address.ts";
import { useAddress } from "../address/useAddress.ts";
import { ago, count, plural } from "../numbers.ts";
import { StateGlyph } from "../state/StateGlyph.tsx";
import { HAVING, WORDS } from "../words.ts";
import { concernsOf, type Concern, type Item } from "./concerns.ts";
import type { OverviewScope } from "./overviewScope.ts";

const MARKS: Readonly<Record<AttentionView["kind"], EdgeState | LucideIcon>> = {
  "past STRICT": CircleAlert,
  plaintext: "plaintext",
  "unreported plaintext": "unclear",
  refused: "blocked",
  "expected blocked": "expected blocked",
  disagreement: CircleAlert,
  ready: FileCheck2,
};

/** What the rest of a kind is, after its number. */
const REST: Readonly<Record<AttentionView["kind"], string>> = {
  "past STRICT": HAVING.disagreement,
  plaintext: HAVING.plaintext,
  "unreported plaintext": HAVING.unreported,
  refused: HAVING.refused,
  "expected blocked": "that would be blocked now",
  disagreement: HAVING.disagreement,
  ready: "ready for STRICT",
};

function Mark({ kind }: { readonly kind: AttentionView["kind"] }) {
  const mark = MARKS[kind];
  if (typeof mark === "string") return <StateGlyph state={mark} size={15} />;
  const Icon = mark;
  return <Icon aria-hidden="true" size={15} className="shrink-0 text-quiet" />;
}

function selectionOf(item: Item, view: MeshView): Selection | null {
  if (item.edge !== null) return { kind: "edge", id: item.edge };
  const proposal = view.namespaces.find(({ name }) => name === item.namespace)?.readiness.proposal ?? null;
  if (proposal !== null) return { kind: "proposal", id: proposal };
  return item.namespace === null ? null : { kind: "namespace", id: item.namespace };
}

function Line({ item, view }: { readonly item: Item; readonly view: MeshView }) {
  const { select, href } = useAddress();
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
  if (item.filter !== null)
    return (
      <Link href={href("/connections", { ...NO_FILTERS, ...item.filter })} prefetch={false} className="focus-inset flex w-full gap-2.5 px-3 py-2 hover:bg-hover">
        {line}
      </Link>
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

/** Leads to all of a kind, in the list that knows them. */
function Rest({ concern: { kind, hidden, filter } }: { readonly concern: Concern }) {
  const { href } = useAddress();
  if (hidden === 0) return null;
  const to = filter === null ? href("/proposals", NO_FILTERS) : href("/connections", { ...NO_FILTERS, ...filter });
  return (
    <li className="border-t border-line">
      <Link href={to} prefetch={false} className="focus-inset block px-3 py-2 pl-9.5 text-sm text-quiet hover:bg-hover hover:text-text">
        {count(hidden)} more {REST[kind]}
      </Link>
    </li>
  );
}

/** An empty list is no good news while sources are still read, nor beside traffic that nobody reported. */
function nothing({ sources }: MeshView, { edges }: OverviewScope): string {
  if (sources.some(({ state }) => state === "starting")) return WORDS.nothingReadYet;
  const unclear = edges.filter(({ counts }) => counts.unclear > 0).length;
  return unclear === 0 ? WORDS.nothingNeedsYou : `${WORDS.nothingNeedsYou} Of ${plural(unclear, "connection")} nobody reported the security.`;
}

/** What needs a person, most urgent first: a few of each kind, each opening what it speaks of, and the way to the rest. */
export function Attention({ view, scope }: { readonly view: MeshView; readonly scope: OverviewScope }) {
  const { namespaces } = useAddress();
  const concerns = useMemo(() => concernsOf(view, scope.edges, namespaces), [view, scope, namespaces]);
  const rows = concerns.reduce((sum, { items }) => sum + items.length, 0);
  return (
    <section aria-labelledby="attention">
      <h2 id="attention" className="mb-2 font-semibold">
        What needs you
      </h2>
      {rows === 0 ? (
        <p className="text-quiet">{nothing(view, scope)}</p>
      ) : (
        <ul className="max-h-96 scroll-area rounded-lg border border-line" tabIndex={rows > 6 ? 0 : undefined} aria-label="What needs you">
          {concerns.map((concern) => (
            <Fragment key={concern.kind}>
              {concern.items.map((item) => (
                <li key={item.edge ?? item.namespace ?? item.sentence} className="border-t border-line first:border-t-0">
                  <Line item={item} view={view} />
                </li>
              ))}
              <Rest concern={concern} />
            </Fragment>
          ))}
        </ul>
      )}
    </section>
  );
}
