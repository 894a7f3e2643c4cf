import type { MeshJudge } from "../judge.ts";
import { reachBetween } from "../judgeMesh.ts";
import type { EdgeIdentity } from "../traffic/configured.ts";
import { isReached } from "../traffic/reachIndex.ts";

/** Says of edges whether one judge may say something else of them than another: where not, both say the same for the same reasons. */
export function alteration(before: MeshJudge, after: MeshJudge): (edge: EdgeIdentity) => boolean {
  const reach = reachBetween(before, after);
  return (edge) => isReached(reach, edge);
}
