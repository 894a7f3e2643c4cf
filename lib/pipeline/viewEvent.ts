import { meshDelta } from "#delta";
import type { MeshView } from "#view";
import type { ViewEvent } from "./subscribers.ts";

// Where more than this changed, the whole picture, which is kept compressed, is the shorter way.
const MOST_ITEMS = 400;
const MOST_CHARACTERS = 256_000;

/** What those who have one picture are told when the next one is there. */
export function viewEvent(before: MeshView | null, after: MeshView): ViewEvent {
  const { revision, capturedAtMs } = after;
  const delta = before === null ? undefined : JSON.stringify(meshDelta(before, after, MOST_ITEMS));
  if (before === null || delta === undefined || delta.length > MOST_CHARACTERS) return { revision, capturedAtMs, since: null, delta: null };
  return { revision, capturedAtMs, since: before.revision, delta };
}
