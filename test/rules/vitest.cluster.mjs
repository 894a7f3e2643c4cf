import { defineConfig } from "vitest/config";

// One real API server per file; files run one after the other on small machines.
export default defineConfig({
  test: {
    include: ["test/cluster/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
