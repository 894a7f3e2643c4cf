import cytoscape from "cytoscape";
import type { Core, EventObject, SingularElementReturnValue } from "cytoscape";
import type { Point } from "#view";
import type { Viewport } from "./brush.ts";
import { emphasisOf } from "./emphasis.ts";
import type { Emphasis } from "./emphasis.ts";
import type { GraphModel } from "./graphModel.ts";
import type { GraphPalette } from "./graphPalette.ts";
import type { GraphSelection } from "./graphProps.ts";
import { graphStyle } from "./graphStyle.ts";
import { elementId, meshElements } from "./meshElements.ts";
import { paintOverlay } from "./overlay.ts";
import { zoomLevel } from "./zoomLevel.ts";

/** What the drawing reports; a click on the background selects nothing. */
export interface DrawingEvents {
  readonly onSelect: (selection: GraphSelection | null) => void;
  /** `at` in pixels of the container */
  readonly onHover: (thing: GraphSelection | null, at: Point) => void;
}

/** What is on the screen; changes of it touch only the elements that differ. */
export interface DrawingState {
  readonly model: GraphModel;
  readonly palette: GraphPalette;
  readonly selection: GraphSelection | null;
  readonly hovered: GraphSelection | null;
  readonly focus: GraphSelection | null;
}

export interface SavedViewport {
  readonly pan: Point;
  readonly zoom: number;
}

export interface MeshDrawing {
  readonly show: (state: DrawingState) => void;
  readonly fit: () => void;
  readonly zoomBy: (factor: number) => void;
  /** brings it into the viewport where it is not */
  readonly reveal: (thing: GraphSelection) => void;
  readonly viewport: () => SavedViewport;
  readonly destroy: () => void;
}

const FIT_PADDING_PX = 28;
const LARGEST_FIT_ZOOM = 1.15;
const ZOOM_RANGE = { minZoom: 0.02, maxZoom: 3 };
/** above this many edges the viewport moves as a picture, and the edges come back when it rests */
export const MANY_EDGES = 1000;

/**
 * Draws into `container`, with the marks on `overlay` above it. The layer of edges can be replaced here: curves and
 * lines are plain data of the model, and Cytoscape is only one that strokes them.
 */
export function meshDrawing(container: HTMLElement, overlay: HTMLCanvasElement, options: { readonly events: DrawingEvents; readonly manyEdges: boolean; readonly saved: SavedViewport | null }): MeshDrawing {
  const cy = cytoscape({
    container,
    ...ZOOM_RANGE,
    ...options.saved,
    autoungrabify: true,
    autounselectify: true,
    boxSelectionEnabled: false,
    textureOnViewport: options.manyEdges,
    hideEdgesOnViewport: options.manyEdges,
    pixelRatio: "auto",
    style: [],
  });
  let shown: DrawingState | null = null;
  let emphasis: Emphasis | null = null;
  let signatures: ReadonlyMap<string, string> = new Map();
  let fitted = options.saved !== null;
  const fit = () => {
    fitIn(cy);
  };
  const restyle = () => {
    if (shown !== null) cy.style(graphStyle(shown.palette, zoomLevel(cy.zoom())));
  };
  const repaint = () => {
    if (shown !== null) paint({ cy, overlay, emphasis }, shown);
  };
  listen(cy, options.events, fit);
  cy.on("zoom", onLevelChange(cy, restyle));
  cy.on("render", repaint);
  return {
    show: (state) => {
      const before = shown;
      shown = state;
      if (before?.palette !== state.palette) restyle();
      if (before?.model !== state.model) signatures = syncElements(cy, state.model, signatures);
      if (!fitted && state.model.nodes.length > 0) {
        fitted = true;
        fit();
      }
      const thing = state.hovered ?? state.selection;
      emphasis = thing === null ? null : emphasisOf(state.model, thing);
      emphasize(cy, state, emphasis);
      repaint();
    },
    fit,
    zoomBy: (factor) => {
      cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
    },
    reveal: (thing) => {
      reveal(cy, thing);
    },
    viewport: () => ({ pan: { ...cy.pan() }, zoom: cy.zoom() }),
    destroy: () => {
      cy.destroy();
    },
  };
}

function fitIn(cy: Core): void {
  cy.fit(cy.elements(":visible"), FIT_PADDING_PX);
  if (cy.zoom() <= LARGEST_FIT_ZOOM) return;
  cy.zoom(LARGEST_FIT_ZOOM);
  cy.center(cy.elements(":visible"));
}

