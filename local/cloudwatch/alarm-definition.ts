import type { MetricDataQuery, MetricIdentity } from "./metric.ts";

/** The three states of an alarm, as CloudWatch spells them. */
export type AlarmState = "OK" | "ALARM" | "INSUFFICIENT_DATA";

/** Comparison of a point with the threshold; the last three are for anomaly bands. */
export type ComparisonOperator =
  | "GreaterThanOrEqualToThreshold"
  | "GreaterThanThreshold"
  | "LessThanThreshold"
  | "LessThanOrEqualToThreshold"
  | "LessThanLowerOrGreaterThanUpperThreshold"
  | "LessThanLowerThreshold"
  | "GreaterThanUpperThreshold";

/** What stands in for points that are not there. */
export type TreatMissingData = "missing" | "ignore" | "breaching" | "notBreaching";

/** What every kind of alarm has. */
export interface AlarmBasics {
  readonly alarmName: string;
  readonly alarmDescription?: string;
  /** True when missing. */
  readonly actionsEnabled?: boolean;
  readonly okActions?: readonly string[];
  readonly alarmActions?: readonly string[];
  readonly insufficientDataActions?: readonly string[];
}

/** PutMetricAlarm in camel case: one metric, or `metrics` with exactly one returned series. */
export interface MetricAlarmDefinition extends AlarmBasics, Partial<MetricIdentity> {
  readonly statistic?: string;
  readonly extendedStatistic?: string;
  readonly periodSeconds?: number;
  readonly unit?: string;
  readonly metrics?: readonly MetricDataQuery[];
  readonly evaluationPeriods: number;
  /** `evaluationPeriods` when missing; then the texts differ too. */
  readonly datapointsToAlarm?: number;
  readonly threshold?: number;
  readonly thresholdMetricId?: string;
  readonly comparisonOperator: ComparisonOperator;
  /** `missing` when missing. */
  readonly treatMissingData?: TreatMissingData;
  /** `evaluate` when missing; percentile statistics only. */
  readonly evaluateLowSampleCountPercentile?: "evaluate" | "ignore";
  /** Sliding when missing. */
  readonly evaluationWindow?: { readonly wallClock: { readonly timezone?: string } };
  readonly warmUp?: { readonly minutes: number; readonly onlyAfterEnd?: boolean };
}

/** PutCompositeAlarm in camel case. */
export interface CompositeAlarmDefinition extends AlarmBasics {
  readonly alarmRule: string;
  readonly actionsSuppressor?: string;
  readonly actionsSuppressorWaitPeriodSeconds?: number;
  readonly actionsSuppressorExtensionPeriodSeconds?: number;
}

/** Any alarm that the engine evaluates. */
export type AlarmDefinition = MetricAlarmDefinition | CompositeAlarmDefinition;

/** What is known of an alarm at an instant; survives a restart as plain JSON. */
export interface AlarmStatus {
  readonly alarmName: string;
  readonly state: AlarmState;
  readonly stateReason: string;
  /** JSON text as DescribeAlarms returns it. */
  readonly stateReasonData?: string;
  /** Any change of state or reason data, epoch milliseconds. */
  readonly stateUpdatedMs: number;
  /** Change of the value, epoch milliseconds. */
  readonly stateTransitionedMs: number;
  /** When the definition was put or last changed, epoch milliseconds. */
  readonly configurationUpdatedMs: number;
}

/** A change of an alarm's state, with the actions that are to run because of it. */
export interface Transition {
  readonly alarm: AlarmDefinition;
  readonly previous: AlarmStatus;
  readonly current: AlarmStatus;
  /** ARNs to act on; empty when actions are disabled or suppressed. */
  readonly actions: readonly string[];
}
