import { FONT, isNear, onScreen, paintGlyph } from "./brush.ts";
import type { Brush } from "./brush.ts";
import { NODE_GLYPHS } from "./glyphs.ts";
import type { PartyGroup } from "./parties.ts";

/** Where there is no room for a mark and a number, a dot. */
const SMALLEST_PARTY_PX = 14;
const PARTY = { height: 15, mark: 15, digit: 6 } as const;
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

function paintParty(brush: Brush, { members, glyph, place, side }: PartyGroup): void {
  const { context, scene, viewport } = brush;
  const isDot = place.width * viewport.zoom < SMALLEST_PARTY_PX;
  const number = isDot || members.length === 1 ? "" : String(members.length);
  const height = isDot ? 5 : PARTY.height;
  const width = isDot ? height : PARTY.mark + (number === "" ? 0 : number.length * PARTY.digit + 3);
  const middle = onScreen(brush, { x: place.x + place.width / 2, y: place.y + place.height / 2 });
  // close to the box, where the lines begin
  const aside = Math.max(0, (place.width * viewport.zoom - width) / 2);
  const at = { x: middle.x + (side === "left" ? aside : side === "right" ? -aside : 0), y: middle.y };
  context.beginPath();
  context.roundRect(at.x - width / 2, at.y - height / 2, width, height, height / 2);
  context.fillStyle = scene.palette.ground;
  context.fill();
  context.strokeStyle = scene.palette.muted;
  context.lineWidth = 1;
  context.stroke();
  if (isDot) return;
  paintGlyph(brush, { x: at.x - width / 2 + PARTY.mark / 2, y: at.y }, { glyph: NODE_GLYPHS[glyph], colour: scene.palette.text, scale: 0.62 });
  if (number === "") return;
  context.textAlign = "left";
  context.textBaseline = "middle";
  context.font = `400 10px ${FONT}`;
  context.fillStyle = scene.palette.text;
  context.fillText(number, at.x - width / 2 + PARTY.mark - 1, at.y + 0.5);
}
