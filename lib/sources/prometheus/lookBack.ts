import type { TelemetryRequest } from "../source.ts";
import type { Asked } from "./beside.ts";
import { mapLookBack, type RowsByKey } from "./map.ts";
import { nearSeconds } from "./queries.ts";

/** What carried traffic before the window, as the two questions about it were answered; each mapped once. */
export class LookBack {
  #mapped: { readonly lookBack: Asked; readonly near: Asked | null; readonly rows: RowsByKey } | null = null;

  rows(request: TelemetryRequest, lookBack: Asked, near: Asked | null): RowsByKey {
    if (this.#mapped?.lookBack !== lookBack || this.#mapped.near !== near) this.#mapped = { lookBack, near, rows: rowsOf(request, lookBack, near) };
    return this.#mapped.rows;
  }
}

/** What the newer question does not name was seen last before the time that it asked about. */
function rowsOf({ windowSeconds, lookBackSeconds }: TelemetryRequest, lookBack: Asked, near: Asked | null): RowsByKey {
  const startOf = ({ atMs }: Asked): number => atMs - windowSeconds * 1000;
  const start = startOf(lookBack);
  const nearAnswer = near?.answers.lookBackNear;
  if (near === null || nearAnswer === undefined) return mapLookBack(lookBack.answers.lookBack ?? [], { afterMs: start - lookBackSeconds * 1000, untilMs: start });
  const nearStart = startOf(near) - nearSeconds({ lookBackSeconds }) * 1000;
  const far = mapLookBack(lookBack.answers.lookBack ?? [], { afterMs: start - lookBackSeconds * 1000, untilMs: nearStart });
  return new Map([...far, ...mapLookBack(nearAnswer, { afterMs: nearStart, untilMs: startOf(near) })]);
}
