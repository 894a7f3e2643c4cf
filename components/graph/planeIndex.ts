import type { Point, Rectangle } from "#view";

const CELL_PX = 160;

/** Finds what lies near a point without looking at everything. */
export class PlaneIndex<T> {
  readonly #cells = new Map<string, T[]>();

  add(place: Rectangle, thing: T): void {
    for (const key of cells(place)) {
      const cell = this.#cells.get(key);
      if (cell === undefined) this.#cells.set(key, [thing]);
      else if (cell.at(-1) !== thing) cell.push(thing);
    }
  }

  /** Everything whose place is within `reach`, and some that is a little farther. */
  near({ x, y }: Point, reach: number): readonly T[] {
    const keys = cells({ x: x - reach, y: y - reach, width: 2 * reach, height: 2 * reach });
    if (keys.length === 1) return this.#cells.get(keys[0] ?? "") ?? [];
    return [...new Set(keys.flatMap((key) => this.#cells.get(key) ?? []))];
  }
}

function cells({ x, y, width, height }: Rectangle): readonly string[] {
  const keys: string[] = [];
  for (let column = Math.floor(x / CELL_PX); column * CELL_PX <= x + width; column += 1) {
    for (let row = Math.floor(y / CELL_PX); row * CELL_PX <= y + height; row += 1) keys.push(`${column},${row}`);
  }
  return keys;
}
