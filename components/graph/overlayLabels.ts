import type { Point } from "#view";
import { FONT, isNear, onScreen, paintGlyph } from "./brush.ts";
import type { Brush } from "./brush.ts";
import { edgeLine, STATE_ORDER } from "./edgeLine.ts";
import { LINE_GLYPHS } from "./glyphs.ts";
import type { DrawnBox } from "./graphModel.ts";
import type { EdgeState } from "./graphProps.ts";

const NAME_PX = 13;
const SMALLEST_NAME_PX = 11;
/** how high a box must be for counts below its name */
const SMALLEST_COUNTED_PX = 30;
const NO_COUNTS = { mtls: 0, plaintext: 0, tls: 0, unclear: 0, refused: 0 };

/** Names of namespaces stay readable at every zoom, as the boxes are what one finds the way by. */
export function paintBoxLabels(brush: Brush): void {
  for (const box of brush.scene.model.boxes) {
    if (box.hidden || !isNear(brush, box)) continue;
    if (brush.scene.level.far) paintFarBox(brush, box);
    else paintNearBox(brush, box);
  }
}

function paintNearBox(brush: Brush, box: DrawnBox): void {
  const { context, scene, viewport } = brush;
  const corner = onScreen(brush, box);
  const size = Math.max(NAME_PX * viewport.zoom, SMALLEST_NAME_PX);
  const room = box.width * viewport.zoom - 2 * size;
  context.textAlign = "left";
  context.textBaseline = "middle";
  const baseline = corner.y + Math.max(20 * viewport.zoom, size * 0.9);
  const left = corner.x + Math.max(14 * viewport.zoom, 5);
  paintGround(brush, { text: box.label, x: left, y: baseline, size, room });
  const used = paintText(brush, { text: box.label, x: left, y: baseline, size, weight: 600, colour: scene.palette.text, room });
  const rest = room - used - size;
  if (box.accepts === "" || viewport.zoom < 0.55 || rest < size * 4) return;
  paintText(brush, { text: box.accepts, x: left + used + size * 0.7, y: baseline + size * 0.08, size: size * 0.77, weight: 400, colour: scene.palette.muted, room: rest });
}

/** Lines and marks end at a name: through its letters nothing can be read. */
function paintGround({ context, scene }: Brush, { text, x, y, size, room }: Pick<Text, "text" | "x" | "y" | "size" | "room">): void {
  context.font = `600 ${size}px ${FONT}`;
  const width = Math.min(context.measureText(text).width, room);
  context.fillStyle = scene.palette.box;
  context.fillRect(x - 2, y - size * 0.7, width + 4, size * 1.4);
}

/** From far: the name in the middle, and below it how many edges of which state the box holds. */
function paintFarBox(brush: Brush, box: DrawnBox): void {
  const { context, scene, viewport } = brush;
  const middle = onScreen(brush, { x: box.x + box.width / 2, y: box.y + box.height / 2 });
  const states = scene.model.bundled.inside.get(box.id);
  context.textAlign = "center";
  context.textBaseline = "middle";
  const [width, height] = [box.width * viewport.zoom, box.height * viewport.zoom];
  const counts = height < SMALLEST_COUNTED_PX ? undefined : states;
  // a short name may stand out a little: cut short, it tells nothing
  const nameRoom = Math.max(width - 6, Math.min(width * 1.6, 72), 24);
  paintText(brush, { text: box.label, x: middle.x, y: middle.y - (counts === undefined ? 0 : 7), size: SMALLEST_NAME_PX, weight: 600, colour: scene.palette.text, room: nameRoom });
  if (counts === undefined) return;
  const room = Math.max(width - 6, 24);
  const shown = STATE_ORDER.filter((state) => (counts.get(state) ?? 0) > 0).slice(0, Math.floor(room / 30));
  for (const [index, state] of shown.entries()) {
    paintCount(brush, { state, edges: counts.get(state) ?? 0, x: middle.x + (index - (shown.length - 1) / 2) * 30, y: middle.y + 9 });
  }
}

function paintCount(brush: Brush, count: { readonly state: EdgeState; readonly edges: number; readonly x: number; readonly y: number }): void {
  const line = edgeLine({ state: count.state, counts: NO_COUNTS, configured: [] }, 1);
  const { palette } = brush.scene;
  if (line.glyph === null) paintDash(brush, count, palette.tones[line.glyphTone]);
  else paintGlyph(brush, { x: count.x - 8, y: count.y }, { glyph: LINE_GLYPHS[line.glyph], colour: palette.tones[line.glyphTone], scale: 0.7 });
  brush.context.textAlign = "left";
  paintText(brush, { text: String(count.edges), x: count.x, y: count.y, size: 10, weight: 400, colour: palette.muted, room: 22 });
}

/** A state without a mark is told by its line. */
function paintDash({ context }: Brush, { x, y }: Point, colour: string): void {
  context.beginPath();
  context.moveTo(x - 13, y);
  context.lineTo(x - 4, y);
  context.strokeStyle = colour;
  context.lineWidth = 1.25;
  context.stroke();
}

interface Text {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly size: number;
  readonly weight: number;
  readonly colour: string;
  readonly room: number;
}

/** @returns the width it took */
function paintText({ context, scene }: Brush, { text, x, y, size, weight, colour, room }: Text): number {
  context.font = `${weight} ${size}px ${FONT}`;
  const shown = shortened(context, text, room);
  context.strokeStyle = scene.palette.box;
  context.lineWidth = 4;
  context.strokeText(shown, x, y);
  context.fillStyle = colour;
  context.fillText(shown, x, y);
  return context.measureText(shown).width;
}

/** Names are short as a rule, so the loop seldom runs. */
function shortened(context: CanvasRenderingContext2D, text: string, room: number): string {
  if (context.measureText(text).width <= room) return text;
  let kept = text.slice(0, 80);
  while (kept.length > 1 && context.measureText(`${kept}…`).width > room) kept = kept.slice(0, -1);
  return `${kept}…`;
}
