import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { MeshThread } from "./thread/meshThread.ts";

// A module exists several times in one Next process (instrumentation, route handlers, pages); the global symbol is the one thing they share.
const KEY: unique symbol = Symbol.for("mtlscope.mesh");
const shared = globalThis as typeof globalThis & { [KEY]: MeshThread | undefined };

// A mesh of 10,000 workloads and 50,000 edges needs 350 MB. V8 lets a heap that may have 2 GB grow to four times what lives in it before it collects,
// a smaller one to less than twice; and a small young generation costs no time here. Together they save 500 MB at the peak.
const LIMITS = { maxOldGenerationSizeMb: 1_536, maxYoungGenerationSizeMb: 16 };

/** The one mesh of this process, read in a thread of its own that is started when first asked for. @throws when the settings are wrong: all that is wrong with them, in words */
export async function meshThread(): Promise<MeshThread> {
  // Turbopack knows `new Worker` with a path below the working directory, and builds the thread as a program of its own
  shared[KEY] ??= new MeshThread((workerData) => new Worker(join(process.cwd(), "lib/pipeline/thread/worker.ts"), { workerData, execArgv: [], name: "mesh", resourceLimits: LIMITS }));
  return await shared[KEY].opened();
}
