import type { ConfiguredAnswer } from "./configured.ts";
import type { EdgeState, Observation, ObservedCounts } from "./edge.ts";
import type { TrafficRuleId } from "./rules.ts";

export interface StateOfEdge {
  readonly state: EdgeState;
  readonly rule: TrafficRuleId;
}

/** Which of the five were observed. Bytes of a connection opened before the window count as observed. */
export type Presence = ReadonlySet<keyof ObservedCounts>;

export function presenceOf(observations: readonly Observation[]): Presence {
  return new Set(observations.filter((observation) => observation.count > 0 || observation.bytes > 0).map((observation) => observation.counts));
}

const ONE_SECURITY: Readonly<Record<"mtls" | "plaintext" | "tls", StateOfEdge>> = {
  plaintext: { state: "plaintext", rule: "EDGE-4" },
  tls: { state: "application TLS", rule: "EDGE-5" },
  mtls: { state: "mTLS", rule: "EDGE-6" },
};

function accepted(observed: Presence): StateOfEdge | null {
  const [only, ...others] = (["mtls", "plaintext", "tls"] as const).filter((kind) => observed.has(kind));
  if (only === undefined) return null;
  return others.length > 0 ? { state: "mixed", rule: "EDGE-3" } : ONE_SECURITY[only];
}

function idle(configured: ConfiguredAnswer): StateOfEdge {
  if (configured.allRefused) return { state: "expected blocked", rule: "EDGE-9" };
  return { state: "idle", rule: configured.known ? "EDGE-10" : "EDGE-11" };
}

/** The first row of the state table that fits. @see rules EDGE-1 to EDGE-11 */
export function stateOf(observed: Presence, configured: ConfiguredAnswer): StateOfEdge {
  const carried = accepted(observed);
  if (observed.has("refused")) return carried === null && !observed.has("unclear") ? { state: "blocked", rule: "EDGE-1" } : { state: "mixed, partly blocked", rule: "EDGE-2" };
  if (carried !== null) return carried;
  if (observed.has("unclear")) return { state: "unclear", rule: configured.known ? "EDGE-7" : "EDGE-8" };
  return idle(configured);
}
