import type { Point } from "#view";
import { pointOn } from "./curve.ts";
import type { Curve } from "./curve.ts";
import { PlaneIndex } from "./planeIndex.ts";

export interface Line {
  readonly id: string;
  readonly curve: Curve;
}

const PIECES = 16;

/**
 * Answers which line a point lies on.
 *
 * @returns a function of a point and a reach, both in model pixels; `null` where no line is that near
 */
export function lineFinder(lines: readonly Line[]): (point: Point, reach: number) => string | null {
  const index = new PlaneIndex<Piece>();
  for (const line of lines) for (const piece of piecesOf(line)) index.add(boundsOf(piece), piece);
  return (point, reach) => {
    let best: string | null = null;
    let nearest = reach;
    for (const piece of index.near(point, reach)) {
      const away = distanceTo(piece, point);
      if (away <= nearest) [best, nearest] = [piece.id, away];
    }
    return best;
  };
}

interface Piece {
  readonly id: string;
  readonly from: Point;
  readonly to: Point;
}

/** Long straight lines are cut too: the bounds of a diagonal piece should hold little else. */
function piecesOf({ id, curve }: Line): readonly Piece[] {
  return Array.from({ length: PIECES }, (_, at) => ({ id, from: pointOn(curve, at / PIECES), to: pointOn(curve, (at + 1) / PIECES) }));
}

function boundsOf({ from, to }: Piece): { readonly x: number; readonly y: number; readonly width: number; readonly height: number } {
  return { x: Math.min(from.x, to.x), y: Math.min(from.y, to.y), width: Math.abs(from.x - to.x), height: Math.abs(from.y - to.y) };
}

function distanceTo({ from, to }: Piece, point: Point): number {
  const [dx, dy] = [to.x - from.x, to.y - from.y];
  const square = dx * dx + dy * dy;
  const along = square === 0 ? 0 : Math.min(1, Math.max(0, ((point.x - from.x) * dx + (point.y - from.y) * dy) / square));
  return Math.hypot(point.x - from.x - along * dx, point.y - from.y - along * dy);
}
