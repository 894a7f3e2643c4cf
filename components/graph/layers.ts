import type { Core } from "cytoscape";
import type { OverlayScene, Viewport } from "./brush.ts";
import { paintEdgeLayer } from "./edgeLayer.ts";
import type { GraphSelection } from "./graphProps.ts";
import { paintOverlay } from "./overlay.ts";

export interface LayerScene extends OverlayScene {
  readonly selection: GraphSelection | null;
}

/** The canvases below and above Cytoscape's, which follow its viewport. */
export interface Layers {
  readonly paint: (cy: Core, scene: LayerScene) => void;
  /** the next time the edges are painted, whatever it takes */
  readonly outdate: () => void;
  readonly stop: () => void;
}

/** Edges that take longer than this move as a picture with the viewport, and are painted anew when it rests. */
const SLOW_PAINT_MS = 20;
const REST_MS = 120;

export function layers({ below, above }: { readonly below: HTMLCanvasElement; readonly above: HTMLCanvasElement }): Layers {
  let painted: Viewport | null = null;
  let tookMs = 0;
  let rest: ReturnType<typeof setTimeout> | undefined;

  const paintEdges = (viewport: Viewport, scene: LayerScene): void => {
    clearTimeout(rest);
    const context = contextOf(below, viewport);
    if (context === null) return;
    const startMs = performance.now();
    paintEdgeLayer({ context, viewport, scene }, scene.selection);
    tookMs = performance.now() - startMs;
    below.style.transform = "";
    painted = viewport;
  };

  return {
    paint: (cy, scene) => {
      const viewport = viewportOf(cy);
      if (painted === null || tookMs < SLOW_PAINT_MS || !sameSize(painted, viewport)) paintEdges(viewport, scene);
      else if (painted.zoom !== viewport.zoom || painted.pan.x !== viewport.pan.x || painted.pan.y !== viewport.pan.y) {
        below.style.transform = movedBy(painted, viewport);
        clearTimeout(rest);
        rest = setTimeout(() => {
          paintEdges(viewport, scene);
        }, REST_MS);
      }
      const context = contextOf(above, viewport);
      if (context !== null) paintOverlay({ context, viewport, scene });
    },
    outdate: () => {
      painted = null;
    },
    stop: () => {
      clearTimeout(rest);
    },
  };
}

function viewportOf(cy: Core): Viewport {
  return { pan: { ...cy.pan() }, zoom: cy.zoom(), widthPx: cy.width(), heightPx: cy.height(), pixelRatio: window.devicePixelRatio };
}

function sameSize(first: Viewport, second: Viewport): boolean {
  return first.widthPx === second.widthPx && first.heightPx === second.heightPx && first.pixelRatio === second.pixelRatio;
}

function movedBy(from: Viewport, to: Viewport): string {
  const scale = to.zoom / from.zoom;
  return `translate(${to.pan.x - from.pan.x * scale}px, ${to.pan.y - from.pan.y * scale}px) scale(${scale})`;
}

function contextOf(canvas: HTMLCanvasElement, viewport: Viewport): CanvasRenderingContext2D | null {
  const [width, height] = [Math.round(viewport.widthPx * viewport.pixelRatio), Math.round(viewport.heightPx * viewport.pixelRatio)];
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  return canvas.getContext("2d");
}
