"use client";
import { useEffect, type ReactNode } from "react";
import { useAddress } from "../address/useAddress.ts";
import { useMisread } from "../address/useMisread.ts";
import { useMeshView } from "../data/queries.ts";
import { Panel } from "../panels/Panel.tsx";
import { WORDS } from "../words.ts";
import { AsAddressed, ScopeNotice } from "./AddressState.tsx";
import { NoticeLine } from "./NoticeLine.tsx";
import { Rail } from "./Rail.tsx";
import { Shortcuts } from "./Shortcuts.tsx";
import { TopBar } from "./TopBar.tsx";
import { WindowNotice } from "./WindowNotice.tsx";

/** Escape closes the panel, unless something nearer to the focus took the key. */
function useEscape(): void {
  const { selection, select } = useAddress();
  useEffect(() => {
    if (selection === null) return;
    const onKey = (event: KeyboardEvent) => {
      const taken = event.defaultPrevented || document.querySelector("dialog[open]") !== null;
      if (event.key === "Escape" && !taken) select(null);
    };
    document.addEventListener("keydown", onKey);
    return () => {
      document.removeEventListener("keydown", onKey);
    };
  }, [selection, select]);
}

/** What stands on every page: rail, bar, notice line, and the panel of what is selected. */
export function Frame({ children }: { readonly children: ReactNode }) {
  const { data } = useMeshView();
  const isUnderstood = useMisread().length === 0;
  useEscape();
  return (
    <div className="flex h-dvh flex-col md:flex-row">
      <a href="#content" className="sr-only z-50 rounded-md bg-text px-3 py-1.5 text-inverse focus:not-sr-only focus:absolute focus:top-2 focus:left-2">
        {WORDS.skip}
      </a>
      <Shortcuts />
      <Rail view={data} />
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        <TopBar view={data} />
        {data === undefined ? <div className="h-8.25 shrink-0 border-b border-line bg-surface" /> : <NoticeLine view={data} />}
        {data !== undefined && isUnderstood && <WindowNotice view={data} />}
        {data !== undefined && isUnderstood && <ScopeNotice view={data} />}
        <div className="relative flex min-h-0 flex-1">
          <main id="content" tabIndex={-1} className="@container min-w-0 flex-1 scroll-area outline-none">
            <AsAddressed view={data}>{children}</AsAddressed>
          </main>
          {isUnderstood && <Panel />}
        </div>
      </div>
    </div>
  );
}
