import { defineConfig } from "vitest/config";

/**
 * The documents that are made from the code: `npm run docs` makes them, `npm run check` names a stale one.
 */
export default defineConfig({
  ssr: { resolve: { conditions: ["source", "node", "development|production"] } },
  test: {
    include: ["test/docs/**/*.test.ts"],
    globalSetup: ["test/support/temporary-folder.ts"],
    isolate: false,
    fileParallelism: false,
    reporters: ["dot"],
    testTimeout: 600_000,
    hookTimeout: 600_000,
    setupFiles: ["test/support/leaves-no-trace.ts"],
  },
});
