import { declareFactoryPlugin, PluginKind, commonTokens } from "@stryker-mutator/api/plugin";
import { determineHitLimitReached, DryRunStatus, TestStatus, toMutantRunResult } from "@stryker-mutator/api/test-runner";
import { globSync } from "node:fs";
import { registerHooks } from "node:module";
import { performance } from "node:perf_hooks";
import { basename, join } from "node:path";
import { pathToFileURL } from "node:url";
import { emptyCaches, watchCaches } from "./caches.mjs";
import { inFile, tests } from "./vitest.mjs";

// The engine and its tests are loaded once; a mutant is switched on, and the tests that reach it run until one fails.
// Starting a test runner for each mutant takes a second, this takes milliseconds.

const TEST_FILES = "test/mesh/**/*.test.ts";
/** What takes too long for each mutant has a smaller kin: reasons.test.ts a sample of the corpus, oneChange.test.ts. The others read specifications. */
const NOT_THESE = /[/](conformance|incremental|rules)[.]test[.]ts$/;
/** How many rows of a table are taken where they are generated meshes. */
const SEEDS = { "paths.test.ts": 2, "laws.test.ts": 2 };

function namespace() {
  globalThis.__stryker__ ??= {};
  return globalThis.__stryker__;
}

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

async function load(file) {
  await import(pathToFileURL(join(process.cwd(), file)).href);
}

async function collect() {
  const double = new URL("vitest.mjs", import.meta.url).href;
  registerHooks({ resolve: (specifier, context, next) => (specifier === "vitest" && context.parentURL?.endsWith(".ts") ? { url: double, shortCircuit: true } : next(specifier, context)) });
  await import("vitest");
  const stop = watchCaches();
  for (const file of globSync("lib/mesh/**/*.ts")) await load(file);
  stop();
  for (const file of globSync(TEST_FILES).filter((one) => !NOT_THESE.test(one)).toSorted()) {
    inFile(file, SEEDS[basename(file)] ?? Infinity);
    await load(file);
  }
}

class EngineTestRunner {
  static inject = [commonTokens.options];
  #byId = new Map();
  /** How many mutants a test has killed per millisecond: those that kill most go first. */
  #worth = new Map();

  capabilities() {
    return { reloadEnvironment: true };
  }

  async init() {
    await collect();
    this.#byId = new Map(tests.map((test) => [idOf(test), test]));
  }

  async dryRun() {
    const results = [];
    for (const test of tests) {
      namespace().currentTestId = idOf(test);
      results.push(await resultOf(test));
      namespace().currentTestId = undefined;
    }
    return { status: DryRunStatus.Complete, tests: results, mutantCoverage: namespace().mutantCoverage };
  }

  async mutantRun({ activeMutant, testFilter, hitLimit, disableBail }) {
    Object.assign(namespace(), { activeMutant: activeMutant.id, hitCount: 0, hitLimit });
    const results = await this.#run(this.#ordered(testFilter), disableBail);
    const { hitCount } = namespace();
    namespace().activeMutant = undefined;
    return toMutantRunResult(determineHitLimitReached(hitCount, hitLimit) ?? { status: DryRunStatus.Complete, tests: results });
  }

  async #run(chosen, disableBail) {
    const results = [];
    for (const test of chosen) {
      const result = await resultOf(test);
      results.push(result);
      const failed = result.status === TestStatus.Failed;
      this.#note(result, failed);
      if (failed && !disableBail) break;
    }
    return results;
  }

  #note({ id, timeSpentMs }, failed) {
    const { kills, ms } = this.#worth.get(id) ?? { kills: 0, ms: 1 };
    this.#worth.set(id, { kills: kills + (failed ? 1 : 0), ms: ms + timeSpentMs });
  }

  #ordered(ids) {
    const worth = (id) => {
      const { kills, ms } = this.#worth.get(id) ?? { kills: 0, ms: 1 };
      return (kills + 1) / ms;
    };
    return (ids ?? [...this.#byId.keys()]).toSorted((a, b) => worth(b) - worth(a)).map((id) => this.#byId.get(id));
  }
}

export const strykerPlugins = [declareFactoryPlugin(PluginKind.TestRunner, "engine", create)];

function create(injector) {
  return injector.injectClass(EngineTestRunner);
}
create.inject = ["$injector"];
