import type { ReactNode } from "react";

interface GraphControlsProps {
  readonly onFit: () => void;
  readonly onZoom: (factor: number) => void;
  readonly onRearrange: () => void;
}

const STEP = 1.3;

export function GraphControls({ onFit, onZoom, onRearrange }: GraphControlsProps): ReactNode {
  const buttons = [
    { label: "Zoom in", path: "M8 3.5v9M3.5 8h9", press: () => { onZoom(STEP); } },
    { label: "Zoom out", path: "M3.5 8h9", press: () => { onZoom(1 / STEP); } },
    { label: "Fit everything", path: "M3 6V3h3M10 3h3v3M13 10v3h-3M6 13H3v-3", press: onFit },
    { label: "Re-arrange: lay everything out anew", path: "M2.5 3h4v3h-4zM2.5 10h4v3h-4zM10 6.5h4v3h-4zM6.5 4.5 10 8l-3.5 3.5", press: onRearrange },
  ];
  return (
    <div role="group" aria-label="Viewport of the graph" className="absolute right-3 bottom-3 flex overflow-hidden rounded-lg border border-line bg-raised shadow-float">
      {buttons.map(({ label, path, press }) => (
        <button key={label} type="button" title={label} aria-label={label} onClick={press} className="focus-inset flex size-8 items-center justify-center text-quiet hover:bg-hover hover:text-text">
          <svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" strokeWidth="1.4" strokeLinecap="round" strokeLinejoin="round" aria-hidden="true">
            <path d={path} />
          </svg>
        </button>
      ))}
    </div>
  );
}
