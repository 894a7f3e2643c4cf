import type { Point, Rectangle } from "#view";

export type Size = Pick<Rectangle, "width" | "height">;

export interface Fitted {
  readonly zoom: number;
  readonly pan: Point;
}

const PADDING_PX = 24;
/** the buttons stand at the lower edge */
const LOWER_PADDING_PX = 56;
const LARGEST_ZOOM = 1.15;

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
