// One process at a time, across processes. Node's built-ins only.
import { mkdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const BEAT_MS = 2_000;
/** a holder that has not been heard of for so long is gone, wherever it ran */
const SILENT_MS = 30_000;
const ASK_AGAIN_MS = 250;
const LOOK_AGAIN_MS = 10;

function create(file) {
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    return true;
  } catch (error) {
    if (error.code === "EEXIST") return false;
    throw error;
  }
}

function isRunning(id) {
  try {
    process.kill(id, 0);
    return true;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/** @returns the holder's process id; `undefined` when it has let go in between; `null` when it is gone and left the file behind */
function holder(file) {
  try {
    const id = Number(readFileSync(file, "utf8"));
    const silent = Date.now() - statSync(file).mtimeMs > SILENT_MS;
    return silent || (id > 0 && !isRunning(id)) ? null : id;
  } catch {
    return undefined;
  }
}

/** One at a time of those that wait looks again and takes away what was left behind: who looked before may see the lock of one that was quicker. */
function takeAway(file) {
  const claim = `${file}.claim`;
  if (!create(claim)) {
    if (holder(claim) === null) rmSync(claim, { force: true });
    return;
  }
  try {
    if (holder(file) === null) rmSync(file, { force: true });
  } finally {
    rmSync(claim, { force: true });
  }
}

async function acquire(file) {
  let told = false;
  while (!create(file)) {
    const id = holder(file);
    if (id === null) takeAway(file);
    if (id === null || id === undefined) {
      await sleep(LOOK_AGAIN_MS);
      continue;
    }
    if (!told) console.log(`waiting for another run to finish installing or building (process ${id})`);
    told = true;
    await sleep(ASK_AGAIN_MS);
  }
}

/** Does the work while no other process does work under the same lock. */
export async function withLock(file, work) {
  mkdirSync(dirname(file), { recursive: true });
  await acquire(file);
  const beat = setInterval(() => utimesSync(file, new Date(), new Date()), BEAT_MS);
  const release = () => rmSync(file, { force: true });
  process.once("exit", release);
  try {
    return await work();
  } finally {
    clearInterval(beat);
    process.off("exit", release);
    release();
  }
}
