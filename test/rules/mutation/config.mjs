// Mutation testing of the engine: `npm run mutation`, or of some files `npm run mutation -- --mutate lib/mesh/server/capture.ts`.
export default {
  plugins: ["./test/rules/mutation/runner.mjs"],
  testRunner: "engine",
  // rules/ and findings/rules.ts are their texts and sources, which test/mesh/**/rules.test.ts holds against the specification
  mutate: ["lib/mesh/**/*.ts", "!lib/mesh/rules/**", "!lib/mesh/findings/rules.ts"],
  // what the engine's tests read, and no more: the sandbox is a copy
  ignorePatterns: ["**", "!package.json", "!lib/**", "!test/mesh/**", "!test/support/**", "!test/conformance/**"],
  coverageAnalysis: "perTest",
  ignoreStatic: true,
  incremental: true,
  incrementalFile: ".cache/mutation/incremental.json",
  jsonReporter: { fileName: ".cache/mutation/report.json" },
  reporters: ["json", "clear-text", "progress"],
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
  tempDirName: ".cache/mutation/run",
  concurrency: 2,
  timeoutMS: 5_000,
  thresholds: { high: 90, low: 85, break: 85 },
};
