/** How many periods CloudWatch fetches to judge `evaluationPeriods` of `periodSeconds`. */
export type EvaluationRange = (periodSeconds: number, evaluationPeriods: number) => number;

interface RangeRule {
  readonly upToPeriodSeconds: number;
  readonly slots: (evaluationPeriods: number, periodSeconds: number) => number;
  readonly evidence: string;
}

/**
 * The ranges that fit what was seen; AWS does not document them.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export const EVALUATION_RANGES: readonly RangeRule[] = [
  {
    upToPeriodSeconds: 30,
    slots: (n, periodSeconds) => n + 60 / periodSeconds,
    evidence: "recorded: 10 s, N = 3 reads 9 slots; 20 s and 30 s by the same rule, unverified",
  },
  {
    upToPeriodSeconds: 60,
    slots: (n) => Math.max(n + 2, 6),
    evidence:
      "probed 2026-09-11: with N = 1 and N = 2 a point up to 6 minutes old counts, an older one does not",
  },
  {
    upToPeriodSeconds: Infinity,
    slots: (n) => n + 2,
    evidence:
      "documented: 5 slots for N = 3; probed: 540 s reads two periods back; reported: 1 day reads about 3",
  },
];

/** Slots by the table {@link EVALUATION_RANGES}. */
export const evaluationRange: EvaluationRange = (periodSeconds, evaluationPeriods) => {
  const rule = EVALUATION_RANGES.find((row) => periodSeconds <= row.upToPeriodSeconds);
  return rule === undefined ? evaluationPeriods + 2 : rule.slots(evaluationPeriods, periodSeconds);
};
