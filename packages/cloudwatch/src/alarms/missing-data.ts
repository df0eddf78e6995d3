import type { AlarmState, TreatMissingData } from "../alarm.ts";

/** M of N and what stands in for points that are not there. */
export interface DatapointsRule {
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly treatMissingData: TreatMissingData;
}

/** The newest N real points of the evaluation range, counted. */
export interface DatapointCounts {
  readonly breaching: number;
  readonly good: number;
  /** Age of the oldest breaching point kept; the newest slot is 1, and 0 means none. */
  readonly oldestBreachingAge: number;
}

/** The state that the points give, or `retain` when they leave it as it is. */
export type EvaluationOutcome = AlarmState | "retain";

/**
 * Judges real points first, and fills in for missing ones only when those do not decide.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
 */
export function evaluateDatapoints(tally: DatapointCounts, rule: DatapointsRule): EvaluationOutcome {
  const { evaluationPeriods, datapointsToAlarm } = rule;
  if (tally.breaching >= datapointsToAlarm) return "ALARM";
  if (tally.good >= evaluationPeriods - datapointsToAlarm + 1) return "OK";
  return FILLED[rule.treatMissingData](tally, rule);
}

type Fill = (tally: DatapointCounts, rule: DatapointsRule) => EvaluationOutcome;

const FILLED: Readonly<Record<TreatMissingData, Fill>> = {
  notBreaching: () => "OK",
  breaching: (tally, rule) => {
    const missing = rule.evaluationPeriods - tally.breaching - tally.good;
    return tally.breaching + missing >= rule.datapointsToAlarm ? "ALARM" : "OK";
  },
  ignore: (tally) => (tally.good > 0 ? "OK" : "retain"),
  missing: (tally, rule) => {
    if (tally.good > 0) return "OK";
    // A breaching point alarms alone only once it is as old as the points that an alarm needs.
    return tally.breaching > 0 && tally.oldestBreachingAge >= rule.datapointsToAlarm
      ? "ALARM"
      : "INSUFFICIENT_DATA";
  },
};
