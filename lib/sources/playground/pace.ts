import { fingerprint } from "./identifiers.ts";
import type { Flow, Schedule } from "./scene.ts";

/** When the calls of a flow happen, as a counter over all simulated time: no state, no chance. */
export interface Pace {
  /** calls made up to this moment, from an arbitrary beginning; differences count */
  upTo(simulatedMs: number): number;
  /** when the last call up to this moment was made */
  lastUpTo(simulatedMs: number): number;
}

function steady(perSecond: number, phase: number): Pace {
  const upTo = (simulatedMs: number): number => Math.floor((simulatedMs / 1000) * perSecond + phase);
  return { upTo, lastUpTo: (simulatedMs) => ((upTo(simulatedMs) - phase) / perSecond) * 1000 };
}

function bursts(perSecond: number, schedule: Schedule, openedAtMs: number): Pace {
  const firstAtMs = openedAtMs - (schedule.endedSecondsAgo + schedule.forSeconds) * 1000;
  const callsPerBurst = Math.max(1, Math.floor(perSecond * schedule.forSeconds));
  const position = (simulatedMs: number): { readonly burst: number; readonly made: number } => {
    const burst = Math.floor((simulatedMs - firstAtMs) / 1000 / schedule.everySeconds);
    const sinceSeconds = (simulatedMs - firstAtMs) / 1000 - burst * schedule.everySeconds;
    return { burst, made: Math.min(callsPerBurst, Math.floor(sinceSeconds * perSecond) + 1) };
  };
  return {
    upTo: (simulatedMs) => {
      const { burst, made } = position(simulatedMs);
      return burst * callsPerBurst + made;
    },
    lastUpTo: (simulatedMs) => {
      const { burst, made } = position(simulatedMs);
      return firstAtMs + (burst * schedule.everySeconds + (made - 1) / perSecond) * 1000;
    },
  };
}

export function paceOf(flow: Flow, openedAtMs: number): Pace {
  if (flow.schedule !== undefined) return bursts(flow.perSecond, flow.schedule, openedAtMs);
  return steady(flow.perSecond, fingerprint(`${flow.from}>${flow.to}:${flow.port}`) / 2 ** 32);
}
