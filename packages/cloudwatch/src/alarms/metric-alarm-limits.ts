import {
  type AlarmDefinition,
  AlarmError,
  type AlarmErrorCode,
  type AlarmHome,
  isComposite,
  type MetricAlarmDefinition,
} from "../alarm.ts";
import { type MetricDataQuery, type MetricIdentity, QueryError } from "../metric.ts";
import { MAX_DIMENSIONS } from "../metrics/datum-limits.ts";
import { isStatistic } from "../metrics/statistic.ts";
import { zoneOffset } from "../zoned-time.ts";
import { checkAlarmBasics } from "./alarm-limits.ts";
import { alarmPeriodSeconds, COMPARISONS, planAlarm } from "./alarm-plan.ts";
import type { AlarmSetting } from "./alarm-record.ts";

interface Limit {
  readonly broken: (alarm: MetricAlarmDefinition, facts: Facts) => boolean;
  readonly message: (alarm: MetricAlarmDefinition) => string;
  /** `ValidationError` when missing. */
  readonly code?: AlarmErrorCode;
}

interface Facts {
  readonly periods: readonly number[];
  readonly periodSeconds: number;
  readonly spanSeconds: number;
  readonly expressions: readonly string[];
  readonly returned: readonly MetricDataQuery[];
  readonly band: boolean;
}

/**
 * Refuses what PutMetricAlarm refuses, in CloudWatch's words where they are known.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
 */
export function checkMetricAlarm(alarm: MetricAlarmDefinition): void {
  const facts = factsOf(alarm);
  const limit = LIMITS.find((row) => row.broken(alarm, facts));
  if (limit !== undefined) throw new AlarmError(limit.code ?? "ValidationError", limit.message(alarm));
}

function factsOf(alarm: MetricAlarmDefinition): Facts {
  const metrics = alarm.metrics ?? [];
  const periodSeconds = alarm.periodSeconds ?? alarmPeriodSeconds(metrics);
  const metricPeriods = metrics.flatMap((query) => query.metricStat?.periodSeconds ?? []);
  return {
    periods: alarm.periodSeconds === undefined ? metricPeriods : [alarm.periodSeconds, ...metricPeriods],
    periodSeconds,
    spanSeconds: periodSeconds * alarm.evaluationPeriods,
    expressions: metrics.flatMap((query) => query.expression ?? []),
    returned: metrics.filter((query) => query.returnData !== false),
    band: COMPARISONS[alarm.comparisonOperator].band,
  };
}

const WALL_CLOCK_PERIODS = [60, 300, 3600, 86_400, 604_800];
const INSIGHTS = /^\s*SELECT\b/i;

function isPeriod(seconds: number): boolean {
  return [10, 20, 30].includes(seconds) || (seconds > 0 && seconds % 60 === 0);
}

/**
 * Members of an alarm on one metric, in the order in which CloudWatch complains of them beside a list of
 * metrics.
 */
const ONE_METRIC = [
  ["metricName", "MetricName"],
  ["namespace", "Namespace"],
  ["dimensions", "Dimensions"],
  ["periodSeconds", "Period"],
  ["unit", "Unit"],
  ["statistic", "Statistic"],
  ["extendedStatistic", "ExtendedStatistic"],
] as const;

function badStat({ metrics = [] }: MetricAlarmDefinition): number {
  return metrics.findIndex(({ metricStat }) => unknownStatistic(metricStat?.stat));
}

function unknownStatistic(text: string | undefined): boolean {
  return text !== undefined && !isStatistic(text);
}

/**
 * A metric that an alarm reads, and how AWS's errors name the place where it stands: nothing for the alarm
 * itself.
 */
interface PlacedMetric {
  readonly place: string;
  readonly metric: MetricIdentity;
}

function placedMetrics(alarm: MetricAlarmDefinition): readonly PlacedMetric[] {
  const { namespace = "", metricName = "", dimensions = {}, metrics } = alarm;
  if (metrics === undefined) return [{ place: "", metric: { namespace, metricName, dimensions } }];
  return metrics.flatMap(({ metricStat }, index) =>
    metricStat === undefined
      ? []
      : [{ place: `metrics.${index + 1}.member.metricStat.metric.`, metric: metricStat.metric }],
  );
}

function badNamespace(alarm: MetricAlarmDefinition): PlacedMetric | undefined {
  return placedMetrics(alarm).find(({ metric }) => metric.namespace.startsWith(":"));
}

