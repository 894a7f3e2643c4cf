import type { RefusedApiServerCalls } from "#proposals";
import { listText } from "./quantity.ts";

function callsText({ workload, targetPort, calls }: RefusedApiServerCalls): string {
  return `${workload} on port ${targetPort} (${listText([...new Set(calls.map(({ kind, name }) => `${kind} ${name}`))])})`;
}

/** Which calls of the API server STRICT would refuse, in words; `null` where none is known. */
export function apiServerText(refused: readonly RefusedApiServerCalls[]): string | null {
  const known = refused.filter(({ isKnown }) => isKnown);
  return known.length === 0 ? null : `No: STRICT would refuse the API server, which has no proxy and calls ${listText(known.map(callsText))}.`;
}
