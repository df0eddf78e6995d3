import type { DatapointCounts } from "@wrist-agent/cloudwatch/alarms/evaluate-datapoints";

/** Counts a pattern (`0` good, `X` breaching, `-` no point; newest on the right) the plain way. */
export function tallyOf(pattern: string, evaluationPeriods: number): DatapointCounts {
  const newestFirst = Array.from(pattern)
    .reverse()
    .map((mark, index) => ({ mark, age: index + 1 }));
  const kept = newestFirst.filter((slot) => slot.mark !== "-").slice(0, evaluationPeriods);
  const breaching = kept.filter((slot) => slot.mark === "X");
  return {
    breaching: breaching.length,
    good: kept.length - breaching.length,
    oldestBreachingAge: breaching.at(-1)?.age ?? 0,
  };
}
