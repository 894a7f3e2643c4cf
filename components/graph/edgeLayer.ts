import type { Point } from "#view";
import type { Brush } from "./brush.ts";
import type { Curve } from "./curve.ts";
import type { EdgeLine, Strand } from "./edgeLine.ts";
import { strandOffsets, THINNEST_PLAINTEXT_PX } from "./edgeLine.ts";
import type { DrawnBox } from "./graphModel.ts";
import type { Tone } from "./graphPalette.ts";
import type { GraphSelection } from "./graphProps.ts";

const DIMMED = 0.1;
/** the many, so that the few stand out */
const CALM = 0.85;
const CALM_FAR = 0.5;
const ARROW = { lengthPx: 8.5, halfWidthPx: 3.8, barPx: 5.5 };
const BOX_RADIUS_PX = 8;
const SMALL_ZOOM = 0.4;

/** Paints what lies under the nodes: the namespaces' boxes, and on them the edges. */
export function paintEdgeLayer(brush: Brush, selection: GraphSelection | null): void {
  const { context, viewport, scene } = brush;
  context.setTransform(viewport.pixelRatio, 0, 0, viewport.pixelRatio, 0, 0);
  context.clearRect(0, 0, viewport.widthPx, viewport.heightPx);
  const boxes = (): void => {
    for (const box of scene.model.boxes) if (!box.hidden) paintBox(brush, box, selection);
  };
  // from far the boxes stand for the nodes, and lie above the lines between them
  if (!scene.level.far) boxes();
  for (const pass of passesOf(brush, selection)) paintPass(brush, pass);
  context.globalAlpha = 1;
  if (scene.level.far) boxes();
  context.setLineDash([]);
}

function paintBox({ context, viewport, scene }: Brush, box: DrawnBox, selection: GraphSelection | null): void {
  const { zoom, pan } = viewport;
  const chosen = selection?.kind === "namespace" && selection.id === box.namespace;
  context.beginPath();
  context.roundRect(box.x * zoom + pan.x, box.y * zoom + pan.y, box.width * zoom, box.height * zoom, Math.min(BOX_RADIUS_PX, BOX_RADIUS_PX * zoom + 2));
  context.setLineDash(box.namespace === "" ? [4, 4] : []);
  if (box.namespace !== "") {
    context.fillStyle = scene.palette.box;
    context.fill();
  }
  context.strokeStyle = chosen ? scene.palette.text : scene.palette.boxBorder;
  context.lineWidth = chosen ? 2 : 1;
  context.stroke();
}

interface PaintedLine {
  readonly line: EdgeLine;
  readonly curve: Curve;
}

interface Pass {
  readonly lines: readonly PaintedLine[];
  readonly alpha: number;
  /** a wide light stroke under the lines, for what is selected */
  readonly halo: boolean;
}

/** What stands out is painted last; where nothing does, what is not mTLS does. */
function passesOf({ scene }: Brush, selection: GraphSelection | null): readonly Pass[] {
  const shown: readonly (PaintedLine & { readonly id: string })[] = scene.level.far ? scene.model.bundled.between : scene.model.edges.filter((edge) => !edge.hidden);
  const emphasis = scene.emphasis;
  if (emphasis === null) {
    return [
      { lines: shown.filter(isCalm), alpha: scene.level.far ? CALM_FAR : CALM, halo: false },
      { lines: shown.filter((edge) => !isCalm(edge)), alpha: 1, halo: false },
    ];
  }
  const near = scene.level.far ? emphasis.bundles : emphasis.edges;
  return [
    { lines: shown.filter((edge) => !near.has(edge.id)), alpha: DIMMED, halo: false },
    { lines: shown.filter((edge) => selection?.kind === "edge" && edge.id === selection.id), alpha: 0.18, halo: true },
    { lines: shown.filter((edge) => near.has(edge.id)), alpha: 1, halo: false },
  ];
}

function isCalm({ line }: PaintedLine): boolean {
  return line.arrowTone === "mTLS" || line.arrowTone === "idle";
}

/** One path for all strands that look alike: changing the pen is what costs. */
function paintPass(brush: Brush, pass: Pass): void {
  brush.context.globalAlpha = pass.alpha;
  const strokes = new Map<string, { readonly strand: Strand; readonly path: Path2D }>();
  const heads = new Map<Tone, Curve[]>();
  const bars = new Path2D();
  for (const { line, curve } of pass.lines) {
    const seen = onScreen(brush, curve);
    if (seen === null) continue;
    addStrands(brush, { line, curve: seen, into: strokes });
    addTo(heads, line.arrowTone, seen);
    if (line.bar) addBar(bars, seen, headSize(brush));
  }
  for (const { strand, path } of strokes.values()) strokeStrand(brush, path, pass.halo ? { tone: strand.tone, stroke: "solid", widthPx: strand.widthPx + 10 } : strand);
  if (pass.halo) return;
  for (const [tone, curves] of heads) paintHeads(brush, curves, tone);
  strokeStrand(brush, bars, { tone: "blocked", stroke: "solid", widthPx: 2.2 });
}

function addTo(into: Map<Tone, Curve[]>, tone: Tone, curve: Curve): void {
  const curves = into.get(tone);
  if (curves === undefined) into.set(tone, [curve]);
  else curves.push(curve);
}

/** Some at a time: one path of 20,000 heads takes seconds to fill, and those of 128 each 50 ms together. */
const HEADS_AT_ONCE = 128;

