import { FONT, isNear, paintGlyph } from "./brush.ts";
import type { Brush } from "./brush.ts";
import { NODE_GLYPHS } from "./glyphs.ts";
import type { PartyGroup } from "./parties.ts";
import { PARTY_GLYPH_PX, partyMark } from "./partyMark.ts";

const FADED = 0.35;

/** Those beside the boxes, from far: what they are, and how many where they are several. */
export function paintParties(brush: Brush): void {
  const { emphasis, model } = brush.scene;
  for (const group of model.parties) {
    if (!isNear(brush, group.place)) continue;
    brush.context.globalAlpha = emphasis === null || group.members.some((member) => emphasis.nodes.has(member)) ? 1 : FADED;
    paintParty(brush, group);
  }
  brush.context.globalAlpha = 1;
}

function paintParty(brush: Brush, group: PartyGroup): void {
  const { context, scene, viewport } = brush;
  const { place: { x, y, width, height }, isDot, number } = partyMark(group, viewport);
  context.beginPath();
  context.roundRect(x, y, width, height, height / 2);
  context.fillStyle = scene.palette.ground;
  context.fill();
  context.strokeStyle = scene.palette.muted;
  context.lineWidth = 1;
  context.stroke();
  if (isDot) return;
  paintGlyph(brush, { x: x + PARTY_GLYPH_PX / 2, y: y + height / 2 }, { glyph: NODE_GLYPHS[group.glyph], colour: scene.palette.text, scale: 0.62 });
  if (number === "") return;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.font = `400 10px ${FONT}`;
  context.fillStyle = scene.palette.text;
  context.fillText(number, x + PARTY_GLYPH_PX - 1, y + height / 2 + 0.5);
}
