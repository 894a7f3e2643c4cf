"use client";

import { useId, useState } from "react";
import type { KeyboardEvent, ReactNode } from "react";
import { GraphControls } from "./GraphControls.tsx";
import { GraphList } from "./GraphList.tsx";
import { GraphTooltip } from "./GraphTooltip.tsx";
import type { GraphSelection, MeshGraphProps } from "./graphProps.ts";
import { nodeTowards, pressKey } from "./keyboard.ts";
import { useMeshDrawing } from "./useMeshDrawing.ts";

/**
 * The mesh as a graph, as large as the element around it. Arrow keys move from node to node, Shift with left or right
 * through the edges of a node, Enter selects, Escape deselects.
 */
export function MeshGraph(props: MeshGraphProps): ReactNode {
  const [focus, setFocus] = useState<GraphSelection | null>(null);
  const [focused, setFocused] = useState(false);
  const { container, below, above, model, hover, drawing, rearrange } = useMeshDrawing(props, focused ? focus : null);
  const helpId = useId();

  const moveTo = (thing: GraphSelection | null): void => {
    if (thing === null) return;
    setFocus(thing);
    drawing.current?.reveal(thing);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    const handled = pressKey(event, { model, focus: focus ?? props.selection, moveTo, select: props.onSelect, zoomBy: (factor) => drawing.current?.zoomBy(factor), fit: () => drawing.current?.fit() });
    if (handled) event.preventDefault();
  };

  return (
    <div className="relative h-full w-full overflow-hidden" data-graph="mesh">
      <canvas ref={below} className="pointer-events-none absolute inset-0 h-full w-full origin-top-left" aria-hidden="true" />
      {/* Cytoscape gives its container `position: relative`, which beats a utility class */}
      <div ref={container} className="h-full w-full" aria-hidden="true" />
      <canvas ref={above} className="pointer-events-none absolute inset-0 h-full w-full" aria-hidden="true" />
      <GraphList
        view={props.view}
        model={model}
        active={focus ?? props.selection}
        selection={props.selection}
        helpId={helpId}
        onKeyDown={onKeyDown}
        onFocus={(isFocused) => {
          setFocused(isFocused);
          if (isFocused && focus === null && props.selection === null) moveTo(nodeTowards(model, null, "right"));
        }}
        onPick={(thing) => {
          moveTo(thing);
          props.onSelect(thing);
        }}
      />
      <p id={helpId} className="sr-only">
        Arrow keys move between workloads, Shift with left or right between the connections of one, Enter selects, Escape closes.
      </p>
      {hover === null ? null : <GraphTooltip view={props.view} model={model} hover={hover} />}
      <GraphControls
        onFit={() => drawing.current?.fit()}
        onZoom={(factor) => drawing.current?.zoomBy(factor)}
        onRearrange={rearrange}
      />
    </div>
  );
}
