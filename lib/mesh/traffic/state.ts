import type { Summary } from "./configured.ts";
import type { EdgeState, Observation, ObservedCounts } from "./edge.ts";
import type { TrafficRuleId } from "./rules.ts";

/** The state of an edge, and the row of the state table that gives it. */
export interface StateOfEdge {
  readonly state: EdgeState;
  readonly rule: TrafficRuleId;
}

/** Which of the five were observed. Bytes of a connection opened before the window count as observed. */
export type Presence = Readonly<Record<keyof ObservedCounts, boolean>>;

const NOTHING: Presence = { mtls: false, plaintext: false, tls: false, unclear: false, refused: false };
/** what most edges are */
const ONLY: Readonly<Record<keyof ObservedCounts, Presence>> = {
  mtls: { ...NOTHING, mtls: true },
  plaintext: { ...NOTHING, plaintext: true },
  tls: { ...NOTHING, tls: true },
  unclear: { ...NOTHING, unclear: true },
  refused: { ...NOTHING, refused: true },
};

/** What observations of the window come to, whatever their number. */
export function presenceOf(observations: readonly Observation[]): Presence {
  let presence = NOTHING;
  for (const { counts, count, bytes } of observations) {
    if ((count > 0 || bytes > 0) && !presence[counts]) presence = presence === NOTHING ? ONLY[counts] : { ...presence, [counts]: true };
  }
  return presence;
}

const ONE_SECURITY: Readonly<Record<"mtls" | "plaintext" | "tls", StateOfEdge>> = {
  plaintext: { state: "plaintext", rule: "EDGE-4" },
  tls: { state: "application TLS", rule: "EDGE-5" },
  mtls: { state: "mTLS", rule: "EDGE-6" },
};

const SECURITIES = ["mtls", "plaintext", "tls"] as const;

function accepted(observed: Presence): StateOfEdge | null {
  let carried: StateOfEdge | null = null;
  for (const kind of SECURITIES) if (observed[kind]) carried = carried === null ? ONE_SECURITY[kind] : { state: "mixed", rule: "EDGE-3" };
  return carried;
}

function idle(configured: Summary): StateOfEdge {
  if (configured.allRefused) return { state: "expected blocked", rule: "EDGE-9" };
  return { state: "idle", rule: configured.known ? "EDGE-10" : "EDGE-11" };
}

/** The first row of the state table that fits. @see rules EDGE-1 to EDGE-11 */
export function stateOf(observed: Presence, configured: Summary): StateOfEdge {
  const carried = accepted(observed);
  if (observed.refused) return carried === null && !observed.unclear ? { state: "blocked", rule: "EDGE-1" } : { state: "mixed, partly blocked", rule: "EDGE-2" };
  if (carried !== null) return carried;
  if (observed.unclear) return { state: "unclear", rule: configured.known ? "EDGE-7" : "EDGE-8" };
  return idle(configured);
}
