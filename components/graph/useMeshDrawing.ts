import { useEffect, useMemo, useRef, useState } from "react";
import type { RefObject } from "react";
import { layoutMesh } from "#layout";
import type { MeshLayout, MeshView, Point } from "#view";
import { graphModel } from "./graphModel.ts";
import type { GraphModel } from "./graphModel.ts";
import { graphPalette } from "./graphPalette.ts";
import type { GraphPalette } from "./graphPalette.ts";
import type { GraphSelection, GraphThing, MeshGraphProps, Theme } from "./graphProps.ts";
import { keepingLast } from "./keepingLast.ts";
import { MANY_NODES, meshDrawing } from "./meshDrawing.ts";
import type { DrawingSurface, MeshDrawing, SavedViewport } from "./meshDrawing.ts";

export interface Hover {
  readonly thing: GraphThing;
  readonly at: Point;
}

export interface DrawnMesh {
  readonly container: RefObject<HTMLDivElement | null>;
  readonly below: RefObject<HTMLCanvasElement | null>;
  readonly above: RefObject<HTMLCanvasElement | null>;
  readonly model: GraphModel;
  readonly hover: Hover | null;
  readonly drawing: RefObject<MeshDrawing | null>;
  readonly rearrange: () => void;
}

/** Positions and viewport by mesh outlive the page, so that coming back shows what one left. */
const remembered = new Map<string, { layout: MeshLayout; viewport: SavedViewport | null }>();
const layouts = keepingLast(layoutMesh);
const models = keepingLast(graphModel);

export function useMeshDrawing({ view, visible, selection, onSelect, theme }: MeshGraphProps, focus: GraphSelection | null): DrawnMesh {
  const container = useRef<HTMLDivElement>(null);
  const below = useRef<HTMLCanvasElement>(null);
  const above = useRef<HTMLCanvasElement>(null);
  const drawing = useRef<MeshDrawing | null>(null);
  const [hover, setHover] = useState<Hover | null>(null);
  const { layout, rearrange } = useLayout(view);
  const model = useMemo(() => models.of(view, layout, visible), [view, layout, visible]);
  const select = useLatest(onSelect);
  const mesh = view.mesh.name;
  const manyNodes = view.nodes.length > MANY_NODES;
  useEffect(() => {
    layouts.forget();
    models.forget();
  }, [model]);
  const fitNext = useRef(false);
  const palette = usePalette(theme);

  useEffect(() => {
    const surface = surfaceOf(container.current, below.current, above.current);
    if (surface === null) return;
    const events = {
      onSelect: (thing: GraphSelection | null) => {
        select.current(thing);
      },
      onHover: (thing: GraphThing | null, at: Point) => {
        setHover(thing === null ? null : { thing, at });
      },
    };
    const made = meshDrawing(surface, { events, manyNodes, saved: remembered.get(mesh)?.viewport ?? null });
    drawing.current = made;
    return () => {
      const entry = remembered.get(mesh);
      if (entry !== undefined) entry.viewport = made.viewport();
      drawing.current = null;
      made.destroy();
    };
  }, [mesh, manyNodes, select]);

  useEffect(() => {
    if (palette.current !== null) drawing.current?.show({ model, palette: palette.current, selection, hovered: hover?.thing ?? null, focus });
    if (!fitNext.current) return;
    fitNext.current = false;
    drawing.current?.fit();
  }, [model, theme, palette, selection, hover, focus, mesh, manyNodes]);

  return {
    container,
    below,
    above,
    model,
    hover,
    drawing,
    rearrange: () => {
      fitNext.current = true;
      rearrange();
    },
  };
}

/** The colours of the theme that the page has. Effects of the same render see them if they come later. */
function usePalette(theme: Theme): RefObject<GraphPalette | null> {
  const palette = useRef<GraphPalette>(null);
  useEffect(() => {
    const styles = getComputedStyle(document.documentElement);
    palette.current = graphPalette((property) => styles.getPropertyValue(property).trim());
  }, [theme]);
  return palette;
}

/** Keeps everybody's place from one refresh to the next, until somebody asks for a new arrangement. */
function useLayout({ mesh: { name }, nodes, edges }: MeshView): { readonly layout: MeshLayout; readonly rearrange: () => void } {
  const [arrangement, setArrangement] = useState(0);
  const layout = useMemo(() => layouts.of(nodes, edges, remembered.get(name)?.layout), [name, nodes, edges, arrangement]);
  const remember = (next: MeshLayout): void => {
    remembered.set(name, { layout: next, viewport: remembered.get(name)?.viewport ?? null });
  };
  useEffect(() => {
    remember(layout);
  });
  return {
    layout,
    rearrange: () => {
      remember(layoutMesh(nodes, edges));
      setArrangement(arrangement + 1);
    },
  };
}

function surfaceOf(container: HTMLElement | null, below: HTMLCanvasElement | null, above: HTMLCanvasElement | null): DrawingSurface | null {
  return container === null || below === null || above === null ? null : { container, below, above };
}

function useLatest<T>(value: T): RefObject<T> {
  const latest = useRef(value);
  useEffect(() => {
    latest.current = value;
  }, [value]);
  return latest;
}
