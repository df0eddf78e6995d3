import type { StageConfig } from "../../config/stage-config.ts";
import type { MetricSource } from "../table/alarm-row.ts";

const OWN: readonly MetricSource[] = ["custom", "lambda", "url", "log", "probe", "model", "billing"];

/** Whose metrics there are of what is watched: of somebody else's function only what Lambda and its settings promise. */
export function sourcesOf(config: StageConfig): ReadonlySet<MetricSource> {
  const { functionArn, functionUrl, customMetrics } = config;
  if (!functionArn) return new Set(OWN.filter((source) => isEmitted(source, config)));
  return new Set<MetricSource>([
    "lambda",
    "billing",
    ...(functionUrl === "" ? [] : (["url"] as const)),
    ...(customMetrics ? (["custom", "log"] as const) : []),
  ]);
}

/** Whether the stage's agent holds requests back once a day has cost its limit; a function of somebody else's does not. */
export function hasSpendBreaker({ spendBreaker, functionArn }: StageConfig): boolean {
  return spendBreaker && functionArn === undefined;
}

/** Bedrock counts calls under the profile that is called, and the id of a stage's own is known only once it is made. */
function isEmitted(source: MetricSource, { probeMinutes, ownInferenceProfile }: StageConfig): boolean {
  if (source === "probe") return probeMinutes > 0;
  return source !== "model" || !ownInferenceProfile;
}
