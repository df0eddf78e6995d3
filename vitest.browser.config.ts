import { defineConfig } from "vitest/config";

export default defineConfig({
  // The packages of this repository are read from their sources, without a build.
  ssr: { resolve: { conditions: ["source", "node", "development|production"] } },
  test: {
    include: ["test/browser/**/*.test.ts"],
    globalSetup: ["test/support/temporary-folder.ts"],
    fileParallelism: false,
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // As long as Playwright itself waits: a busy machine draws late.
    expect: { poll: { timeout: 30_000 } },
  },
});
