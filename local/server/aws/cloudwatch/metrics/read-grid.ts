import type { Grid } from "../../../../cloudwatch/metric.ts";
import type { RangeInput } from "../query-input.ts";

const DAY_MS = 86_400_000;

/**
 * The clock-aligned buckets of a read; old starts are rounded down to what is still stored.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_GetMetricData.html
 */
export function readGrid({ startMs, endMs }: RangeInput, periodSeconds: number, nowMs: number): Grid {
  const storedMs = storedStepMs(nowMs - startMs);
  const roundedMs = periodSeconds < 60 && storedMs === 60_000 ? startMs : floor(startMs, storedMs);
  const firstMs = floor(roundedMs, periodSeconds * 1000);
  const slots = Math.max(1, Math.ceil((endMs - firstMs) / (periodSeconds * 1000)));
  return { startMs: firstMs, periodSeconds, slots };
}

function storedStepMs(ageMs: number): number {
  if (ageMs < 15 * DAY_MS) return 60_000;
  return ageMs < 63 * DAY_MS ? 300_000 : 3_600_000;
}

function floor(ms: number, stepMs: number): number {
  return Math.floor(ms / stepMs) * stepMs;
}
