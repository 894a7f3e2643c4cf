import { commonTokens, declareFactoryPlugin, PluginKind } from "@stryker-mutator/api/plugin";
import { determineHitLimitReached, DryRunStatus, TestStatus, toMutantRunResult } from "@stryker-mutator/api/test-runner";
import { globSync } from "node:fs";
import { basename, join } from "node:path";
import { performance } from "node:perf_hooks";
import { pathToFileURL } from "node:url";
import { emptyCaches, watchCaches } from "./caches.mjs";
import { activate, hits, leanAddresses, redirect } from "./lean.mjs";
import { collected, inFile } from "./vitest.mjs";

// The engine and its tests are loaded once; a mutant is switched on, and the tests that reach it run until one fails.
// Starting a test runner for each mutant takes a second, this takes milliseconds.

const TEST_FILES = "test/mesh/**/*.test.ts";
/** What takes too long for each mutant has a smaller kin: reasons.test.ts a sample of the corpus, oneChange.test.ts. The others read specifications. */
const NOT_THESE = /[/](conformance|incremental|rules)[.]test[.]ts$/;
/** How many rows of a table are taken where they are generated meshes. */
const SEEDS = { "paths.test.ts": 2, "laws.test.ts": 2 };

async function failureOf({ run }) {
  emptyCaches();
  try {
    await run();
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

async function resultOf(test) {
  const start = performance.now();
  const failureMessage = await failureOf(test);
  const base = { id: idOf(test), name: test.name, fileName: test.file, timeSpentMs: performance.now() - start };
  return failureMessage === null ? { ...base, status: TestStatus.Success } : { ...base, status: TestStatus.Failed, failureMessage };
}

function idOf({ file, name }) {
  return `${file}#${name}`;
}

/** @returns the tests, with the engine as this way of addressing loads it */
async function collect(address) {
  const load = (file) => import(address(pathToFileURL(join(process.cwd(), file)).href));
  const stop = watchCaches();
  for (const file of globSync("lib/mesh/**/*.ts")) await load(file);
  stop();
  for (const file of globSync(TEST_FILES).filter((one) => !NOT_THESE.test(one)).toSorted()) {
    inFile(file, SEEDS[basename(file)] ?? Infinity);
    await load(file);
  }
  return collected();
}

const UNKNOWN = { kills: 0, ms: 0 };
/** How much the rate elsewhere counts in a file, and that of the file on a line: as if so long had been spent there. */
const ELSEWHERE_MS = { file: 50, line: 5 };

/**
 * Tests that noticed most mutants of a line in least time go first for its others; before that is known those of its file, then those of any.
 * What was in vain on a line comes later on it, so that its mutants try more tests between them.
 */
class Worth {
  #known = new Map();

  #of(key) {
    return this.#known.get(key) ?? UNKNOWN;
  }

  note({ file, line }, id, { ms, killed }) {
    for (const key of [id, `${file} ${id}`, `${file}:${line} ${id}`]) {
      const known = this.#of(key);
      this.#known.set(key, { kills: known.kills + (killed ? 1 : 0), ms: known.ms + ms });
    }
  }

  /** Mutants noticed in a millisecond. */
  rate({ file, line }, id) {
    const [anywhere, inFile, onLine] = [this.#of(id), this.#of(`${file} ${id}`), this.#of(`${file}:${line} ${id}`)];
    const rate = (inFile.kills + (ELSEWHERE_MS.file * (anywhere.kills + 1)) / (anywhere.ms + 1)) / (inFile.ms + ELSEWHERE_MS.file);
    return (onLine.kills + ELSEWHERE_MS.line * rate) / (onLine.ms + ELSEWHERE_MS.line);
  }
}

/** So much time for tests, those first that notice most: what nothing has noticed by then counts as survived. The score is the lower for it, never the higher. */
const MOST_MS = 400;

class EngineTestRunner {
  static inject = [commonTokens.options];
  #byId = null;
  #worth = new Worth();

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    globalThis.__stryker__ ??= {};
    redirect(new URL("vitest.mjs", import.meta.url).href);
    await import("vitest");
  }

  async dryRun() {
    const namespace = globalThis.__stryker__;
    const results = [];
    for (const test of await collect((url) => url)) {
      namespace.currentTestId = idOf(test);
      results.push(await resultOf(test));
      namespace.currentTestId = undefined;
    }
    return { status: DryRunStatus.Complete, tests: results, mutantCoverage: namespace.mutantCoverage };
  }

  async mutantRun({ activeMutant: { id, fileName, location }, testFilter, hitLimit, disableBail }) {
    if (this.#byId === null) await this.#load();
    const tried = async () => {
      activate(id, hitLimit);
      const tests = await this.#run({ file: fileName, line: location.start.line }, testFilter ?? [...this.#byId.keys()], disableBail);
      return { tests, limit: determineHitLimitReached(hits(), hitLimit) };
    };
    let found = await tried();
    if (!(await this.#isUnharmed(found))) {
      await this.#load();
      found = await tried();
      if (!(await this.#isUnharmed(found))) await this.#load();
    }
    return toMutantRunResult(found.limit ?? { status: DryRunStatus.Complete, tests: found.tests });
  }

  /** Whether the tests that failed pass without the mutant. If not, it or one before it left something behind, and none can be trusted until all is loaded anew. */
  async #isUnharmed({ tests }) {
    activate(null);
    for (const { id, status } of tests) if (status === TestStatus.Failed && (await failureOf(this.#byId.get(id))) !== null) return false;
    return true;
  }

  async #load() {
    activate(null);
    this.#byId = new Map((await collect(leanAddresses())).map((test) => [idOf(test), test]));
  }

  async #run(at, ids, disableBail) {
    const results = [];
    const start = process.cpuUsage();
    for (const id of this.#ordered(at, ids)) {
      const result = await resultOf(this.#byId.get(id));
      results.push(result);
      const killed = result.status === TestStatus.Failed;
      this.#worth.note(at, id, { ms: result.timeSpentMs, killed });
      if ((killed && !disableBail) || process.cpuUsage(start).user > MOST_MS * 1000) break;
    }
    return results;
  }

  #ordered(at, ids) {
    const rated = ids.map((id) => [id, this.#worth.rate(at, id)]);
    return rated.sort(([, a], [, b]) => b - a).map(([id]) => id);
  }
}

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, "engine", create)];

function create(injector) {
  return injector.injectClass(EngineTestRunner);
}
create.inject = ["$injector"];
