import cytoscape from "cytoscape";
import type { Core, EventObject } from "cytoscape";
import type { Point } from "#view";
import { lineFinder } from "./edgeAt.ts";
import { emphasisOf } from "./emphasis.ts";
import type { Emphasis } from "./emphasis.ts";
import type { GraphModel } from "./graphModel.ts";
import type { GraphPalette } from "./graphPalette.ts";
import type { GraphSelection, GraphThing } from "./graphProps.ts";
import { extentOf, fitting } from "./fitting.ts";
import { graphStyle } from "./graphStyle.ts";
import { layers } from "./layers.ts";
import type { Layers } from "./layers.ts";
import { emphasizeElements, syncElements } from "./meshElements.ts";
import { groupAt } from "./partyMark.ts";
import { listenToPointer } from "./pointer.ts";
import type { PointerEvents } from "./pointer.ts";
import { zoomLevel } from "./zoomLevel.ts";
import type { ZoomLevel } from "./zoomLevel.ts";

/** What is on the screen; changes of it touch only the elements that differ. */
export interface DrawingState {
  readonly model: GraphModel;
  readonly palette: GraphPalette;
  readonly selection: GraphSelection | null;
  readonly hovered: GraphThing | null;
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

/** Where to draw: Cytoscape's container, a canvas for the edges below it and one for marks and names above it. */
export interface DrawingSurface {
  readonly container: HTMLElement;
  readonly below: HTMLCanvasElement;
  readonly above: HTMLCanvasElement;
}

export interface DrawingOptions {
  readonly events: PointerEvents;
  readonly manyNodes: boolean;
  readonly saved: SavedViewport | null;
}

const ZOOM_RANGE = { minZoom: 0.02, maxZoom: 3 };
const POINTER_REACH_PX = 6;
const MARK_REACH_PX = 3;
/** above this many nodes Cytoscape moves them as a picture while the viewport moves, and hovering fades nothing */
export const MANY_NODES = 800;

/** Cytoscape holds the viewport, draws the nodes and catches the pointer; two canvases of our own draw the rest. */
export function meshDrawing(surface: DrawingSurface, { events, manyNodes, saved }: DrawingOptions): MeshDrawing {
  const cy = cytoscape({
    container: surface.container,
    ...ZOOM_RANGE,
    ...saved,
    autoungrabify: true,
    autounselectify: true,
    boxSelectionEnabled: false,
    textureOnViewport: manyNodes,
    pixelRatio: "auto",
    style: [],
  });
  const picture = new Picture(cy, layers(surface), saved !== null);
  listenToPointer({
    cy,
    container: surface.container,
    events,
    edgeAt: (event) => picture.edgeAt(event),
    partiesAt: (event) => picture.partiesAt(event),
    approach: (parties) => {
      picture.approach(parties);
    },
    fit: () => {
      picture.fit();
    },
  });
  cy.on("zoom", () => {
    picture.restyle();
  });
  cy.on("render", () => {
    picture.paint();
  });
  return {
    show: (state) => {
      picture.show(state);
    },
    fit: () => {
      picture.fit();
    },
    zoomBy: (factor) => {
      cy.zoom({ level: cy.zoom() * factor, renderedPosition: { x: cy.width() / 2, y: cy.height() / 2 } });
    },
    reveal: (thing) => {
      picture.reveal(thing);
    },
    viewport: () => ({ pan: { ...cy.pan() }, zoom: cy.zoom() }),
    destroy: () => {
      picture.stop();
      cy.destroy();
    },
  };
}

/** What is shown now, and what was worked out for it. */
class Picture {
  readonly #cy: Core;
  readonly #layers: Layers;
  #state: DrawingState | null = null;
  #emphasis: Emphasis | null = null;
  #signatures: ReadonlyMap<string, string> = new Map();
  #finder: ReturnType<typeof lineFinder> | null = null;
  #fitted: boolean;
  /** whether some element is drawn otherwise for what is chosen */
  #isMarked = false;
  #styled: { readonly palette: GraphPalette; readonly level: ZoomLevel } | null = null;

