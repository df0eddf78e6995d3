import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wristAgentApp } from "../../lib/app.ts";
import type { Stage } from "../../lib/config/stage.ts";
import { PROJECT } from "./synthesise.ts";

/** What to synthesise: a stage and its settings, as after `-c`. */
export interface BuiltStage {
  readonly stage: Stage;
  readonly context: Readonly<Record<string, string>>;
}

/**
 * Writes the assembly that `npm start` would, with bundled functions, from this process: the CDK is loaded
 * once for all files of tests. That both are the same is proven where `npm start` is.
 */
export function buildAssembly(directory: string, { stage, context }: BuiltStage): void {
  wristAgentApp({
    project: PROJECT,
    outdir: directory,
    validation: "in the tests",
    context: { "aws:cdk:bundling-stacks": ["**"], ...context, stage },
  }).synth();
}

/**
 * Builds production, whose mails one person gets, into `cdk.out` of a new directory, which whoever asked
 * removes.
 */
export async function builtProduction(context: BuiltStage["context"] = {}): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "wrist-agent-production-"));
  const settings = { alarmEmail: "on-call@example.com", ...context };
  buildAssembly(join(directory, "cdk.out"), { stage: "production", context: settings });
  return directory;
}
