// What the test runners share: run checks and suites, count them, and end with one line `N passed, N failed`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT } from "./prepare.mjs";

const REPORTS = join(CHECKOUT, ".cache/reports");
const BIN = join(CHECKOUT, "node_modules/.bin");

/** One run of checks and suites. */
export class Run {
  #environment = { ...process.env, PATH: `${BIN}:${process.env.PATH}`, NEXT_TELEMETRY_DISABLED: "1" };
  #totals = { passed: 0, failed: 0 };

  constructor() {
    mkdirSync(REPORTS, { recursive: true });
  }

  spawn(command, args, environment = {}) {
    return spawnSync(command, args, { cwd: CHECKOUT, env: { ...this.#environment, ...environment }, stdio: ["ignore", "inherit", "inherit"] }).status === 0;
  }

  /** A check that says yes or no counts as one test. */
  check(name, work) {
    const startedMs = Date.now();
    console.log(`-- ${name}`);
    let ok = false;
    try {
      ok = work() !== false;
    } catch (error) {
      console.error(error instanceof Error ? error.message : error);
    }
    this.#count(name, { passed: ok ? 1 : 0, failed: ok ? 0 : 1, startedMs });
    return ok;
  }

  /** A vitest run counts as many tests as it ran; a run that wrote no report has failed. */
  suite(name, config, environment = {}) {
    const startedMs = Date.now();
    const report = join(REPORTS, `${name}.json`);
    rmSync(report, { force: true });
    console.log(`-- ${name}`);
    const ok = this.spawn("vitest", ["run", "--config", config, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`], environment);
    if (!existsSync(report)) return this.#count(name, { passed: 0, failed: 1, startedMs });
    const { numPassedTests, numFailedTests, numTotalTests } = JSON.parse(readFileSync(report, "utf8"));
    const unfinished = numTotalTests - numPassedTests - numFailedTests;
    const failed = numFailedTests + unfinished;
    return this.#count(name, { passed: numPassedTests, failed: failed === 0 && !ok ? 1 : failed, startedMs });
  }

  #count(name, { passed, failed, startedMs }) {
    this.#totals = { passed: this.#totals.passed + passed, failed: this.#totals.failed + failed };
    console.log(`-- ${name}: ${passed} passed, ${failed} failed (${Math.round((Date.now() - startedMs) / 1000)} s)\n`);
  }

  /** Prints the last line and sets the exit code: a run in which nothing passed has failed. */
  end() {
    const { passed, failed } = this.#totals;
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
  }
}
