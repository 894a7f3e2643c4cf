"use client";
import { lengthText } from "#time-spans";
import type { MeshView } from "#view";
import { moment } from "../numbers.ts";
import { LiveStatus } from "./LiveStatus.tsx";
import { NamespacePicker } from "./NamespacePicker.tsx";
import { Search } from "./Search.tsx";
import { ThemeToggle } from "./ThemeToggle.tsx";
import { WindowPicker } from "./WindowPicker.tsx";

function windowTitle({ window: { startMs, endMs, lookBackStartMs } }: MeshView): string {
  return `Counts are from ${moment(startMs)} to ${moment(endMs)}. What was seen since ${moment(lookBackStartMs)} and not in the window is idle.`;
}

/** The one window of a saved state. */
function SavedWindow({ view }: { readonly view: MeshView }) {
  return (
    <p className="hidden items-center gap-1.5 whitespace-nowrap md:flex" title={windowTitle(view)}>
      <span className="text-quiet">window</span>
      <span>{lengthText(view.window.seconds)}</span>
    </p>
  );
}

/** One bar, on every page: what is looked at, over which time, how fresh, and the search. */
export function TopBar({ view }: { readonly view: MeshView | undefined }) {
  return (
    <header className="relative flex h-12 shrink-0 items-center gap-1.5 border-b border-line px-2 md:gap-4 md:px-4">
      {view !== undefined && <NamespacePicker view={view} />}
      {view === undefined || view.mesh.savedAtMs === null ? <WindowPicker title={view === undefined ? undefined : windowTitle(view)} /> : <SavedWindow view={view} />}
      {view !== undefined && (
        <>
          {view.window.followed && <LiveStatus />}
          <Search view={view} />
        </>
      )}
      <div className={`shrink-0 ${view === undefined ? "ml-auto" : ""}`}>
        <ThemeToggle />
      </div>
    </header>
  );
}