  constructor(cy: Core, drawn: Layers, fitted: boolean) {
    this.#cy = cy;
    this.#layers = drawn;
    this.#fitted = fitted;
  }

  show(state: DrawingState): void {
    const before = this.#state;
    this.#state = state;
    // before there are elements: each zoom level styles all of them again
    if (!this.#fitted && state.model.nodes.length > 0) {
      this.#fitted = true;
      this.fit();
    }
    this.restyle();
    if (before?.model !== state.model) {
      this.#signatures = syncElements(this.#cy, state.model, this.#signatures);
      this.#finder = null;
    }
    const hovered = state.model.nodes.length > MANY_NODES ? null : state.hovered;
    const thing = hovered ?? state.focus ?? state.selection;
    this.#emphasis = thing === null ? null : emphasisOf(state.model, thing);
    if (thing !== null || this.#isMarked) emphasizeElements(this.#cy, this.#emphasis, state.selection);
    this.#isMarked = thing !== null;
    this.#layers.outdate();
    this.paint();
  }

  #level(): ZoomLevel {
    return zoomLevel(this.#cy.zoom(), this.#state?.model.edges.length ?? 0);
  }

  /** Styles again where palette or level is another than at the last time. */
  restyle(): void {
    if (this.#state === null) return;
    const [palette, level] = [this.#state.palette, this.#level()];
    if (this.#styled?.palette === palette && this.#styled.level === level) return;
    this.#styled = { palette, level };
    this.#cy.style(graphStyle(palette, level));
  }

  paint(): void {
    if (this.#state === null) return;
    const { model, palette, focus, selection } = this.#state;
    this.#layers.paint(this.#cy, { model, palette, focus, selection, level: this.#level(), emphasis: this.#emphasis });
  }

  stop(): void {
    this.#layers.stop();
  }

  fit(): void {
    const extent = this.#state === null ? null : extentOf(this.#state.model);
    if (extent !== null) this.#cy.viewport(fitting(extent, { width: this.#cy.width(), height: this.#cy.height() }));
  }

  edgeAt(event: EventObject): GraphSelection | null {
    if (this.#state === null || this.#level().far) return null;
    this.#finder ??= lineFinder(this.#state.model.edges.filter((edge) => !edge.hidden));
    const id = this.#finder(event.position, POINTER_REACH_PX / this.#cy.zoom());
    return id === null ? null : { kind: "edge", id };
  }

  /** One party alone is a node as any other. */
  partiesAt({ renderedPosition }: EventObject): GraphThing | null {
    if (this.#state === null || !this.#level().far) return null;
    const group = groupAt(this.#state.model.parties, renderedPosition, { viewport: { zoom: this.#cy.zoom(), pan: this.#cy.pan() }, reach: MARK_REACH_PX });
    const [only, ...others] = group?.members ?? [];
    if (group === null || only === undefined) return null;
    return others.length === 0 ? { kind: "node", id: only } : { kind: "parties", id: group.id };
  }

  approach(parties: string): void {
    const group = this.#state?.model.parties.find(({ id }) => id === parties);
    if (group !== undefined) this.#cy.viewport(fitting(group.place, { width: this.#cy.width(), height: this.#cy.height() }));
  }

  reveal({ kind, id }: GraphSelection): void {
    const edge = kind === "edge" ? this.#state?.model.edges.find((candidate) => candidate.id === id) : undefined;
    const place = edge?.mark ?? this.#state?.model.nodes.find((node) => kind === "node" && node.id === id)?.centre;
    if (place === undefined) return;
    const [zoom, pan, margin] = [this.#cy.zoom(), this.#cy.pan(), 40];
    const at = { x: place.x * zoom + pan.x, y: place.y * zoom + pan.y };
    const seen = at.x > margin && at.y > margin && at.x < this.#cy.width() - margin && at.y < this.#cy.height() - margin;
    if (!seen) this.#cy.panBy({ x: this.#cy.width() / 2 - at.x, y: this.#cy.height() / 2 - at.y });
  }
}
