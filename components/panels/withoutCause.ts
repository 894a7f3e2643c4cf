import type { EdgeView } from "#view";

/** What stands where a connection has neither cause nor fix. Only what was seen to be mTLS needs nothing. */
export function withoutCause({ state, configured }: Pick<EdgeView, "state" | "configured">): string {
  if (state === "mTLS") return "Nothing to do for this connection by itself.";
  if (configured.length === 1 && configured[0] === "mTLS") return "Nothing was seen in the window, and by configuration it would be mTLS: look again when it is used.";
  return "Nothing was seen that could be explained: look again when it is used, or over a longer window.";
}
