import type { Edge, Observation, ObservedCounts } from "#mesh";
import type { Cargo, Report } from "./passage.ts";

/** One thing that travels on an edge, or may again. */
export interface Load {
  readonly cargo: Cargo;
  /** of the window; 0 where it is foretold by what came before, or by bytes of connections that were opened before */
  readonly count: number;
  readonly report: Report;
  /** seen in the look-back, and not in the window */
  readonly before: boolean;
  /** of unclear traffic: how it was counted, by one rule */
  readonly observations: readonly Observation[];
}

const NOTHING: readonly never[] = [];
const UNREPORTED: Report = { byServer: false, denied: false, unreported: false, onward: false };
const CONFIGURED: readonly Load[] = [{ cargo: "configured", count: 0, report: UNREPORTED, before: false, observations: NOTHING }];

/** What the server's own side counted: its proxy, or its waypoint. */
export function isByServerSide({ reporter }: Observation): boolean {
  return reporter === "destination" || reporter === "waypoint";
}

function reportOf(observations: readonly Observation[]): Report {
  if (observations.length === 0) return UNREPORTED;
  return {
    byServer: observations.every(({ reporter }) => reporter === "destination"),
    denied: observations.every(({ refusal }) => refusal === "authorization"),
    unreported: observations.every(({ rule }) => rule === "OBS-23"),
    onward: observations.every(({ rule }) => rule === "OBS-25"),
  };
}

function load(cargo: Cargo, count: number, observations: readonly Observation[]): Load {
  return { cargo, count, report: reportOf(observations), before: false, observations };
}

/** Asked of every edge: without a count only bytes tell of it. */
function observedAs({ observations, counts, bytes }: Edge, cargo: keyof ObservedCounts): readonly Observation[] {
  return counts[cargo] > 0 || bytes > 0 ? observations.filter((one) => one.counts === cargo && one.count + one.bytes > 0) : NOTHING;
}

/** Nobody knows the security of each for a reason of its own. What only failed carried nothing. @see rule PRE-2 */
function unclearLoads(edge: Edge): readonly Load[] {
  const observed = observedAs(edge, "unclear");
  if (observed.length === 0) return edge.counts.unclear > 0 ? [load("unclear", edge.counts.unclear, NOTHING)] : NOTHING;
  const carried = observed.filter(({ rule }) => rule !== "OBS-18");
  return [...Map.groupBy(carried, ({ rule }) => rule).values()].map((own) => load("unclear", own.reduce((sum, { count }) => sum + count, 0), own));
}

function windowLoads(edge: Edge): readonly Load[] {
  const loads = (["mtls", "plaintext", "tls", "refused"] as const).flatMap((cargo): readonly Load[] => {
    const observed = observedAs(edge, cargo);
    return edge.counts[cargo] > 0 || observed.length > 0 ? [load(cargo, edge.counts[cargo], observed)] : NOTHING;
  });
  return [...loads, ...unclearLoads(edge)];
}

/** What the look-back held and the window does not. What was unclear then is known since, where the window tells of the same edge. @see rules PRE-3, PRE-4 */
function earlierLoads({ lastPlaintextMs, seenBefore = NOTHING }: Edge, window: readonly Load[]): readonly Load[] {
  const seen = new Set<Cargo>(lastPlaintextMs === null ? seenBefore : ["plaintext", ...seenBefore]);
  if (window.length > 0) seen.delete("unclear");
  for (const { cargo } of window) seen.delete(cargo);
  return [...seen].map((cargo) => ({ ...load(cargo, 0, NOTHING), before: true }));
}

/**
 * What travels on an edge: what was observed, in the window or before it, and where nothing was what configuration says.
 *
 * @see rule PRE-1
 */
export function loadsOf(edge: Edge): readonly Load[] {
  const window = windowLoads(edge);
  const loads = [...window, ...earlierLoads(edge, window)];
  return loads.length > 0 ? loads : CONFIGURED;
}
