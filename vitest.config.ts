import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";
import WaitingFirst from "./test/support/waiting-first.ts";

export default defineConfig({
  // The packages of this repository are read from their sources, without a build.
  ssr: { resolve: { conditions: ["source", "node", "development|production"] } },
  test: {
    include: ["test/**/*.test.ts"],
    globalSetup: ["test/support/temporary-folder.ts"],
    exclude: ["test/browser/**", "test/aws/**"],
    sequence: { shuffle: true, sequencer: WaitingFirst },
    // Guards against a hang, with room for a busy machine; no test is a measurement.
    testTimeout: 600_000,
    hookTimeout: 600_000,
    // A process runs file after file, so that CDK and the SDK load once: files leave nothing behind.
    isolate: false,
    // Twice as many as cores: many a test waits for a server, a retry or a second of its own.
    maxWorkers: 2 * availableParallelism(),
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
