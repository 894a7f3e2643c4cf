// What the test runners share: run checks and suites, count them, and end with one line `N passed, N failed`.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { CHECKOUT } from "./prepare.mjs";

const REPORTS = join(CHECKOUT, ".cache/reports");
const BIN = join(CHECKOUT, "node_modules/.bin");

function totalFile(run) {
  return join(REPORTS, `${run}.total.json`);
}

/** The failed ones are named just before the last line: whoever keeps only the end of a log still learns what failed. */
function conclude({ passed, failed, failures }) {
  for (const name of failures) console.log(`failed: ${name}`);
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 && passed > 0 ? 0 : 1;
}

/** Tests of a vitest report that did not pass, and files that could not be run, by name. */
function failuresIn(testResults, suite) {
  return testResults.flatMap(({ name, status, assertionResults }) => {
    const file = `${suite}: ${relative(CHECKOUT, name)}`;
    const failed = assertionResults.filter((test) => test.status !== "passed").map((test) => `${file} > ${test.fullName}`);
    return failed.length === 0 && status === "failed" ? [file] : failed;
  });
}

/** One run of checks and suites. Its total is kept in a file, so that several runs can be summed. */
export class Run {
  #name;
  #environment = { ...process.env, PATH: `${BIN}:${process.env.PATH}`, NEXT_TELEMETRY_DISABLED: "1" };
  #totals = { passed: 0, failed: 0, failures: [] };

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
    this.#count(name, { passed: ok ? 1 : 0, failed: ok ? 0 : 1, failures: ok ? [] : [name], startedMs });
    return ok;
  }

  /** A vitest run counts as many tests as it ran; a run that wrote no report has failed. */
  suite(name, config, environment = {}) {
    const startedMs = Date.now();
    const report = join(REPORTS, `${name}.json`);
    rmSync(report, { force: true });
    console.log(`-- ${name}`);
    const ok = this.spawn("vitest", ["run", "--config", config, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`], environment);
    if (!existsSync(report)) return this.#count(name, { passed: 0, failed: 1, failures: [`${name}: no report was written`], startedMs });
    const { numPassedTests, numTotalTests, testResults } = JSON.parse(readFileSync(report, "utf8"));
    const failures = failuresIn(testResults, name);
    if (failures.length === 0 && !ok) failures.push(`${name}: the run ended with an error, though no test failed`);
    const failed = Math.max(numTotalTests - numPassedTests, failures.length);
    return this.#count(name, { passed: numPassedTests, failed, failures, startedMs });
  }

  #count(name, { passed, failed, failures, startedMs }) {
    const totals = this.#totals;
    this.#totals = { passed: totals.passed + passed, failed: totals.failed + failed, failures: [...totals.failures, ...failures] };
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
  const totals = runs.map((run) => (existsSync(totalFile(run)) ? JSON.parse(readFileSync(totalFile(run), "utf8")) : { passed: 0, failed: 1, failures: [`${run} did not get to its end`] }));
  conclude({
    passed: totals.reduce((sum, { passed }) => sum + passed, 0),
    failed: totals.reduce((sum, { failed }) => sum + failed, 0),
    failures: totals.flatMap(({ failures }) => failures),
  });
}
