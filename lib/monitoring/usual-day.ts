import { MODEL_ROWS } from "../../lambda/contract/model-row.ts";
import { usualRequestUsd } from "../../lambda/contract/usual-traffic.ts";
import type { StageConfig } from "../config/stage-config.ts";

/** Days of a month of any length, rounded down: what is refused is refused in February too. */
export const DAYS_OF_MONTH = 28;

/** What the model costs on a day of usual requests; missing where its price is not known, or nothing of ours asks it. */
export function usualDayUsd({ requestsPerDay, model, functionArn }: StageConfig): number | undefined {
  const row = MODEL_ROWS[model.foundationModelId];
  if (row === undefined || functionArn !== undefined) return undefined;
  return requestsPerDay * usualRequestUsd(row, model.id.startsWith("global.") ? 1 : row.geographicFactor);
}
