import type { MeshJudge } from "./judge.ts";
import { judgeMesh } from "./judgeMesh.ts";
import type { MeshSnapshot } from "./snapshot.ts";
import type { Edge } from "./traffic/edge.ts";
import { observeEdges } from "./traffic/edges.ts";
import type { Gap } from "./verdict.ts";

/** Everything the engine makes of one snapshot: an answer for any connection asked about, and the edges that exist. */
export interface MeshVerdicts {
  readonly snapshot: MeshSnapshot;
  readonly judge: MeshJudge;
  /** by key, ascending */
  readonly edges: readonly Edge[];
  /** what keeps verdicts unknown or edges unseen: of configuration first, then of telemetry, each once */
  readonly gaps: readonly Gap[];
}

function eachOnce(gaps: readonly Gap[]): readonly Gap[] {
  return [...new Map(gaps.map((gap) => [JSON.stringify([gap.wanted, gap.because]), gap])).values()];
}

/**
 * Judges what was observed in a snapshot against its configuration.
 *
 * @param judge over `snapshot.configuration`, where it is built already: new telemetry need not judge the configuration again
 * @returns never throws for what the snapshot holds; what is missing is a gap
 * @see rules EDGE-1 to EDGE-13 and what they refer to
 */
export function evaluateMesh(snapshot: MeshSnapshot, judge: MeshJudge = judgeMesh(snapshot.configuration)): MeshVerdicts {
  const edges = observeEdges(snapshot, judge);
  return { snapshot, judge, edges, gaps: eachOnce([...judge.gaps, ...snapshot.telemetry.gaps, ...edges.flatMap((edge) => edge.gaps)]) };
}
