import { defineConfig } from "vitest/config";

// One built application and one Chromium per file; files run one after the other on small machines.
export default defineConfig({
  test: {
    include: ["test/browser/**/*.test.ts"],
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 240_000,
  },
});
