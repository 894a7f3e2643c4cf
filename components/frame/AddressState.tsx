"use client";
import type { ReactNode } from "react";
import type { MeshView } from "#view";
import { unknownNamespaces } from "../address/scope.ts";
import { useAddress } from "../address/useAddress.ts";
import { useMisread } from "../address/useMisread.ts";
import { PAGES } from "../words.ts";

const BUTTON = "h-8 rounded-md border border-line px-3 hover:bg-hover";
const SMALL_BUTTON = "h-6 rounded-md border border-line px-2 hover:bg-hover";

function nothingKnown(names: readonly string[]): string {
  return `No workload and no traffic is known of ${names.length === 1 ? "a namespace" : "namespaces"} ${names.map((name) => `“${name}”`).join(" and ")}.`;
}

function NotUnderstood({ sentences }: { readonly sentences: readonly string[] }) {
  const { go } = useAddress();
  return (
    <div role="alert" className="m-4 max-w-prose rounded-lg border border-line p-4">
      <h1 className="font-semibold">This address is not understood</h1>
      {sentences.map((sentence) => (
        <p key={sentence} className="mt-2 [overflow-wrap:anywhere]">
          {sentence}
        </p>
      ))}
      <button
        type="button"
        onClick={() => {
          go({});
        }}
        className={`mt-3 ${BUTTON}`}
      >
        Show it without that
      </button>
    </div>
  );
}

function NothingThere({ names }: { readonly names: readonly string[] }) {
  const { go } = useAddress();
  return (
    <div role="alert" className="m-4 max-w-prose rounded-lg border border-line p-4">
      <h1 className="font-semibold">Nothing is there to judge</h1>
      <p className="mt-2 [overflow-wrap:anywhere]">{nothingKnown(names)} It may be misspelt, gone, or outside of what mtlscope may read.</p>
      <button
        type="button"
        onClick={() => {
          go({ namespaces: [] });
        }}
        className={`mt-3 ${BUTTON}`}
      >
        Show all namespaces
      </button>
    </div>
  );
}

/** Names those of several chosen namespaces that nothing is known of. */
export function ScopeNotice({ view }: { readonly view: MeshView }) {
  const { namespaces, go } = useAddress();
  const unknown = unknownNamespaces(view, namespaces);
  if (unknown.length === 0 || unknown.length === namespaces.length) return null;
  return (
    <div role="status" className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-surface px-4 py-1.5 text-sm">
      <span>{nothingKnown(unknown)}</span>
      <button
        type="button"
        onClick={() => {
          go({ namespaces: namespaces.filter((name) => !unknown.includes(name)) });
        }}
        className={SMALL_BUTTON}
      >
        Show the others
      </button>
    </div>
  );
}

/** The page, unless its address asks for what does not exist: then that, for the page would answer another question. */
export function AsAddressed({ view, children }: { readonly view: MeshView | undefined; readonly children: ReactNode }) {
  const { path, namespaces } = useAddress();
  const sentences = useMisread();
  if (sentences.length > 0) return <NotUnderstood sentences={sentences} />;
  const heedsScope = PAGES.some((page) => page.path === path);
  const unknown = view === undefined || !heedsScope ? [] : unknownNamespaces(view, namespaces);
  if (unknown.length > 0 && unknown.length === namespaces.length) return <NothingThere names={unknown} />;
  return children;
}
