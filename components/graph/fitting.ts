import type { Point, Rectangle } from "#view";
import type { GraphModel } from "./graphModel.ts";

export type Size = Pick<Rectangle, "width" | "height">;

export interface Fitted {
  readonly zoom: number;
  readonly pan: Point;
}

const PADDING_PX = 24;
/** the buttons stand at the lower edge */
const LOWER_PADDING_PX = 56;
const LARGEST_ZOOM = 1.15;

/** What is shown of the model, from edge to edge; `null` where nothing is. */
export function extentOf({ boxes, nodes }: Pick<GraphModel, "boxes" | "nodes">): Rectangle | null {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { x, y, width, height } of [...boxes.filter(({ hidden }) => !hidden), ...nodes.filter(({ hidden }) => !hidden).map(({ place }) => place)]) {
    [left, top] = [Math.min(left, x), Math.min(top, y)];
    [right, bottom] = [Math.max(right, x + width), Math.max(bottom, y + height)];
  }
  return left === Infinity ? null : { x: left, y: top, width: right - left, height: bottom - top };
}

/** The viewport that shows all of the model in the middle of a container of that size. */
export function fitting(model: Rectangle, room: Size): Fitted {
  const height = room.height - PADDING_PX - LOWER_PADDING_PX;
  const wanted = Math.min((room.width - 2 * PADDING_PX) / model.width, height / model.height, LARGEST_ZOOM);
  const zoom = Math.max(wanted, 0.02);
  return {
    zoom,
    pan: {
      x: room.width / 2 - (model.x + model.width / 2) * zoom,
      y: PADDING_PX + height / 2 - (model.y + model.height / 2) * zoom,
    },
  };
}
