import { isObject } from "../../assembly/template/template.ts";
import {
  areaOf,
  numberOf,
  resourcesOf,
  textOf,
  type BilledResource,
  type BilledStack,
} from "../billed-stack.ts";
import { PRICES, type Price } from "../prices.ts";
import { placeOf, type Billed, type Reading, type Usage } from "../usage.ts";

/** An anomaly alarm is paid as three metrics: the measured one and the band's two edges. */
const ANOMALY_METRICS = 3;

/** Alarms, metric and composite, and those that target tracking makes by itself. */
export function readAlarms({ stacks }: Billed): Reading {
  const alarms = stacks.flatMap((stack) => resourcesOf(stack, "AWS::CloudWatch::Alarm"));
  const unreadable = alarms.filter(readsInsights);
  return {
    usages: [
      ...alarms.filter((alarm) => !readsInsights(alarm)).map(alarmUsage),
      ...stacks.flatMap(compositeUsages),
      ...stacks.flatMap(trackingUsages),
    ],
    notCounted: unreadable.map(
      (alarm) => `${placeOf(alarm)}: a Metrics Insights query, paid per metric that it finds`,
    ),
  };
}

/** Metrics that an alarm is paid for: each that its math reads counts, and a band triples them. */
export function alarmMetricsOf({ properties }: BilledResource): number {
  const queries = queriesOf(properties);
  const read = queries.filter(({ MetricStat }) => MetricStat !== undefined).length;
  const hasBand = queries.some((query) =>
    (textOf(query.Expression) ?? "").includes("ANOMALY_DETECTION_BAND"),
  );
  return Math.max(read, 1) * (hasBand ? ANOMALY_METRICS : 1);
}

function alarmUsage(alarm: BilledResource): Usage {
  const price = alarmPrice(alarm);
  const area = areaOf(alarm.stack);
  return { area, what: alarm.stack.stackName, price, quantity: alarmMetricsOf(alarm) };
}

function alarmPrice({ properties }: BilledResource): Price {
  const periods = queriesOf(properties).map(({ MetricStat }) =>
    isObject(MetricStat) ? MetricStat.Period : undefined,
  );
  const isFast = [properties.Period, ...periods].some((period) => (numberOf(period) ?? 60) < 60);
  return isFast ? PRICES.fastAlarmMetric : PRICES.alarmMetric;
}

function queriesOf({ Metrics }: BilledResource["properties"]) {
  return Array.isArray(Metrics) ? Metrics.filter(isObject) : [];
}

function readsInsights({ properties }: BilledResource): boolean {
  return queriesOf(properties).some(({ Expression }) => /^\s*SELECT\b/i.test(textOf(Expression) ?? ""));
}

function compositeUsages(stack: BilledStack): readonly Usage[] {
  return resourcesOf(stack, "AWS::CloudWatch::CompositeAlarm").map(() => ({
    area: areaOf(stack),
    what: stack.stackName,
    price: PRICES.compositeAlarm,
    quantity: 1,
  }));
}

/** Application Auto Scaling makes two alarms for each policy of target tracking. */
function trackingUsages(stack: BilledStack): readonly Usage[] {
  return resourcesOf(stack, "AWS::ApplicationAutoScaling::ScalingPolicy")
    .filter(({ properties }) => properties.PolicyType === "TargetTrackingScaling")
    .map(() => ({
      area: areaOf(stack),
      what: "made by target tracking",
      price: PRICES.alarmMetric,
      quantity: 2,
    }));
}
