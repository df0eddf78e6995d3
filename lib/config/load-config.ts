import { readFileSync } from "node:fs";
import { join } from "node:path";
import { ConfigError } from "./config-error.ts";
import { resolveConfig } from "./resolve-config.ts";
import type { Environment, GivenContext } from "./places/setting-places.ts";
import type { StageConfig } from "./stage-config.ts";
import { DEFAULT_STAGE, isStage, STAGES } from "./stage.ts";

/** What is given outside the stage's file. */
export interface Given {
  readonly context: GivenContext;
  readonly environment: Environment;
}

/** The configuration of the stage that `-c stage=` names, from its file in `directory` and what is given over it. */
export function loadConfig(directory: string, given: Given): StageConfig {
  const stage = given.context.stage ?? DEFAULT_STAGE;
  if (!isStage(stage))
    throw new ConfigError(
      `unknown stage "${stage}": use one of ${STAGES.join(", ")}, as in -c stage=staging`,
    );
  const fileName = `.env.${stage}`;
  return resolveConfig({
    stage,
    fileName,
    fileText: readText(join(directory, fileName), fileName),
    ...given,
  });
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
