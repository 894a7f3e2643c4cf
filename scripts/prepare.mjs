// What `npm start` and `npm test` share: install when the lock changed, build when something that goes into the build changed.
// Node's built-ins only: this runs before anything is installed.
import { spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";

export const CHECKOUT = resolve(import.meta.dirname, "..");
const LOCK_STAMP = join(CHECKOUT, "node_modules/.mtlscope-lock");
const BUILD_STAMP = join(CHECKOUT, ".next/.mtlscope-build");
const BUILD_INPUTS = ["app", "pages", "components", "lib", "public", "instrumentation.ts", "instrumentation-node.ts", "proxy.ts", "next.config.js", "postcss.config.mjs", "tsconfig.json", "package.json", "package-lock.json"];

/** The pinned Node of node_modules, else the one that runs this. */
export function pinnedNode() {
  const pinned = join(CHECKOUT, `node_modules/node-linux-${process.arch}/bin/node`);
  return existsSync(pinned) ? pinned : process.execPath;
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

function run(command, args, environment = {}) {
  const { status } = spawnSync(command, args, { cwd: CHECKOUT, stdio: ["ignore", "inherit", "inherit"], env: { ...process.env, ...environment } });
  return status === 0;
}

/** @returns false when `npm ci` failed; it has said why */
export function ensureDependencies() {
  const lock = fingerprint(["package-lock.json"]);
  if (isFresh(LOCK_STAMP, lock)) return true;
  console.log("installing dependencies (npm ci)");
  if (!run("npm", ["ci", "--no-fund", "--no-audit"])) return false;
  writeStamp(LOCK_STAMP, lock);
  return true;
}

/** @returns false when the build failed; it has said why */
export function ensureBuild() {
  const inputs = fingerprint(BUILD_INPUTS);
  if (isFresh(BUILD_STAMP, inputs)) return true;
  console.log("building");
  if (!run(pinnedNode(), ["node_modules/next/dist/bin/next", "build"], { NEXT_TELEMETRY_DISABLED: "1" })) return false;
  writeStamp(BUILD_STAMP, inputs);
  return true;
}
