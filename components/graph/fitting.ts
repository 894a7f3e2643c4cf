import type { Point, Rectangle } from "#view";

export interface Fitted {
  readonly zoom: number;
  readonly pan: Point;
}

const PADDING_PX = 24;
/** the buttons stand at the lower edge */
const LOWER_PADDING_PX = 56;
const LARGEST_ZOOM = 1.15;

/**
 * The viewport that shows the whole model; clear of what is covered, where one of the places would lie under it.
 *
 * @param whole the container, in pixels of the screen, as is `covered`
 */
export function fitting(drawn: { readonly model: Rectangle; readonly places: readonly Rectangle[] }, whole: Rectangle, covered: Rectangle | null): Fitted {
  const fitted = fitInto(drawn.model, whole);
  if (covered === null || !drawn.places.some((place) => overlaps(onScreen(place, fitted), covered))) return fitted;
  const right = covered.x + covered.width;
  const beside = fitInto(drawn.model, { ...whole, x: right, width: whole.width - right });
  const bottom = covered.y + covered.height;
  const below = fitInto(drawn.model, { ...whole, y: bottom, height: whole.height - bottom });
  return below.zoom > beside.zoom ? below : beside;
}

function fitInto(model: Rectangle, room: Rectangle): Fitted {
  const height = room.height - PADDING_PX - LOWER_PADDING_PX;
  const wanted = Math.min((room.width - 2 * PADDING_PX) / model.width, height / model.height, LARGEST_ZOOM);
  const zoom = Math.max(wanted, 0.02);
  return {
    zoom,
    pan: {
      x: room.x + room.width / 2 - (model.x + model.width / 2) * zoom,
      y: room.y + PADDING_PX + height / 2 - (model.y + model.height / 2) * zoom,
    },
  };
}

function onScreen({ x, y, width, height }: Rectangle, { zoom, pan }: Fitted): Rectangle {
  return { x: x * zoom + pan.x, y: y * zoom + pan.y, width: width * zoom, height: height * zoom };
}

function overlaps(first: Rectangle, second: Rectangle): boolean {
  return first.x < second.x + second.width && second.x < first.x + first.width && first.y < second.y + second.height && second.y < first.y + first.height;
}
