import { readFile } from "node:fs/promises";
import { redact } from "../log.ts";
import { Misconfiguration } from "../misconfiguration.ts";
import type { MeshSources, SourceStatus } from "../source.ts";
import { parseSnapshot, UnreadableSnapshot } from "./read.ts";
import type { SavedState } from "./saved.ts";

export { savedState, snapshotBytes } from "./write.ts";
export { parseSnapshot } from "./read.ts";
export type { SavedState } from "./saved.ts";

/** the longest that a timer can wait: nothing is to be read again */
const NEVER_MS = 2 ** 31 - 1;

function instant(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19)}Z`;
}

/** All is as old as the file; what was not read then is not read now. */
function statusOf({ sources, snapshot: { capturedAtMs } }: SavedState): readonly SourceStatus[] {
  const when = `saved ${instant(capturedAtMs)}; nothing is read again`;
  return sources.map(({ kind, name, state, readAtMs, message }) => ({
    kind, name, state: state === "live" ? "stale" : state, readAtMs, message: message === "" ? when : `${when}. It said then: ${message}`,
  }));
}

function unopened(file: string, error: Error): Misconfiguration {
  return new Misconfiguration(`snapshot \`${file}\` cannot be opened: ${redact(error.message)}`, { cause: error });
}

async function openFile(file: string): Promise<SavedState> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw unopened(file, error as Error);
  });
  try {
    return await parseSnapshot(bytes);
  } catch (error) {
    throw error instanceof UnreadableSnapshot ? unopened(file, error) : error;
  }
}

/**
 * A mesh as it was when it was saved: nothing is read again.
 *
 * @throws {Misconfiguration} where the file cannot be read or is no saved state
 */
export async function snapshotSources(file: string): Promise<MeshSources> {
  const saved = await openFile(file);
  const { configuration, telemetry, capturedAtMs } = saved.snapshot;
  const status = statusOf(saved);
  const stop = (): Promise<void> => Promise.resolve();
  return {
    name: saved.name,
    saved: { atMs: capturedAtMs, simulated: saved.simulated },
    configuration: { current: () => configuration, status: () => status, ready: () => Promise.resolve(), onChange: () => () => undefined, stop },
    telemetry: { refreshMs: NEVER_MS, read: () => Promise.resolve(telemetry), status: () => [], stop },
    playground: null,
    stop,
  };
}
