import type { Telemetry, TrafficRow, RefusalRow } from "#mesh";
import type { MeshSources } from "../../../lib/sources/source.ts";

/** A clock that a test moves by hand. */
export interface HandClock {
  readonly now: () => number;
  advanceSeconds(seconds: number): void;
}

export const NOON_MS = Date.UTC(2026, 8, 21, 12, 0, 0);

export function handClock(startMs: number = NOON_MS): HandClock {
  let nowMs = startMs;
  return {
    now: () => nowMs,
    advanceSeconds: (seconds) => {
      nowMs += seconds * 1000;
    },
  };
}

/** A window of 15 minutes and an hour before it, as the product asks. */
export async function read(sources: MeshSources, windowSeconds = 900): Promise<Telemetry> {
  return await sources.telemetry.read({ windowSeconds, lookBackSeconds: 3600, endMs: null });
}

export function between(telemetry: Telemetry, client: string, server: string): readonly TrafficRow[] {
  return telemetry.rows.filter((row): row is TrafficRow => row.what === "traffic" && `${row.client.namespace}/${row.client.workload}` === client && `${row.server.namespace}/${row.server.workload}` === server);
}

export function refusals(telemetry: Telemetry): readonly RefusalRow[] {
  return telemetry.rows.filter((row) => row.what === "refusal");
}
