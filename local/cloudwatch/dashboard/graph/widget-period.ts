import type { Grid } from "../../metric.ts";
import { RefusedWidget, type TimeRange } from "../drawing.ts";

/** Periods that an automatic choice takes, seconds. */
const STEPS = [60, 300, 900, 3600, 21_600, 86_400];
/** Points of one line that an automatic choice stays within: as many as GetMetricStatistics gives. */
const COMFORTABLE_POINTS = 1440;
/** Points that one GetMetricData response holds. */
const MOST_POINTS = 100_800;

/**
 * The period for a range: the one asked for, made longer until a line has at most 1,440 points.
 * CloudWatch does not say how its `auto` chooses; `inherit` always takes the period asked for.
 */
export function periodFor(askedSeconds: number, range: TimeRange, override: "auto" | "inherit"): number {
  if (override === "inherit") return askedSeconds;
  const rangeSeconds = (range.endMs - range.startMs) / 1000;
  const fits = (period: number): boolean => rangeSeconds / period <= COMFORTABLE_POINTS;
  if (fits(askedSeconds)) return askedSeconds;
  return STEPS.find((step) => step >= askedSeconds && fits(step)) ?? Math.max(askedSeconds, 86_400);
}

/** The clock-aligned buckets of a graph. */
export function graphGrid(range: TimeRange, periodSeconds: number): Grid {
  const periodMs = periodSeconds * 1000;
  const startMs = Math.floor(range.startMs / periodMs) * periodMs;
  const slots = Math.max(1, Math.ceil((range.endMs - startMs) / periodMs));
  if (slots > MOST_POINTS)
    throw new RefusedWidget(
      `asks for ${slots} points of ${periodSeconds} s; CloudWatch gives at most ${MOST_POINTS}: use a longer period or a shorter range`,
    );
  return { startMs, periodSeconds, slots };
}

/** One bucket over the whole range, in minutes. */
export function wholeRangeGrid(range: TimeRange): Grid {
  const startMs = Math.floor(range.startMs / 60_000) * 60_000;
  const minutes = Math.max(1, Math.ceil((range.endMs - startMs) / 60_000));
  return { startMs, periodSeconds: minutes * 60, slots: 1 };
}
