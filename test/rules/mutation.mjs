// Mutation testing of the engine: `npm run mutation`, or of some files `npm run mutation -- --mutate lib/mesh/capture.ts`.
export default {
  plugins: ["@stryker-mutator/vitest-runner"],
  testRunner: "vitest",
  vitest: { configFile: "test/rules/mutation.vitest.mjs" },
  // rules/ and findings/rules.ts are their texts and sources, which test/mesh/**/rules.test.ts holds against the specification
  mutate: ["lib/mesh/**/*.ts", "!lib/mesh/rules/**", "!lib/mesh/findings/rules.ts"],
  coverageAnalysis: "perTest",
  ignoreStatic: true,
  incremental: true,
  incrementalFile: ".cache/mutation/incremental.json",
  jsonReporter: { fileName: ".cache/mutation/report.json" },
  reporters: ["json", "clear-text", "progress"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  tempDirName: ".cache/mutation/run",
  concurrency: 2,
  thresholds: { high: 90, low: 85, break: 85 },
};