function paintHeads(brush: Brush, curves: readonly Curve[], tone: Tone): void {
  const { context, scene } = brush;
  context.fillStyle = scene.palette.tones[tone];
  for (let at = 0; at < curves.length; at += HEADS_AT_ONCE) {
    const path = new Path2D();
    for (const curve of curves.slice(at, at + HEADS_AT_ONCE)) addHead(path, curve, headSize(brush));
    context.fill(path);
  }
}

/** The curve in pixels of the screen; `null` where none of it can be seen. */
function onScreen({ viewport: { zoom, pan, widthPx, heightPx } }: Brush, curve: Curve): Curve | null {
  const at = ({ x, y }: Point) => ({ x: x * zoom + pan.x, y: y * zoom + pan.y });
  const [start, control1, control2, end] = [at(curve.start), at(curve.control1), at(curve.control2), at(curve.end)];
  const [xs, ys] = [[start.x, control1.x, control2.x, end.x], [start.y, control1.y, control2.y, end.y]];
  const outside = Math.max(...xs) < 0 || Math.max(...ys) < 0 || Math.min(...xs) > widthPx || Math.min(...ys) > heightPx;
  return outside ? null : { start, control1, control2, end, straight: curve.straight };
}

interface Strokes {
  readonly line: EdgeLine;
  readonly curve: Curve;
  readonly into: Map<string, { readonly strand: Strand; readonly path: Path2D }>;
}

function addStrands(brush: Brush, { line, curve, into }: Strokes): void {
  const strands = line.strands.map((strand) => ({ ...strand, widthPx: widthAt(brush, strand) }));
  const offsets = strandOffsets(strands);
  const shortened = beforeHead(curve, headSize(brush));
  for (const [at, strand] of strands.entries()) {
    const key = `${strand.tone} ${strand.stroke} ${strand.widthPx}`;
    const group = into.get(key) ?? { strand, path: new Path2D() };
    into.set(key, group);
    addCurve(group.path, shortened, offsets[at] ?? 0);
  }
}

/** Lines shrink with the graph, but only so far that plaintext stays as wide as it must be; in quarters, so that they group. */
function widthAt({ viewport }: Brush, { tone, widthPx }: Strand): number {
  const scaled = widthPx * Math.min(Math.max(viewport.zoom, 0.6), 1.5);
  return Math.max(Math.round(scaled * 4) / 4, tone === "plaintext" ? THINNEST_PLAINTEXT_PX : 0.75);
}

/** @param offset to the right of the direction */
function addCurve(path: Path2D, { start, control1, control2, end, straight }: Curve, offset: number): void {
  const length = Math.hypot(end.x - start.x, end.y - start.y) || 1;
  const [x, y] = [(-(end.y - start.y) / length) * offset, ((end.x - start.x) / length) * offset];
  path.moveTo(start.x + x, start.y + y);
  if (straight) path.lineTo(end.x + x, end.y + y);
  else path.bezierCurveTo(control1.x + x, control1.y + y, control2.x + x, control2.y + y, end.x + x, end.y + y);
}

function headDirection({ start, control2, end, straight }: Curve): Point {
  const from = straight ? start : control2;
  const length = Math.hypot(end.x - from.x, end.y - from.y) || 1;
  return { x: (end.x - from.x) / length, y: (end.y - from.y) / length };
}

/** 1 at zoom 1; heads shrink less than the graph does: however small it is, direction can be told. */
function headSize({ viewport }: Brush): number {
  return Math.min(Math.max(viewport.zoom, viewport.zoom < SMALL_ZOOM ? 0.5 : 0.6), 1.3);
}

function beforeHead(curve: Curve, size: number): Curve {
  const { x, y } = headDirection(curve);
  const back = ARROW.lengthPx * size - 1;
  return { ...curve, end: { x: curve.end.x - x * back, y: curve.end.y - y * back } };
}

function addHead(path: Path2D, curve: Curve, size: number): void {
  const { x, y } = headDirection(curve);
  const [length, half] = [ARROW.lengthPx * size, ARROW.halfWidthPx * size];
  const base = { x: curve.end.x - x * length, y: curve.end.y - y * length };
  path.moveTo(curve.end.x, curve.end.y);
  path.lineTo(base.x - y * half, base.y + x * half);
  path.lineTo(base.x + y * half, base.y - x * half);
  path.closePath();
}

function addBar(path: Path2D, curve: Curve, size: number): void {
  const { x, y } = headDirection(curve);
  const [back, half] = [(ARROW.lengthPx + 3) * size, ARROW.barPx * size];
  const at = { x: curve.end.x - x * back, y: curve.end.y - y * back };
  path.moveTo(at.x - y * half, at.y + x * half);
  path.lineTo(at.x + y * half, at.y - x * half);
}

function strokeStrand({ context, scene }: Brush, path: Path2D, strand: Strand): void {
  context.strokeStyle = scene.palette.tones[strand.tone];
  context.lineWidth = strand.widthPx;
  context.lineCap = strand.stroke === "dots" ? "round" : "butt";
  context.setLineDash(dashesOf(strand));
  context.stroke(path);
}

function dashesOf({ stroke, widthPx }: Strand): number[] {
  switch (stroke) {
    case "solid":
      return [];
    case "dashes":
      return [9, 5];
    case "dots":
      return [0.1, Math.max(4, widthPx * 2.2)];
  }
}
