import type { Telemetry } from "#mesh";
import type { TelemetrySource } from "./source.ts";

const MESSAGE = "no Prometheus was given, so no traffic is seen: only what the configuration allows is shown. Start with --prometheus URL or PROMETHEUS_URL";
const REFRESH_MS = 60_000;

/** Where no Prometheus was given: no rows, and a gap that says so. */
export function noTelemetry(): TelemetrySource {
  return {
    refreshMs: REFRESH_MS,
    read({ windowSeconds, lookBackSeconds, endMs }): Promise<Telemetry> {
      const windowEndMs = endMs ?? Date.now();
      const windowStartMs = windowEndMs - windowSeconds * 1000;
      const gap = { wanted: "observed traffic", because: "no Prometheus was given: start with `--prometheus URL` or `PROMETHEUS_URL`" };
      return Promise.resolve({ windowStartMs, windowEndMs, rows: [], lookBackRows: [], lookBackStartMs: windowStartMs - lookBackSeconds * 1000, gaps: [gap], queries: [] });
    },
    status: () => [{ kind: "telemetry", name: "Prometheus", state: "absent", readAtMs: null, message: MESSAGE }],
    stop: () => Promise.resolve(),
  };
}
