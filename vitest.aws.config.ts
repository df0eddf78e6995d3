import { defineConfig } from "vitest/config";

export default defineConfig({
  // The packages of this repository are read from their sources, without a build.
  ssr: { resolve: { conditions: ["source", "node", "development|production"] } },
  test: {
    include: ["test/aws/**/*.test.ts"],
    globalSetup: ["test/support/temporary-folder.ts"],
    fileParallelism: false,
    // Guards against a hang: one deployment takes seconds, and a story has several.
    testTimeout: 1_800_000,
    hookTimeout: 1_800_000,
  },
});
