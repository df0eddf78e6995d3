import { defineConfig } from "vitest/config";

export default defineConfig({
  // The packages of this repository are read from their sources, without a build.
  ssr: { resolve: { conditions: ["source", "node", "development|production"] } },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/browser/**", "test/aws/**"],
    sequence: { shuffle: true },
    // Guards against a hang, with room for a busy machine; no test is a measurement.
    testTimeout: 90_000,
    hookTimeout: 90_000,
    // One process per core runs file after file, so that CDK and the SDK load once: files leave nothing behind.
    isolate: false,
    maxWorkers: "100%",
    coverage: {
      include: [
        "bin/**/*.ts",
        "lib/**/*.ts",
        "dashboards/**/*.ts",
        "lambda/**/*.ts",
        "packages/*/src/**/*.ts",
        "local/**/*.ts",
      ],
      // The page runs in a browser: its stories see what these tests do not.
      exclude: ["local/web/**"],
      reporter: ["text-summary"],
    },
    setupFiles: ["test/support/leaves-no-trace.ts"],
  },
});