function onLevelChange(cy: Core, then: () => void): () => void {
  let level = zoomLevel(cy.zoom());
  return () => {
    const next = zoomLevel(cy.zoom());
    if (next === level) return;
    level = next;
    then();
  };
}

function elementAt(event: EventObject, cy: Core): SingularElementReturnValue | null {
  const target: unknown = event.target;
  return target === cy ? null : (target as SingularElementReturnValue);
}

function thingOf(event: EventObject, cy: Core): GraphSelection | null {
  const element = elementAt(event, cy);
  const kind: unknown = element?.data("kind");
  const id: unknown = element?.data("of");
  return typeof id === "string" && (kind === "node" || kind === "edge" || kind === "namespace") ? { kind, id } : null;
}

function listen(cy: Core, events: DrawingEvents, fit: () => void): void {
  cy.on("tap", (event) => {
    events.onSelect(thingOf(event, cy));
  });
  cy.on("dbltap", (event) => {
    const element = elementAt(event, cy);
    if (element === null) fit();
    else if (element.hasClass("box")) cy.fit(element, FIT_PADDING_PX);
  });
  cy.on("mouseover", "node, edge", (event) => {
    const thing = thingOf(event, cy);
    if (thing?.kind !== "namespace") events.onHover(thing, event.renderedPosition);
  });
  cy.on("mouseout", "node, edge", (event) => {
    events.onHover(null, event.renderedPosition);
  });
  cy.on("viewport", () => {
    events.onHover(null, { x: 0, y: 0 });
  });
}

/**
 * Adds, removes and alters only what differs from the last time; what is the same is not touched at all.
 *
 * @returns the signatures to compare with next time
 */
function syncElements(cy: Core, model: GraphModel, before: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const after = new Map<string, string>();
  cy.batch(() => {
    const wanted = meshElements(model);
    for (const { definition, signature } of wanted) after.set(definition.data.id, signature);
    for (const id of before.keys()) if (!after.has(id)) cy.getElementById(id).remove();
    for (const { definition, classes, signature } of wanted) {
      if (before.get(definition.data.id) === signature) continue;
      const element = cy.getElementById(definition.data.id);
      if (element.empty()) cy.add({ ...definition, classes, pannable: true });
      else {
        element.data(definition.data);
        element.classes(classes);
        if (definition.position !== undefined) element.position(definition.position);
      }
    }
  });
  return after;
}

function emphasize(cy: Core, { model, selection }: DrawingState, emphasis: Emphasis | null): void {
  const chosen = selection === null || selection.kind === "namespace" ? "" : elementId(selection.kind, selection.id);
  const boxes = new Set(model.boxes.filter((box) => selection?.kind === "namespace" && box.namespace === selection.id).map((box) => elementId("box", box.id)));
  cy.batch(() => {
    for (const element of cy.elements(".thing, .between, .box")) {
      const of: unknown = element.data("of");
      const near = emphasis !== null && typeof of === "string" && (element.isEdge() ? emphasis.edges : emphasis.nodes).has(of);
      element.toggleClass("near", near);
      element.toggleClass("dim", emphasis !== null && !near);
      element.toggleClass("chosen", element.id() === chosen || boxes.has(element.id()));
    }
  });
}

function reveal(cy: Core, { kind, id }: GraphSelection): void {
  if (kind === "namespace") return;
  const element = cy.getElementById(elementId(kind, id));
  if (element.empty()) return;
  const box = element.renderedBoundingBox();
  const out = box.x1 < 0 || box.y1 < 0 || box.x2 > cy.width() || box.y2 > cy.height();
  if (out) cy.center(element);
}

interface Surface {
  readonly cy: Core;
  readonly overlay: HTMLCanvasElement;
  readonly emphasis: Emphasis | null;
}

function paint({ cy, overlay, emphasis }: Surface, state: DrawingState): void {
  const context = overlay.getContext("2d");
  if (context === null) return;
  const viewport: Viewport = { pan: cy.pan(), zoom: cy.zoom(), widthPx: cy.width(), heightPx: cy.height(), pixelRatio: window.devicePixelRatio };
  const [width, height] = [Math.round(viewport.widthPx * viewport.pixelRatio), Math.round(viewport.heightPx * viewport.pixelRatio)];
  if (overlay.width !== width) overlay.width = width;
  if (overlay.height !== height) overlay.height = height;
  const loopMarks = new Map<string, Point>();
  cy.edges(".loop").forEach((loop) => {
    if (loop.visible()) loopMarks.set(String(loop.data("of")), loop.midpoint());
  });
  paintOverlay({ context, viewport, scene: { ...state, level: zoomLevel(viewport.zoom), emphasis, loopMarks } });
}
