import type { Point } from "#view";
import { NODE_SIZE } from "#layout";
import { FONT, isInside, onScreen, paintGlyph } from "./brush.ts";
import type { Brush, Look } from "./brush.ts";
import { LINE_GLYPHS, NODE_GLYPHS } from "./glyphs.ts";
import type { DrawnEdge, DrawnNode } from "./graphModel.ts";
import { paintBoxLabels } from "./overlayLabels.ts";
import { paintParties } from "./overlayParties.ts";

const DIMMED = 0.2;
export function paintOverlay(brush: Brush): void {
  const { context, viewport, scene } = brush;
  context.setTransform(viewport.pixelRatio, 0, 0, viewport.pixelRatio, 0, 0);
  context.clearRect(0, 0, viewport.widthPx, viewport.heightPx);
  context.lineCap = "round";
  context.lineJoin = "round";
  if (scene.level.far) {
    paintBoxLabels(brush);
    paintParties(brush);
    return;
  }
  if (scene.level.lineMarks !== "none") for (const edge of scene.model.edges) paintLineMark(brush, edge);
  paintBoxLabels(brush);
  if (scene.level.nodeMarks) for (const node of scene.model.nodes) paintNodeMarks(brush, node);
  paintFocus(brush);
}

function paintLineMark(brush: Brush, edge: DrawnEdge): void {
  const { scene, viewport, context } = brush;
  if (!hasMark(scene, edge)) return;
  const at = onScreen(brush, edge.mark);
  if (!isInside(brush, at)) return;
  const { glyph, glyphTone } = edge.line;
  const scale = Math.min(Math.max(viewport.zoom, 0.62), 1.4) * (glyph === "closed lock" ? 0.72 : 0.86);
  context.globalAlpha = scene.emphasis === null || scene.emphasis.edges.has(edge.id) ? 1 : DIMMED;
  if (glyph !== null) paintDisc(brush, at, { glyph: LINE_GLYPHS[glyph], colour: scene.palette.tones[glyphTone], scale });
  if (edge.disagreement) paintDisagreement(brush, glyph === null ? at : { x: at.x + 9 * scale, y: at.y - 9 * scale }, scale);
  context.globalAlpha = 1;
}

/** Locks of mTLS are the first to go where there is little room: what is not mTLS is what one looks for. */
function hasMark({ level, emphasis }: Brush["scene"], edge: DrawnEdge): boolean {
  if (edge.hidden) return false;
  if (edge.disagreement || level.lineMarks === "all") return true;
  return edge.line.glyph !== "closed lock" || (emphasis?.edges.has(edge.id) ?? false);
}

function paintDisc(brush: Brush, at: Point, look: Look): void {
  const { context, scene } = brush;
  context.beginPath();
  context.arc(at.x, at.y, 9.5 * look.scale, 0, Math.PI * 2);
  context.fillStyle = scene.palette.ground;
  context.fill();
  paintGlyph(brush, at, look);
}

/** "Not equal": configuration says otherwise. */
function paintDisagreement({ context, scene }: Brush, at: Point, scale: number): void {
  const radius = 6 * scale;
  context.beginPath();
  context.arc(at.x, at.y, radius, 0, Math.PI * 2);
  context.fillStyle = scene.palette.text;
  context.fill();
  context.beginPath();
  const third = radius * 0.34;
  for (const y of [at.y - third, at.y + third]) {
    context.moveTo(at.x - radius * 0.55, y);
    context.lineTo(at.x + radius * 0.55, y);
  }
  context.moveTo(at.x + third, at.y - radius * 0.68);
  context.lineTo(at.x - third, at.y + radius * 0.68);
  context.strokeStyle = scene.palette.ground;
  context.lineWidth = 1.2 * scale;
  context.stroke();
}

function paintNodeMarks(brush: Brush, node: DrawnNode): void {
  const { context, scene, viewport } = brush;
  const at = onScreen(brush, node.centre);
  if (node.hidden || !isInside(brush, at)) return;
  context.globalAlpha = scene.emphasis === null || scene.emphasis.nodes.has(node.id) ? 1 : DIMMED * 1.5;
  const reach = (NODE_SIZE.width / 2 - 15) * viewport.zoom;
  paintGlyph(brush, { x: at.x - reach, y: at.y }, { glyph: NODE_GLYPHS[node.look.glyph], colour: scene.palette.muted, scale: 0.8 * viewport.zoom });
  if (node.look.letter !== null) paintLetter(brush, { x: at.x + reach, y: at.y }, node.look.letter);
  context.globalAlpha = 1;
}

/** What the node accepts: STRICT is a filled tile, everything less an outlined one. */
function paintLetter({ context, scene, viewport }: Brush, at: Point, letter: string): void {
  const half = 7.5 * viewport.zoom;
  const strict = letter === "S";
  context.beginPath();
  context.roundRect(at.x - half, at.y - half, half * 2, half * 2, 3 * viewport.zoom);
  context.fillStyle = strict ? scene.palette.muted : scene.palette.node;
  context.fill();
  context.strokeStyle = scene.palette.muted;
  context.lineWidth = viewport.zoom;
  context.stroke();
  context.font = `600 ${9.5 * viewport.zoom}px ${FONT}`;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.fillStyle = strict ? scene.palette.node : scene.palette.text;
  context.fillText(letter, at.x, at.y + 0.5 * viewport.zoom);
}

function paintFocus(brush: Brush): void {
  const { context, scene, viewport } = brush;
  const node = scene.focus?.kind === "node" ? scene.model.nodes.find((candidate) => candidate.id === scene.focus?.id) : undefined;
  const edge = scene.focus?.kind === "edge" ? scene.model.edges.find((candidate) => candidate.id === scene.focus?.id) : undefined;
  const place = node?.centre ?? edge?.mark ?? null;
  if (place === null) return;
  const at = onScreen(brush, place);
  const size = node === undefined ? { width: 22, height: 22 } : { width: NODE_SIZE.width * viewport.zoom + 10, height: NODE_SIZE.height * viewport.zoom + 10 };
  context.beginPath();
  context.roundRect(at.x - size.width / 2, at.y - size.height / 2, size.width, size.height, node === undefined ? 11 : 8);
  context.strokeStyle = scene.palette.text;
  context.lineWidth = 2;
  context.stroke();
}
