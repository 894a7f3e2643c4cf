import { defineConfig } from "vitest/config";

/** What mutants are put to: tables of rules written by hand, and a sample of Istio's own answers. Seeded laws and the whole corpus would take days. */
export default defineConfig({
  test: {
    include: ["test/mesh/**/*.test.ts"],
    exclude: ["test/mesh/**/{laws,incremental,conformance,paths,rules}.test.ts", "node_modules/**"],
    isolate: false,
    testTimeout: 20_000,
  },
});
