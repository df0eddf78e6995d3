import {
  type AlarmDefinition,
  type ComparisonOperator,
  isComposite,
  type MetricAlarmDefinition,
  type TreatMissingData,
} from "../alarm.ts";
import { pointDependence } from "../math/math-expression.ts";
import type { MetricDataQuery, MetricStat } from "../metric.ts";
import { type ZoneOffset, zoneOffset } from "../zoned-time.ts";

interface Comparison {
  readonly band: boolean;
  readonly breaches: (value: number, lower: number, upper: number) => boolean;
  /** As state reasons spell it, after "was" or "was not". */
  readonly words: string;
  /** As one-line conditions spell it. */
  readonly sign: string;
}

/** The comparison operators of PutMetricAlarm. */
export const COMPARISONS: Readonly<Record<ComparisonOperator, Comparison>> = {
  GreaterThanOrEqualToThreshold: {
    band: false,
    breaches: (value, lower) => value >= lower,
    words: "greater than or equal to",
    sign: ">=",
  },
  GreaterThanThreshold: {
    band: false,
    breaches: (value, lower) => value > lower,
    words: "greater than",
    sign: ">",
  },
  LessThanThreshold: {
    band: false,
    breaches: (value, lower) => value < lower,
    words: "less than",
    sign: "<",
  },
  LessThanOrEqualToThreshold: {
    band: false,
    breaches: (value, lower) => value <= lower,
    words: "less than or equal to",
    sign: "<=",
  },
  LessThanLowerOrGreaterThanUpperThreshold: {
    band: true,
    breaches: (value, lower, upper) => value < lower || value > upper,
    words: "less than the lower thresholds or greater than the upper thresholds",
    sign: "outside",
  },
  LessThanLowerThreshold: {
    band: true,
    breaches: (value, lower) => value < lower,
    words: "less than the lower thresholds",
    sign: "below",
  },
  GreaterThanUpperThreshold: {
    band: true,
    breaches: (value, _lower, upper) => value > upper,
    words: "greater than the upper thresholds",
    sign: "above",
  },
};

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
const EVALUATION_RANGES: readonly RangeRule[] = [
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

/** M of N and what stands in for points that are not there. */
export interface DatapointsRule {
  readonly evaluationPeriods: number;
  readonly datapointsToAlarm: number;
  readonly treatMissingData: TreatMissingData;
}

/** A metric alarm made ready for evaluation, once per definition. */
export interface AlarmPlan extends DatapointsRule {
  readonly definition: MetricAlarmDefinition;
  readonly queries: readonly MetricDataQuery[];
  readonly periodSeconds: number;
  /** Slots read, `evaluationPeriods` or more. */
  readonly range: number;
  readonly comparisonOperator: ComparisonOperator;
  readonly breaches: (value: number, lower: number, upper: number) => boolean;
  /** 0 for a band. */
  readonly threshold: number;
  readonly bandId?: string;
  /** Points with fewer samples keep the state; 0 asks for none. */
  readonly minimumSamples: number;
  /** Wall-clock windows only. */
  readonly zone?: ZoneOffset;
  /** Each point depends on its own slot alone, so that many may be read at once. */
  readonly pointwise: boolean;
  /** Each point depends on the points of its slot alone, whatever its time. */
  readonly timeless: boolean;
}

/** Compiles a validated definition. */
export function planAlarm(definition: MetricAlarmDefinition, range: EvaluationRange): AlarmPlan {
  const queries = definition.metrics ?? [{ id: "m1", metricStat: singleMetric(definition) }];
  const periodSeconds = definition.periodSeconds ?? alarmPeriodSeconds(queries);
  const { evaluationPeriods, comparisonOperator, evaluationWindow, thresholdMetricId } = definition;
  const dependences = queries.map(({ expression = "" }) =>
    expression === "" ? "points" : pointDependence(expression),
  );
  const zone = evaluationWindow && zoneOffset(evaluationWindow.wallClock.timezone ?? "UTC");
  return {
    definition,
    queries,
    periodSeconds,
    evaluationPeriods,
    datapointsToAlarm: definition.datapointsToAlarm ?? evaluationPeriods,
    treatMissingData: definition.treatMissingData ?? defaultTreatment(queries),
    range: zone === undefined ? range(periodSeconds, evaluationPeriods) : evaluationPeriods,
    comparisonOperator,
    breaches: COMPARISONS[comparisonOperator].breaches,
    threshold: definition.threshold ?? 0,
    minimumSamples: minimumSamples(definition, queries),
    pointwise: dependences.every((each) => each !== "series"),
    timeless: dependences.every((each) => each === "points"),
    ...(thresholdMetricId === undefined ? {} : { bandId: thresholdMetricId }),
    ...(zone === undefined ? {} : { zone }),
  };
}

function singleMetric(definition: MetricAlarmDefinition): MetricStat {
  const { namespace = "", metricName = "", dimensions = {}, periodSeconds = 0, unit } = definition;
  return {
    metric: { namespace, metricName, dimensions },
    periodSeconds,
    stat: definition.statistic ?? definition.extendedStatistic ?? "",
    ...(unit === undefined ? {} : { unit }),
  };
}

/** The longest period of an alarm's queries: they should share one. */
export function alarmPeriodSeconds(queries: readonly MetricDataQuery[]): number {
  const periods = queries.map((query) => query.metricStat?.periodSeconds ?? query.periodSeconds ?? 0);
  return Math.max(0, ...periods) || 60;
}

/** Alarms on nothing but DynamoDB metrics ignore missing points unless the alarm says otherwise. */
function defaultTreatment(queries: readonly MetricDataQuery[]): "missing" | "ignore" {
  const stats = queries.flatMap((query) => query.metricStat ?? []);
  const dynamo = stats.length > 0 && stats.every((stat) => stat.metric.namespace === "AWS/DynamoDB");
  return dynamo ? "ignore" : "missing";
}

/**
 * Samples that a percentile needs before it counts: 10/(1-p) from the median up, 10/p below it.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/percentiles-with-low-samples.html
 */
function minimumSamples(definition: MetricAlarmDefinition, queries: readonly MetricDataQuery[]): number {
  if (definition.evaluateLowSampleCountPercentile !== "ignore") return 0;
  const returned = queries.find(
    (query) => query.returnData !== false && query.id !== definition.thresholdMetricId,
  );
  const percent = /^p(\d+(?:\.\d+)?)$/.exec(returned?.metricStat?.stat ?? "")?.[1];
  if (percent === undefined) return 0;
  const share = Number(percent) / 100;
  // Rounded against floating-point dust: 10/(1-0.9) is 100.00000000000001.
  return Math.ceil(10 / (share >= 0.5 ? 1 - share : share) - 1e-6);
}

/**
 * An alarm's condition in one line: `Sum of Errors >= 1 for 1 of 1 periods of 300 s`; a composite's is its
 * rule.
 */
export function alarmCondition(alarm: AlarmDefinition): string {
  if (isComposite(alarm)) return alarm.alarmRule;
  const { evaluationPeriods: n, datapointsToAlarm: m = n } = alarm;
  const period = alarm.periodSeconds ?? alarmPeriodSeconds(alarm.metrics ?? []);
  const { sign } = COMPARISONS[alarm.comparisonOperator];
  const bound = alarm.thresholdMetricId ?? alarm.threshold ?? 0;
  return `${conditionSubject(alarm)} ${sign} ${bound} for ${m} of ${n} periods of ${period} s`;
}

function conditionSubject(alarm: MetricAlarmDefinition): string {
  if (alarm.metrics === undefined)
    return `${alarm.statistic ?? alarm.extendedStatistic ?? ""} of ${alarm.metricName ?? ""}`;
  const returned = alarm.metrics.find(
    (query) => query.returnData !== false && query.id !== alarm.thresholdMetricId,
  );
  const stat = returned?.metricStat;
  return stat === undefined ? (returned?.expression ?? "") : `${stat.stat} of ${stat.metric.metricName}`;
}