function crowdedMetric(alarm: MetricAlarmDefinition): PlacedMetric | undefined {
  return placedMetrics(alarm).find(({ metric }) => Object.keys(metric.dimensions).length > MAX_DIMENSIONS);
}

const LIMITS: readonly Limit[] = [
  ...ONE_METRIC.map(([member, name]): Limit => ({
    broken: (alarm) => alarm.metrics !== undefined && alarm[member] !== undefined,
    message: () => `${name} should not be set if list of Metrics is set.`,
  })),
  {
    broken: (alarm) => alarm.metrics?.length === 0,
    message: () => "Metrics list must not be empty",
  },
  {
    broken: (alarm) => alarm.metrics === undefined && alarm.metricName === undefined,
    message: () => "PutMetricAlarm request should have a MetricName parameter",
  },
  {
    broken: (alarm) => alarm.metrics === undefined && alarm.namespace === undefined,
    message: () => "PutMetricAlarm request should have a Namespace parameter",
  },
  {
    broken: (alarm) => alarm.statistic !== undefined && alarm.extendedStatistic !== undefined,
    message: () =>
      "PutMetricAlarm request can not be made with both Statistic and ExtendedStatistic parameters. Only one of them should be present",
  },
  {
    broken: (alarm) =>
      alarm.metrics === undefined && alarm.statistic === undefined && alarm.extendedStatistic === undefined,
    message: () => "PutMetricAlarm request should have a Statistic parameter",
  },
  {
    broken: (alarm) => unknownStatistic(alarm.extendedStatistic),
    message: ({ extendedStatistic = "" }) =>
      `The value ${extendedStatistic} for parameter ExtendedStatistic is not supported.`,
    code: "InvalidParameterValue",
  },
  {
    broken: (alarm) => badStat(alarm) >= 0,
    message: (alarm) =>
      `The value ${alarm.metrics?.[badStat(alarm)]?.metricStat?.stat ?? ""} for parameter Metrics.member.${badStat(alarm) + 1}.MetricStat.Stat is not supported.`,
    code: "InvalidParameterValue",
  },
  {
    broken: ({ statistic, extendedStatistic = statistic, evaluateLowSampleCountPercentile: option }) =>
      option !== undefined && extendedStatistic !== undefined && !/^p[\d.]+$/.test(extendedStatistic),
    message: ({ statistic, extendedStatistic = statistic ?? "" }) =>
      `Option evaluateLowSampleCountPercentile can not be applied with statistic ${extendedStatistic}. This option is enabled only for percentile statistics.`,
  },
  {
    broken: (alarm) => alarm.metrics === undefined && alarm.periodSeconds === undefined,
    message: () => "PutMetricAlarm request should have a Period parameter",
  },
  {
    broken: (alarm) => badNamespace(alarm) !== undefined,
    message: (alarm) =>
      `1 validation error detected: Value '${badNamespace(alarm)?.metric.namespace ?? ""}' at '${badNamespace(alarm)?.place ?? ""}namespace' failed to satisfy constraint: Member must satisfy regular expression pattern: [^:].*`,
  },
  {
    broken: (alarm) => crowdedMetric(alarm) !== undefined,
    message: (alarm) =>
      `1 validation error detected: Value at '${crowdedMetric(alarm)?.place ?? ""}dimensions' failed to satisfy constraint: Member must have length less than or equal to ${MAX_DIMENSIONS}`,
  },
  {
    broken: (_alarm, facts) => !facts.periods.every(isPeriod),
    message: () => "Period must be 10, 20, 30 or a multiple of 60",
  },
  {
    broken: ({ evaluationPeriods }) => !Number.isInteger(evaluationPeriods) || evaluationPeriods < 1,
    message: () =>
      "1 validation error detected: Value at 'evaluationPeriods' failed to satisfy constraint: Member must have value greater than or equal to 1",
  },
  {
    broken: ({ datapointsToAlarm: m = 1 }) => !Number.isInteger(m) || m < 1,
    message: () =>
      "1 validation error detected: Value at 'datapointsToAlarm' failed to satisfy constraint: Member must have value greater than or equal to 1",
  },
  {
    broken: (alarm) => (alarm.datapointsToAlarm ?? 1) > alarm.evaluationPeriods,
    message: () => "DatapointsToAlarm must be less than or equal to EvaluationPeriods",
  },
  {
    broken: (_alarm, facts) => facts.periodSeconds < 3600 && facts.spanSeconds > 86_400,
    message: () =>
      "Metrics cannot be checked across more than a day (EvaluationPeriods * Period must be <= 86400) for alarms using period < 3600",
  },
  {
    broken: (_alarm, facts) => facts.periodSeconds >= 3600 && facts.spanSeconds > 604_800,
    message: () =>
      "Metrics cannot be checked across more than a week (EvaluationPeriods * Period must be <= 604800) for alarms using period >= 3600",
  },
  {
    broken: (_alarm, facts) => facts.expressions.some((text) => /\bSEARCH\s*\(/.test(text)),
    message: () => "SEARCH is not supported on Metric Alarms.",
  },
  {
    broken: (_alarm, facts) => facts.expressions.some((text) => INSIGHTS.test(text)),
    message: () =>
      "Metrics Insights queries (SELECT ...) are not supported by the local runtime: alarm on the metrics by name instead",
  },
  {
    broken: ({ metrics }) =>
      metrics?.every((query) => (query.metricStat?.periodSeconds ?? query.periodSeconds) === undefined) ===
      true,
    message: () => "Period must not be null",
  },
  {
    broken: (alarm) => alarm.threshold !== undefined && alarm.thresholdMetricId !== undefined,
    message: () => "Threshold and ThresholdMetricId cannot both be set",
  },
  {
    broken: (alarm, facts) => facts.band && alarm.thresholdMetricId === undefined,
    message: () => "ThresholdMetricId must be specified for the anomaly detection comparison operators",
  },
  {
    broken: (alarm, facts) => !facts.band && alarm.thresholdMetricId !== undefined,
    message: () => "ThresholdMetricId is only valid with the anomaly detection comparison operators",
    code: "InvalidParameterCombination",
  },
  {
    broken: (alarm, facts) => !facts.band && !Number.isFinite(alarm.threshold),
    message: () => "PutMetricAlarm request should have valid Threshold parameter",
  },
  {
    broken: (alarm, facts) => alarm.metrics !== undefined && facts.returned.length !== (facts.band ? 2 : 1),
    message: () =>
      "Exactly one element of the metrics list should return data; for anomaly detection alarms the metric and its band",
  },
  {
    broken: (alarm, facts) =>
      facts.band && !facts.returned.some((query) => query.id === alarm.thresholdMetricId),
    message: () => "ThresholdMetricId must be the Id of an element of the metrics list that returns data",
  },
  {
    broken: (alarm) => (alarm.metrics ?? []).filter((query) => query.metricStat !== undefined).length > 10,
    message: () => "The metrics list must not hold more than 10 metrics",
    code: "LimitExceeded",
  },
  {
    broken: (alarm) => zoneOffset(alarm.evaluationWindow?.wallClock.timezone ?? "UTC") === undefined,
    message: () =>
      "Timezone must be an IANA name, Z, or an offset like +05:30 or UTC+05:30 that is a multiple of 5 minutes",
  },
  {
    broken: (alarm, facts) =>
      alarm.evaluationWindow !== undefined && !WALL_CLOCK_PERIODS.includes(facts.periodSeconds),
    message: () => "Period must be 60, 300, 3600, 86400 or 604800 for alarms using a wall clock window",
  },
  {
    broken: ({ warmUp }) => warmUp !== undefined && !(warmUp.minutes >= 1 && warmUp.minutes <= 2880),
    message: () => "WarmUpPeriodDurationInMinutes must be between 1 and 2880",
  },
];

/** Reads one slot of an alarm's queries, so that a bad expression or statistic is refused when it is put. */
export function validateQueries(definition: MetricAlarmDefinition, { source, range }: AlarmSetting): void {
  const { queries, periodSeconds } = planAlarm(definition, range);
  try {
    source.readSeries(queries, { startMs: 0, periodSeconds, slots: 1 });
  } catch (error) {
    if (!(error instanceof QueryError)) throw error;
    throw new AlarmError("ValidationError", error.message, { cause: error });
  }
}

/**
 * Checks what was saved: a composite's rule is read when it is taken up, whether or not its alarms are back
 * already.
 */
export function checkSavedDefinition(definition: AlarmDefinition, home: AlarmHome): void {
  checkAlarmBasics(definition, home);
  if (!isComposite(definition)) checkMetricAlarm(definition);
}
