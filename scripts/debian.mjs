// Debian packages that the tests need. Chromium is installed (root) or named (no root); servers are only unpacked, so they need no root.
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { delimiter, dirname, join, resolve } from "node:path";

const CHECKOUT = resolve(import.meta.dirname, "..");
const UNPACKED = join(CHECKOUT, ".cache/deb");
const ENVIRONMENT = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };

function run(command, args, options = {}) {
  execFileSync(command, args, { stdio: ["ignore", "ignore", "inherit"], env: ENVIRONMENT, ...options });
}

let updated = false;
function updateLists() {
  if (updated) return;
  updated = true;
  run("apt-get", ["update", "-qq"]);
}

function isRoot() {
  return process.getuid?.() === 0;
}

/** Chromium at /usr/bin/chromium: browsers need their dependencies configured, so this one is really installed. */
export function ensureChromium() {
  if (existsSync("/usr/bin/chromium")) return;
  if (!isRoot()) throw new Error("the browser tests need Chromium: run `sudo apt-get install chromium`, then `npm test` again");
  console.log("installing chromium");
  updateLists();
  run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core"]);
}

/** Unpacks a Debian package below .cache/deb, once, and returns the path of a file in it. */
export function ensureUnpacked(packageName, file) {
  const installed = join("/", file);
  if (existsSync(installed)) return installed;
  const unpacked = join(UNPACKED, packageName, file);
  if (existsSync(unpacked)) return unpacked;
  console.log(`unpacking ${packageName}`);
  if (isRoot()) updateLists();
  mkdirSync(UNPACKED, { recursive: true });
  const download = mkdtempSync(join(UNPACKED, "download-"));
  try {
    run("apt-get", ["download", "-qq", "-o", "APT::Sandbox::User=root", packageName], { cwd: download });
    const archive = readdirSync(download).find((name) => name.endsWith(".deb"));
    if (archive === undefined) throw new Error(`apt-get downloaded nothing for ${packageName}`);
    run("dpkg-deb", ["-x", join(download, archive), join(UNPACKED, packageName)]);
  } catch (error) {
    throw new Error(`the integration tests need ${packageName}: run \`sudo apt-get install ${packageName}\`, then \`npm test\` again (${error.message})`);
  } finally {
    rmSync(download, { recursive: true, force: true });
  }
  return unpacked;
}

/** The folder of a kubectl: of the one that is there, else of Debian's. However old, it does what proposals ask of it. */
export function ensureKubectl() {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.find((folder) => existsSync(join(folder, "kubectl"))) ?? dirname(ensureUnpacked("kubernetes-client", "usr/bin/kubectl"));
}

export function ensureServers() {
  ensureUnpacked("prometheus", "usr/bin/prometheus");
  ensureUnpacked("victoria-metrics", "usr/bin/victoria-metrics");
}
