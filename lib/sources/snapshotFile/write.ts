import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { redact } from "../log.ts";
import type { MeshSources, TelemetryRequest } from "../source.ts";
import { FORMAT, VERSION, type SavedState } from "./saved.ts";
import { withoutSecrets } from "./withoutSecrets.ts";

const zip = promisify(gzip);

/** Reads everything once: resolves when each kind has been read or found unreadable, and telemetry has answered or failed. */
export async function savedState(sources: MeshSources, request: TelemetryRequest): Promise<SavedState> {
  await sources.configuration.ready();
  const capturedAtMs = Date.now();
  // with an end that is given no answer of an earlier moment is taken
  const telemetry = await sources.telemetry.read({ ...request, endMs: request.endMs ?? capturedAtMs });
  return {
    name: sources.name,
    simulated: sources.playground !== null || sources.saved?.simulated === true,
    snapshot: { capturedAtMs: sources.saved?.atMs ?? capturedAtMs, configuration: sources.configuration.current(), telemetry },
    sources: [...sources.configuration.status(), ...sources.telemetry.status()],
  };
}

/** One gzip JSON file; what may be secret is left out. */
export async function snapshotBytes({ name, simulated, snapshot, sources }: SavedState): Promise<Buffer> {
  const messages = sources.map((source) => ({ ...source, message: redact(source.message) }));
  return zip(JSON.stringify({ format: FORMAT, version: VERSION, name, simulated, sources: messages, ...withoutSecrets(snapshot) }));
}
