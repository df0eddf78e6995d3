import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wristAgentApp } from "../../lib/app.ts";
import { loadAssembly, type Assembly } from "cw-alarm-test/cloud-assembly";
import type { SynthesiseApp } from "cw-alarm-test/test-alarms";
import { PROJECT } from "./synthesise.ts";

/** Synthesises in this process and without bundles, each set of settings once. */
export function synthesisingOnce(): SynthesiseApp {
  const done = new Map<string, Promise<Assembly>>();
  return (settings) => {
    const key = JSON.stringify(settings);
    const assembly = done.get(key) ?? synthesised(settings);
    done.set(key, assembly);
    return assembly;
  };
}

async function synthesised(settings: Readonly<Record<string, string>>): Promise<Assembly> {
  const outdir = mkdtempSync(join(tmpdir(), "wrist-agent-alarm-tests-"));
  try {
    const context = { "aws:cdk:bundling-stacks": [], ...settings };
    wristAgentApp({ project: PROJECT, outdir, validation: "in the tests", context }).synth();
    return await loadAssembly(outdir);
  } finally {
    rmSync(outdir, { recursive: true });
  }
}
