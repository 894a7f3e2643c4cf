// What the test runners share: run checks and suites, count them, and end with one line `N passed, N failed`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { CHECKOUT } from "./prepare.mjs";

const REPORTS = join(CHECKOUT, ".cache/reports");
const BIN = join(CHECKOUT, "node_modules/.bin");

function totalFile(run) {
  return join(REPORTS, `${run}.total.json`);
}

function conclude({ passed, failed }) {
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

/** One run of checks and suites. Its total is kept in a file, so that several runs can be summed. */
export class Run {
  #name;
  #environment = { ...process.env, PATH: `${BIN}:${process.env.PATH}`, NEXT_TELEMETRY_DISABLED: "1" };
  #totals = { passed: 0, failed: 0 };

  constructor(name) {
    this.#name = name;
    mkdirSync(REPORTS, { recursive: true });
    rmSync(totalFile(name), { force: true });
  }

  spawn(command, args, environment = {}) {
    return spawnSync(command, args, { cwd: CHECKOUT, env: { ...this.#environment, ...environment }, stdio: ["ignore", "inherit", "inherit"] }).status === 0;
  }

  /** A check that says yes or no counts as one test. */
  async check(name, work) {
    const startedMs = Date.now();
    console.log(`-- ${name}`);
    let ok = false;
    try {
      ok = (await work()) !== false;
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
    writeFileSync(totalFile(this.#name), JSON.stringify(this.#totals));
    conclude(this.#totals);
  }
}

/** Forgets earlier totals of these runs, so that one that does not get to its end is missed. */
export function forgetTotals(runs) {
  for (const run of runs) rmSync(totalFile(run), { force: true });
}

/** Prints the sum of several runs and sets the exit code; a run that did not get to its end is one failure. */
export function sumTotals(runs) {
  const totals = runs.map((run) => (existsSync(totalFile(run)) ? JSON.parse(readFileSync(totalFile(run), "utf8")) : { passed: 0, failed: 1 }));
  conclude(totals.reduce((sum, { passed, failed }) => ({ passed: sum.passed + passed, failed: sum.failed + failed })));
}
