"use client";
import { ChevronDown } from "lucide-react";
import type { MeshView, SourceView } from "#view";
import { Prose } from "../Prose.tsx";
import { useConnection } from "../data/Live.tsx";
import { ago, moment } from "../numbers.ts";
import { WORDS } from "../words.ts";
import { blindSummary } from "./blindSummary.ts";
import { Playground } from "./Playground.tsx";
import { Popover } from "./Popover.tsx";

const LINK = "flex min-h-6 items-center gap-1 rounded-md px-1.5 hover:bg-hover hover:text-text";

function Source({ source, nowMs }: { readonly source: SourceView; readonly nowMs: number }) {
  return (
    <li className="border-t border-line px-3 py-2 first:border-t-0">
      <p className="flex items-baseline gap-2">
        <span className="font-medium">{source.name}</span>
        <span className={source.state === "live" ? "text-quiet" : "font-medium"}>{source.state}</span>
        <span className="ml-auto text-xs text-quiet">{source.readAtMs === null ? "never read" : `read ${ago(source.readAtMs, nowMs)}`}</span>
      </p>
      {source.message !== "" && <p className="mt-0.5 text-sm text-quiet">{source.message}</p>}
    </li>
  );
}

function Blind({ view }: { readonly view: MeshView }) {
  return (
    <div className="text-base text-text">
      <h2 className="px-3 pt-3 pb-1 text-xs font-medium text-quiet">What mtlscope cannot see</h2>
      {view.gaps.length === 0 && <p className="px-3 pb-2 text-sm">{WORDS.noGaps}</p>}
      <ul>
        {view.gaps.map((gap) => (
          <li key={`${gap.wanted} ${gap.because}`} className="border-t border-line px-3 py-2 text-sm first:border-t-0">
            <span>
              <Prose text={gap.wanted} />
            </span>
            <span className="block text-quiet">
              <Prose text={gap.because} />
            </span>
          </li>
        ))}
      </ul>
      <h2 className="border-t border-line px-3 pt-3 pb-1 text-xs font-medium text-quiet">Sources</h2>
      <ul>
        {view.sources.map((source) => (
          <Source key={source.name} source={source} nowMs={view.capturedAtMs} />
        ))}
      </ul>
    </div>
  );
}

function Chip({ word }: { readonly word: string }) {
  return <span className="rounded-sm border border-line-strong px-1.5 text-xs leading-4.5 font-medium text-text">{word}</span>;
}

function Saved({ view, atMs }: { readonly view: MeshView; readonly atMs: number }) {
  return (
    <p className="flex flex-wrap items-center gap-x-2 px-1.5">
      <Chip word={WORDS.saved} />
      {view.mesh.simulated && <Chip word={WORDS.simulated} />}
      <span>
        <span className="text-text">{view.mesh.name}</span>, as of {moment(atMs)}; nothing is read again
      </span>
    </p>
  );
}

/** One quiet line: what is simulated or saved, and what cannot be seen. The only loud thing on it is a server that is lost or reads nothing. */
export function NoticeLine({ view }: { readonly view: MeshView }) {
  const { kind } = useConnection();
  return (
    <section aria-label="About this picture" className="shrink-0 border-b border-line bg-surface text-sm text-quiet">
      {(kind === "lost" || kind === "halted") && (
        <p role="alert" className="border-b border-line px-4 py-1.5 text-text">
          {kind === "lost" ? WORDS.cannotReach : WORDS.halted}
        </p>
      )}
      <div className="flex min-h-8 flex-wrap items-center gap-x-2 px-2 py-0.5 md:px-2.5">
        {view.mesh.savedAtMs !== null && <Saved view={view} atMs={view.mesh.savedAtMs} />}
        {view.mesh.savedAtMs === null && view.mesh.simulated && <Playground view={view} />}
        <Popover
          label={`What mtlscope cannot see: ${blindSummary(view)}`}
          className={LINK}
          width="w-[min(480px,calc(100vw-16px))]"
          button={
            <>
              <span className="text-left">{blindSummary(view)}</span>
              <ChevronDown aria-hidden="true" size={13} className="shrink-0" />
            </>
          }
        >
          {() => <Blind view={view} />}
        </Popover>
      </div>
    </section>
  );
}
