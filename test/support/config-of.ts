import { loadConfig } from "../../lib/config/load-config.ts";
import type { StageConfig } from "../../lib/config/stage-config.ts";
import { PROJECT } from "./synthesise.ts";

/** The configuration of a stage's own file, with settings given as after `-c`. */
export function configOf(context: Readonly<Record<string, string>> = {}): StageConfig {
  return loadConfig(PROJECT, { context, environment: {} });
}
