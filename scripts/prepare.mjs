// What `npm start` and `npm test` share: install when the lock changed, build when something that goes into the build changed.
// Node's built-ins only: this runs before anything is installed.
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { withLock } from "./lock.mjs";

export const CHECKOUT = resolve(import.meta.dirname, "..");
const LOCK = join(CHECKOUT, ".cache/prepare.lock");
const LOCK_STAMP = join(CHECKOUT, "node_modules/.mtlscope-lock");
const BUILD_STAMP = join(CHECKOUT, ".next/.mtlscope-build");
const BUILD_INPUTS = ["app", "pages", "components", "lib", "public", "instrumentation.ts", "instrumentation-node.ts", "proxy.ts", "next.config.js", "postcss.config.mjs", "tsconfig.json", "package.json", "package-lock.json"];

/** From then on Node runs TypeScript as it is. */
function runsTypeScript(version) {
  const [major, minor] = version.split(".").map(Number);
  return major >= 24 || (major === 23 && minor >= 6) || (major === 22 && minor >= 18);
}

function runs(binary) {
  return spawnSync(binary, ["--version"], { stdio: "ignore" }).status === 0;
}

let found;

/**
 * The pinned Node of node_modules, else the one that runs this. The pinned one is for Linux with glibc: elsewhere it is missing, or there and cannot run.
 *
 * @throws where neither can run mtlscope
 */
export function pinnedNode(version = process.versions.node) {
  const pinned = join(CHECKOUT, `node_modules/node-linux-${process.arch}/bin/node`);
  found ??= existsSync(pinned) && runs(pinned) ? pinned : null;
  if (found !== null) return found;
  if (runsTypeScript(version)) return process.execPath;
  const why = existsSync(pinned) ? "and the Node that npm ci installed for it cannot run here (it needs Linux with glibc)" : "and npm ci installs a newer one on Linux with glibc (x64, arm64) only";
  throw new Error(`mtlscope runs on Node 22.18 or newer: this is Node ${version}, ${why}. Install a newer Node, then try again`);
}

function filesBelow(path) {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
    .sort();
}

function fingerprint(paths) {
  const hash = createHash("sha256");
  for (const file of paths.flatMap((path) => filesBelow(join(CHECKOUT, path)))) hash.update(relative(CHECKOUT, file)).update("\0").update(readFileSync(file)).update("\0");
  return hash.digest("hex");
}

function isFresh(stamp, content) {
  return existsSync(stamp) && readFileSync(stamp, "utf8") === content;
}

function writeStamp(stamp, content) {
  mkdirSync(dirname(stamp), { recursive: true });
  writeFileSync(stamp, content);
}

const ENDING = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 };

/** A program with all that it starts: whoever ends this process ends them too. */
async function run(command, args, environment = {}) {
  let child;
  // heard before the program runs: one that is started first could outlive whoever ends this process in between
  const stops = Object.entries(ENDING).map(([signal, code]) => [
    signal,
    () => {
      try {
        process.kill(-child.pid, "SIGTERM");
      } finally {
        process.exit(code);
      }
    },
  ]);
  for (const [signal, stop] of stops) process.on(signal, stop);
  child = spawn(command, args, { cwd: CHECKOUT, detached: true, stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, ...environment } });
  const succeeded = await new Promise((done) => {
    child.once("error", (error) => {
      console.error(`${command} could not be run: ${error.message}`);
      done(false);
    });
    child.once("exit", (code) => done(code === 0));
  });
  for (const [signal, stop] of stops) process.off(signal, stop);
  return succeeded;
}

/** Does the work unless the stamp says that it is done; one process at a time, the others wait and then find it done. */
async function ensure(stamp, inputs, work) {
  if (isFresh(stamp, fingerprint(inputs))) return true;
  return withLock(LOCK, async () => {
    const content = fingerprint(inputs);
    if (isFresh(stamp, content)) return true;
    if (!(await work())) return false;
    writeStamp(stamp, content);
    return true;
  });
}

/** @returns false when `npm ci` failed; it has said why */
export async function ensureDependencies() {
  return ensure(LOCK_STAMP, ["package-lock.json"], () => {
    console.log("installing dependencies (npm ci)");
    return run("npm", ["ci", "--no-fund", "--no-audit"]);
  });
}

/** @returns false when the build failed; it has said why */
export async function ensureBuild() {
  return ensure(BUILD_STAMP, BUILD_INPUTS, () => {
    console.log("building");
    return run(pinnedNode(), ["node_modules/next/dist/bin/next", "build"], { NEXT_TELEMETRY_DISABLED: "1" });
  });
}
