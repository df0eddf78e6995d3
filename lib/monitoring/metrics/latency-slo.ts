import type { StageConfig } from "../../config/stage-config.ts";

/** Share of the timeout within which an answer feels prompt, for a stage that states no aim: 10 of 30 seconds. */
const SHARE_OF_TIMEOUT = 1 / 3;

/** Milliseconds within which a request should be answered. */
export function latencySloMs(config: Pick<StageConfig, "latencySloMs" | "timeoutSeconds">): number {
  return config.latencySloMs ?? Math.round(config.timeoutSeconds * 1000 * SHARE_OF_TIMEOUT);
}
