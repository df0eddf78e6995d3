import { MODEL_ROWS } from "../../lambda/contract/model-row.ts";
import { usualRequestUsd } from "../../lambda/contract/usual-traffic.ts";

/** The most expensive model that is known, called within one geography. */
const REQUEST_USD = Math.max(
  ...Object.values(MODEL_ROWS).map((row) => usualRequestUsd(row, row.geographicFactor)),
);

/** Below so many dollars a day the limits that stages have leave room enough. */
const SMALL_DAY_USD = 0.5;

/**
 * Limits of a stage that is synthesised only to look at it, for a traffic that somebody asks for: a limit
 * that usual requests reach on any day would be refused, so it is twice what they cost. None where the
 * stage's own limits leave room.
 */
export function spendLimits(requestsPerDay: number): Readonly<Record<string, string>> {
  const dayUsd = requestsPerDay * REQUEST_USD;
  if (dayUsd < SMALL_DAY_USD) return {};
  return {
    dailySpendUsd: String(Math.ceil(2 * dayUsd)),
    monthlyBudgetUsd: String(Math.ceil(100 + 60 * dayUsd)),
  };
}
