"use client";
import type { MeshView } from "#view";
import { clockTime, duration, moment } from "../numbers.ts";
import { LiveStatus } from "./LiveStatus.tsx";
import { NamespacePicker } from "./NamespacePicker.tsx";
import { Search } from "./Search.tsx";
import { ThemeToggle } from "./ThemeToggle.tsx";

function WindowLabel({ view }: { readonly view: MeshView }) {
  const { startMs, endMs, seconds, lookBackStartMs } = view.window;
  return (
    <p
      className="hidden items-center gap-1.5 whitespace-nowrap md:flex"
      title={`Counts are from ${moment(startMs)} to ${moment(endMs)}. What was seen since ${moment(lookBackStartMs)} and not in the window is idle.`}
    >
      <span className="text-quiet">window</span>
      <span>last {duration(seconds)}</span>
      <span className="hidden text-sm text-quiet tabular-nums xl:inline">
        {clockTime(startMs)} – {clockTime(endMs)}
      </span>
    </p>
  );
}

/** One bar, on every page: what is looked at, over which time, how fresh, and the search. */
export function TopBar({ view }: { readonly view: MeshView | undefined }) {
  return (
    <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line px-2 md:gap-4 md:px-4">
      {view !== undefined && (
        <>
          <NamespacePicker view={view} />
          <WindowLabel view={view} />
          <LiveStatus />
          <div className="ml-auto min-w-0 flex-1 md:max-w-80">
            <Search view={view} />
          </div>
        </>
      )}
      <div className={view === undefined ? "ml-auto" : ""}>
        <ThemeToggle />
      </div>
    </header>
  );
}
