import type { Point, Rectangle } from "#view";
import type { PartyGroup } from "./parties.ts";

/** Where there is no room for a mark and a number, a dot. */
const SMALLEST_PARTY_PX = 14;
const DOT_PX = 5;
const HEIGHT_PX = 15;
const DIGIT_PX = 6;
/** of the glyph in it */
export const PARTY_GLYPH_PX = 15;

/** How a group of parties is drawn from far, in pixels of the screen. */
export interface PartyMark {
  readonly place: Rectangle;
  readonly isDot: boolean;
  /** how many they are, where they are several and there is room for it */
  readonly number: string;
}

export function partyMark({ members, place, side }: PartyGroup, { zoom, pan }: { readonly zoom: number; readonly pan: Point }): PartyMark {
  const isDot = place.width * zoom < SMALLEST_PARTY_PX;
  const number = isDot || members.length === 1 ? "" : String(members.length);
  const height = isDot ? DOT_PX : HEIGHT_PX;
  const width = isDot ? DOT_PX : PARTY_GLYPH_PX + (number === "" ? 0 : number.length * DIGIT_PX + 3);
  // close to the box, where the lines begin
  const aside = Math.max(0, (place.width * zoom - width) / 2);
  const middle = { x: (place.x + place.width / 2) * zoom + pan.x, y: (place.y + place.height / 2) * zoom + pan.y };
  const x = middle.x + (side === "left" ? aside : side === "right" ? -aside : 0);
  return { place: { x: x - width / 2, y: middle.y - height / 2, width, height }, isDot, number };
}

/** The group whose mark lies under a point of the screen, or no farther from it than `reach`; the one painted last is on top. */
export function groupAt(groups: readonly PartyGroup[], { x, y }: Point, { viewport, reach }: { readonly viewport: { readonly zoom: number; readonly pan: Point }; readonly reach: number }): PartyGroup | null {
  const found = groups.findLast((group) => {
    const { place } = partyMark(group, viewport);
    return x >= place.x - reach && x <= place.x + place.width + reach && y >= place.y - reach && y <= place.y + place.height + reach;
  });
  return found ?? null;
}
