import type { Point, Rectangle } from "#view";
import type { Emphasis } from "./emphasis.ts";
import type { Glyph } from "./glyphs.ts";
import type { GraphModel } from "./graphModel.ts";
import type { GraphPalette } from "./graphPalette.ts";
import type { GraphSelection } from "./graphProps.ts";
import type { ZoomLevel } from "./zoomLevel.ts";

/** What is painted over Cytoscape's canvas: marks of lines and nodes, names of namespaces, the keyboard's focus. */
export interface OverlayScene {
  readonly model: GraphModel;
  readonly palette: GraphPalette;
  readonly level: ZoomLevel;
  readonly emphasis: Emphasis | null;
  readonly focus: GraphSelection | null;
}

export interface Viewport {
  readonly pan: Point;
  readonly zoom: number;
  readonly widthPx: number;
  readonly heightPx: number;
  readonly pixelRatio: number;
}

/** The context, where model coordinates lie on it, and how much fades what is not near. */
export interface Brush {
  readonly context: CanvasRenderingContext2D;
  readonly viewport: Viewport;
  readonly scene: OverlayScene;
}

const GLYPH_PX = 16;

/** the page's own, which a canvas cannot inherit */
export const FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif';

export function onScreen({ viewport }: Brush, { x, y }: Point): Point {
  return { x: x * viewport.zoom + viewport.pan.x, y: y * viewport.zoom + viewport.pan.y };
}

export function isInside({ viewport }: Brush, { x, y }: Point): boolean {
  const margin = 100;
  return x > -margin && y > -margin && x < viewport.widthPx + margin && y < viewport.heightPx + margin;
}

/** Whether any of it can be seen. */
export function isNear(brush: Brush, box: Rectangle): boolean {
  const { zoom, widthPx, heightPx } = brush.viewport;
  const corner = onScreen(brush, box);
  return corner.x < widthPx && corner.y < heightPx && corner.x + box.width * zoom > 0 && corner.y + box.height * zoom > 0;
}

export interface Look {
  readonly glyph: Glyph;
  readonly colour: string;
  readonly scale: number;
}

export function paintGlyph({ context }: Brush, at: Point, { glyph, colour, scale }: Look): void {
  const paths = pathsOf(glyph);
  context.save();
  context.translate(at.x - (GLYPH_PX / 2) * scale, at.y - (GLYPH_PX / 2) * scale);
  context.scale(scale, scale);
  context.strokeStyle = colour;
  context.fillStyle = colour;
  context.lineWidth = 1.6;
  context.fill(paths.fill);
  context.stroke(paths.stroke);
  context.restore();
}

const paths = new Map<Glyph, { readonly stroke: Path2D; readonly fill: Path2D }>();

function pathsOf(glyph: Glyph): { readonly stroke: Path2D; readonly fill: Path2D } {
  const made = paths.get(glyph) ?? { stroke: new Path2D(glyph.stroke), fill: new Path2D(glyph.fill) };
  paths.set(glyph, made);
  return made;
}
