import type { ComparisonOperator, MetricAlarmDefinition } from "../alarm-definition.ts";
import type { MetricDataQuery, MetricStat } from "../metric.ts";
import { isPointwise } from "../math/pointwise.ts";
import { COMPARISONS } from "./comparison.ts";
import type { EvaluationRange } from "./evaluation-range.ts";
import type { DatapointsRule } from "./missing-data.ts";
import { type ZoneOffset, zoneOffset } from "../window/wall-clock.ts";

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
}

/** Compiles a validated definition. */
export function planAlarm(definition: MetricAlarmDefinition, range: EvaluationRange): AlarmPlan {
  const queries = definition.metrics ?? [{ id: "m1", metricStat: singleMetric(definition) }];
  const periodSeconds = definition.periodSeconds ?? periodOf(queries);
  const { evaluationPeriods, comparisonOperator, evaluationWindow, thresholdMetricId } = definition;
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
    pointwise: queries.every((query) => query.expression === undefined || isPointwise(query.expression)),
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
export function periodOf(queries: readonly MetricDataQuery[]): number {
  const periods = queries.map((query) => query.metricStat?.periodSeconds ?? query.periodSeconds ?? 0);
  return Math.max(0, ...periods) || 60;
}

/** Alarms on nothing but DynamoDB metrics ignore missing points unless told otherwise. */
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
