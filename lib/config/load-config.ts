import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "./config-error.ts";
import { resolveConfig, type ReadContext } from "./resolve-config.ts";
import type { StageConfig } from "./stage-config.ts";
import { DEFAULT_STAGE, isStage, STAGES } from "./stage.ts";

/** The configuration of the stage that `-c stage=` names, from its file in `directory` and the context. */
export function loadConfig(directory: string, context: ReadContext): StageConfig {
  const stage = context("stage") ?? DEFAULT_STAGE;
  if (!isStage(stage))
    throw new ConfigError(
      `unknown stage "${stage}": use one of ${STAGES.join(", ")}, as in -c stage=staging`,
    );
  const fileName = `.env.${stage}`;
  return resolveConfig({ stage, fileName, fileText: readText(join(directory, fileName), fileName), context });
}

function readText(path: string, fileName: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    throw new ConfigError(`cannot read ${fileName}: create it beside cdk.json, see docs/deploying.md`, {
      cause,
    });
  }
}
