import type { AlarmState, MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";

/** Samples of one metric as they arrived, nothing added up. */
export interface Sample {
  readonly atMs: number;
  readonly value: number;
  readonly count: number;
}

/** A metric's samples, and whether they are stored by the second. */
export interface NaiveMetric {
  readonly samples: Sample[];
  readonly isFine: boolean;
}

const HOUR_MS = 3_600_000;
const MINUTE_MS = 60_000;

/** How often an alarm is evaluated, milliseconds: whoever looks more often finds nothing new. */
export function cadenceMs({ periodSeconds = 60, evaluationPeriods }: MetricAlarmDefinition): number {
  if (periodSeconds < 60) return 10_000;
  return periodSeconds * evaluationPeriods > 86_400 ? HOUR_MS : MINUTE_MS;
}

/**
 * The state that an alarm's data give, as the guide tells it, from the samples alone; `undefined` while it
 * stays. Nothing is remembered from one evaluation to the next.
 */
export function naiveState(
  alarm: MetricAlarmDefinition,
  metric: NaiveMetric,
  nowMs: number,
): AlarmState | undefined {
  const { evaluationPeriods: n, datapointsToAlarm: m = n, treatMissingData = "missing" } = alarm;
  const slots = naiveSlots(alarm, metric, nowMs);
  const kept = slots
    .flatMap((values, index) => (values.length > 0 ? [{ values, age: index + 1 }] : []))
    .slice(0, n);
  if (kept.some(({ values }) => values.length < samplesNeeded(alarm))) return undefined;
  const bad = kept.filter(({ values }) => isOver(alarm, statisticOf(alarm, values)));
  const good = kept.length - bad.length;
  const missing = n - kept.length;
  if (bad.length >= m) return "ALARM";
  if (good >= n - m + 1 || treatMissingData === "notBreaching") return "OK";
  if (treatMissingData === "breaching") return bad.length + missing >= m ? "ALARM" : "OK";
  if (good > 0) return "OK";
  if (treatMissingData === "ignore") return undefined;
  return bad.some(({ age }) => age >= m) ? "ALARM" : "INSUFFICIENT_DATA";
}

/** The samples of each slot of the evaluation range, newest first. */
function naiveSlots(
  alarm: MetricAlarmDefinition,
  { samples, isFine }: NaiveMetric,
  nowMs: number,
): readonly (readonly number[])[] {
  const { periodSeconds = 60, evaluationPeriods: n } = alarm;
  const periodMs = periodSeconds * 1000;
  // Data end at a multiple of the period, of a minute at most; of more than a day, at the last full hour.
  const stepMs = cadenceMs(alarm) === HOUR_MS ? HOUR_MS : Math.min(periodMs, MINUTE_MS);
  const endMs = Math.floor(nowMs / stepMs) * stepMs;
  const stampMs = isFine && periodSeconds < 60 ? 1000 : MINUTE_MS;
  return Array.from({ length: rangeOf(periodSeconds, n) }, (_none, back) => {
    const toMs = endMs - back * periodMs;
    return samples.flatMap(({ atMs, value, count }) => {
      const stamp = Math.floor(atMs / stampMs) * stampMs;
      return stamp >= toMs - periodMs && stamp < toMs ? Array<number>(count).fill(value) : [];
    });
  });
}

/** N and a minute more of short periods, N and two of others, of a minute six at least. */
function rangeOf(periodSeconds: number, n: number): number {
  if (periodSeconds < 60) return n + 60 / periodSeconds;
  return periodSeconds === 60 ? Math.max(6, n + 2) : n + 2;
}

/** Only the median is used here: it needs 20. */
function samplesNeeded({ evaluateLowSampleCountPercentile }: MetricAlarmDefinition): number {
  return evaluateLowSampleCountPercentile === "ignore" ? 20 : 0;
}

function statisticOf({ statistic }: MetricAlarmDefinition, values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  const sorted = values.toSorted((a, b) => a - b);
  if (statistic === "Sum") return sum;
  if (statistic === "Average") return sum / values.length;
  if (statistic === "SampleCount") return values.length;
  if (statistic === "Minimum") return sorted[0] ?? NaN;
  if (statistic === "Maximum") return sorted.at(-1) ?? NaN;
  return sorted[Math.ceil(values.length / 2) - 1] ?? NaN;
}

function isOver({ comparisonOperator, threshold = 0 }: MetricAlarmDefinition, value: number): boolean {
  if (comparisonOperator === "GreaterThanThreshold") return value > threshold;
  if (comparisonOperator === "GreaterThanOrEqualToThreshold") return value >= threshold;
  return comparisonOperator === "LessThanThreshold" ? value < threshold : value <= threshold;
}

/** A rule over alarms, by name. */
export type NaiveRule =
  | { readonly kind: "state"; readonly state: AlarmState; readonly name: string }
  | { readonly kind: "not"; readonly rule: NaiveRule }
  | { readonly kind: "AND" | "OR"; readonly rules: readonly [NaiveRule, NaiveRule] };

/** Whether a rule holds. */
export function naiveHolds(rule: NaiveRule, states: Readonly<Record<string, AlarmState>>): boolean {
  if (rule.kind === "state") return states[rule.name] === rule.state;
  if (rule.kind === "not") return !naiveHolds(rule.rule, states);
  const [left, right] = rule.rules.map((each) => naiveHolds(each, states));
  return rule.kind === "AND" ? left === true && right === true : left === true || right === true;
}

/** A rule as PutCompositeAlarm takes it. */
export function ruleText(rule: NaiveRule): string {
  if (rule.kind === "state") return `${rule.state}(${rule.name})`;
  if (rule.kind === "not") return `NOT (${ruleText(rule.rule)})`;
  return rule.rules.map((each) => `(${ruleText(each)})`).join(` ${rule.kind} `);
}
