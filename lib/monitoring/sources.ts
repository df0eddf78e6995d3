import type { StageConfig } from "../config/stage-config.ts";
import type { MetricSource } from "./table/alarm-row.ts";

const ALWAYS: readonly MetricSource[] = ["custom", "lambda", "url", "log", "model", "billing"];

/** Whose metrics there are of what is watched. */
export function sourcesOf({ probeMinutes }: StageConfig): ReadonlySet<MetricSource> {
  return new Set<MetricSource>(probeMinutes > 0 ? [...ALWAYS, "probe"] : ALWAYS);
}
