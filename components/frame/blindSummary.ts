import type { MeshView } from "#view";
import { ago, plural } from "../numbers.ts";

type Seen = Pick<MeshView, "sources" | "gaps" | "mesh" | "capturedAtMs">;

function ills({ sources, mesh, capturedAtMs }: Seen): readonly string[] {
  // of a saved state every source is as old as the file, which stands beside it
  const ill = sources.filter(({ state }) => state !== "live" && (mesh.savedAtMs === null || state !== "stale"));
  return ill.map(({ name, state, readAtMs }) => `${name} ${state}${state === "stale" && readAtMs !== null ? ` since ${ago(readAtMs, capturedAtMs).replace(" ago", "")}` : ""}`);
}

const UNWATCHED = " (watch)";

/** What sources that answer say all the same, where it changes how the picture is to be read: a clock that was moved, changes that come late. */
function remarks({ sources, mesh }: Seen): readonly string[] {
  const live = sources.filter(({ state, message }) => state === "live" && message !== "");
  if (mesh.simulated) return [...new Set(live.map(({ message }) => message))];
  return live.filter(({ name }) => name.endsWith(UNWATCHED)).map(({ name }) => `${name.slice(0, -UNWATCHED.length)} is not watched everywhere: some changes arrive late`);
}

/** What stands on the line of every page: what is ill, what cannot be seen, what to know of the rest. */
export function blindSummary(view: Seen): string {
  const unseen = view.gaps.length > 0 ? [`${plural(view.gaps.length, "thing")} mtlscope cannot see`] : [];
  const parts = [...ills(view), ...unseen];
  const answered = view.mesh.savedAtMs === null ? "every source answered" : "every source had answered";
  return [...(parts.length > 0 ? parts : [answered]), ...remarks(view)].join(" · ");
}
