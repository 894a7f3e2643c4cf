import type { MeshJudge } from "./judge.ts";
import { judgeMesh, reachBetween } from "./judgeMesh.ts";
import type { Reach } from "./change/reach.ts";
import type { MeshSnapshot } from "./snapshot.ts";
import type { Edge } from "./traffic/edge.ts";
import type { Observed } from "./traffic/edges.ts";
import { observe } from "./traffic/edges.ts";
import type { Gap } from "./verdict.ts";
import { eachOnce } from "./verdict.ts";

/** Everything the engine makes of one snapshot: an answer for any connection asked about, and the edges that exist. */
export interface MeshVerdicts {
  readonly snapshot: MeshSnapshot;
  readonly judge: MeshJudge;
  /** by key, ascending */
  readonly edges: readonly Edge[];
  /** what keeps verdicts unknown or edges unseen: of configuration first, then of telemetry, each once */
  readonly gaps: readonly Gap[];
}

const traces = new WeakMap<MeshVerdicts, Observed>();

/** How the edges before were observed, and what the change since can alter of them. */
function traceOf(before: MeshVerdicts | null, judge: MeshJudge): { readonly observed: Observed; readonly reach: Reach } | null {
  const observed = before === null ? undefined : traces.get(before);
  return before === null || observed === undefined ? null : { observed, reach: reachBetween(before.judge, judge) };
}

/**
 * Judges what was observed in a snapshot against its configuration.
 *
 * @param judge over `snapshot.configuration`, where it is built already: new telemetry need not judge the configuration again
 * @param before verdicts on an older snapshot: what no change reaches is taken over from them. What comes out is the same, only sooner
 * @returns never throws for what the snapshot holds; what is missing is a gap
 * @see rules EDGE-1 to EDGE-13 and what they refer to
 */
export function evaluateMesh(snapshot: MeshSnapshot, judge: MeshJudge = judgeMesh(snapshot.configuration), before: MeshVerdicts | null = null): MeshVerdicts {
  const observed = observe(snapshot, judge, traceOf(before, judge));
  const { edges } = observed;
  const verdicts = { snapshot, judge, edges, gaps: eachOnce([...judge.gaps, ...snapshot.telemetry.gaps, ...observed.gaps]) };
  traces.set(verdicts, observed);
  return verdicts;
}
