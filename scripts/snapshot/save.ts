import { rename, rm, writeFile } from "node:fs/promises";
import { gapOf, type Gap } from "#mesh";
import { openSources, readConfig, savedState, snapshotBytes, type SavedState } from "#sources";

/** `save.ts FILE`: reads the mesh that the environment names, once, and saves it. Exits 1 where nothing could be saved. */

const WINDOW = { windowSeconds: 900, lookBackSeconds: 3600, endMs: null };

function heldLines({ snapshot: { configuration, telemetry } }: SavedState): readonly string[] {
  const kinds = Object.entries<readonly unknown[]>({ ...configuration.objects }).filter(([, objects]) => objects.length > 0);
  return [...kinds.map(([kind, objects]) => `  ${objects.length} ${kind}`), `  ${telemetry.rows.length} rows of traffic in the window, ${telemetry.lookBackRows.length} before it`];
}

function missing({ snapshot: { configuration, telemetry } }: SavedState): readonly Gap[] {
  return [...configuration.unread.map(gapOf), ...telemetry.gaps];
}

async function read(): Promise<SavedState> {
  const sources = await openSources(readConfig());
  try {
    return await savedState(sources, WINDOW);
  } finally {
    await sources.stop();
  }
}

async function save(file: string): Promise<void> {
  const saved = await read();
  const bytes = await snapshotBytes(saved);
  const unfinished = `${file}.unfinished-${process.pid}`;
  try {
    await writeFile(unfinished, bytes, { mode: 0o600 });
    await rename(unfinished, file);
  } finally {
    await rm(unfinished, { force: true });
  }
  const gaps = missing(saved);
  const what = saved.simulated ? `the simulated mesh ${saved.name}` : saved.name;
  console.log([`saved ${what}, as of ${new Date(saved.snapshot.capturedAtMs).toISOString()}, to ${file} (${Math.ceil(bytes.length / 1000)} kB)`, "It holds:", ...heldLines(saved)].join("\n"));
  console.log(gaps.length === 0 ? "Everything could be read." : ["What could not be read:", ...gaps.map(({ wanted, because }) => `  ${wanted}: ${because}`)].join("\n"));
}

try {
  await save(process.argv[2] ?? "");
} catch (error) {
  console.error(`mtlscope: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
