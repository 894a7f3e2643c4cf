import { meshDelta } from "#delta";
import type { MeshView } from "#view";
import type { ViewEvent } from "./subscribers.ts";

// Where more than this changed, the whole picture, which is kept compressed, is the shorter way: 2 MB of a mesh of 50,000 edges, in which the policy of
// one namespace is told in 310 kB. Two of these do not make a stream fall behind.
const MOST_ITEMS = 2_000;
const MOST_CHARACTERS = 480_000;

/** What those who have one picture are told when the next one is there. */
export function viewEvent(before: MeshView | null, after: MeshView): ViewEvent {
  const { revision, capturedAtMs } = after;
  const delta = before === null ? undefined : JSON.stringify(meshDelta(before, after, MOST_ITEMS));
  if (before === null || delta === undefined || delta.length > MOST_CHARACTERS) return { revision, capturedAtMs, since: null, delta: null };
  return { revision, capturedAtMs, since: before.revision, delta };
}
