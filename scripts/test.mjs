// `npm test`: installs what the tests need, runs everything, and ends with one line `N passed, N failed`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";
import { ensureChromium, ensureServers } from "./debian.mjs";
import { ensureBuild, ensureDependencies } from "./prepare.mjs";

const CHECKOUT = resolve(import.meta.dirname, "..");
const REPORTS = join(CHECKOUT, ".cache/reports");
const BIN = join(CHECKOUT, "node_modules/.bin");
const ENVIRONMENT = { ...process.env, PATH: `${BIN}:${process.env.PATH}`, NEXT_TELEMETRY_DISABLED: "1" };

const totals = { passed: 0, failed: 0 };

function count(name, passed, failed, startedMs) {
  totals.passed += passed;
  totals.failed += failed;
  console.log(`-- ${name}: ${passed} passed, ${failed} failed (${Math.round((Date.now() - startedMs) / 1000)} s)\n`);
}

function spawn(command, args) {
  return spawnSync(command, args, { cwd: CHECKOUT, env: ENVIRONMENT, stdio: ["ignore", "inherit", "inherit"] }).status === 0;
}

/** A check that says yes or no counts as one test. */
function check(name, work) {
  const startedMs = Date.now();
  console.log(`-- ${name}`);
  let ok = false;
  try {
    ok = work() !== false;
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
  count(name, ok ? 1 : 0, ok ? 0 : 1, startedMs);
  return ok;
}

/** A vitest run counts as many tests as it ran; a run that wrote no report has failed. */
function suite(name, config) {
  const startedMs = Date.now();
  const report = join(REPORTS, `${name}.json`);
  rmSync(report, { force: true });
  console.log(`-- ${name}`);
  const ok = spawn("vitest", ["run", "--config", config, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`]);
  if (!existsSync(report)) return count(name, 0, 1, startedMs);
  const { numPassedTests, numFailedTests, numTotalTests } = JSON.parse(readFileSync(report, "utf8"));
  const unfinished = numTotalTests - numPassedTests - numFailedTests;
  const failed = numFailedTests + unfinished;
  count(name, numPassedTests, failed === 0 && !ok ? 1 : failed, startedMs);
}

mkdirSync(REPORTS, { recursive: true });
const ready = check("dependencies", () => ensureDependencies()) && check("servers and browser", () => {
  ensureServers();
  ensureChromium();
});
if (ready) {
  check("types", () => spawn("npm", ["run", "-s", "types"]));
  check("lint", () => spawn("npm", ["run", "-s", "lint"]));
  check("imports", () => spawn("npm", ["run", "-s", "imports"]));
  const built = check("build", () => ensureBuild());
  suite("unit", "test/rules/vitest.mjs");
  if (built) suite("browser", "test/rules/vitest.browser.mjs");
}
console.log(`${totals.passed} passed, ${totals.failed} failed`);
process.exitCode = totals.failed === 0 && totals.passed > 0 ? 0 : 1;
