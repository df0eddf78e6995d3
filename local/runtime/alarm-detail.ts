import {
  type AlarmDefinition,
  ALARM_STATES,
  type AlarmState,
  isComposite,
  type MetricAlarmDefinition,
} from "@wrist-agent/cloudwatch/alarm";
import { alarmPeriodSeconds } from "@wrist-agent/cloudwatch/alarms/alarm-plan";
import type { AlarmHistoryItem } from "@wrist-agent/cloudwatch/alarms/alarm-history";
import type { DescribedAlarm } from "@wrist-agent/cloudwatch/alarms/alarms";
import type { EvaluatedDatapoint } from "@wrist-agent/cloudwatch/alarms/state-reason";
import { parseJsonObject } from "@wrist-agent/cloudwatch/json";
import type { MetricDataQuery, MetricStat, Series } from "@wrist-agent/cloudwatch/metric";
import type { StoredMetric } from "@wrist-agent/cloudwatch/metrics/metric-store";
import type { Drawer } from "../drawing/drawer.ts";
import type { KnownAlarm } from "../drawing/protocol.ts";
import type { CloudWatchRegion } from "../monitoring/cloudwatch-region.ts";
import type { AlarmQuery } from "../server/page-api.ts";
import type {
  AlarmDetail,
  AlarmStateSpan,
  EvaluatedInput,
  EvaluatedPeriod,
  SetStateEvent,
} from "../server/wire.ts";

/** What an alarm is looked up in. */
export interface AlarmDetailSources {
  readonly plan: { readonly regions: readonly CloudWatchRegion[] };
  readonly drawer: Pick<Drawer, "draw">;
}

/**
 * Everything that the page shows of an alarm which is opened; `undefined` when there is none of that name.
 */
export async function alarmDetail(
  { plan, drawer }: AlarmDetailSources,
  { alarmName, rangeSeconds, endMs }: AlarmQuery,
  nowMs: number,
): Promise<AlarmDetail | undefined> {
  const region = plan.regions.find(({ alarms }) => alarms.find(alarmName) !== undefined);
  const alarm = region?.alarms.find(alarmName);
  if (region === undefined || alarm === undefined) return undefined;
  const end = endMs ?? Math.ceil(nowMs / STEP_MS) * STEP_MS;
  const history = region.alarms.history(alarmName);
  const ageMs = nowMs - (history[0]?.timestampMs ?? 0);
  const span = { startMs: end - 1000 * (rangeSeconds ?? ownRangeSeconds(alarm, ageMs)), endMs: end };
  const opened = isComposite(alarm.definition) ? undefined : openedAlarm(region, alarm, alarm.definition);
  return {
    alarmName,
    ...span,
    charts: opened === undefined ? [] : await drawCharts(drawer, opened, span),
    states: stateSpans(history, { ...span, endMs: Math.min(end, nowMs) }),
    evaluated: opened === undefined ? [] : evaluatedPeriods(opened),
    lastSet: lastSetState(history),
    actions: actionTargets(alarm.definition),
  };
}

/** A chart's end moves on by so much, so that most refreshes draw nothing again. */
const STEP_MS = 10_000;

const HOUR_SECONDS = 3600;
const WEEK_SECONDS = 7 * 86_400;
const WINDOWS_SHOWN = 3;

/** Ranges that the page offers, seconds: a young alarm opens on the shortest that shows its whole life. */
const OPENING_RANGES = [HOUR_SECONDS, 10_800, 43_200, 86_400, 259_200, WEEK_SECONDS] as const;

function ownRangeSeconds({ definition }: DescribedAlarm, ageMs: number): number {
  const windowSeconds = isComposite(definition)
    ? 28_800
    : periodOf(definition) * definition.evaluationPeriods;
  const lifeSeconds = Math.min(WINDOWS_SHOWN * windowSeconds, ageMs / 1000);
  return OPENING_RANGES.find((seconds) => seconds >= lifeSeconds) ?? WEEK_SECONDS;
}

function periodOf({ periodSeconds, metrics = [] }: MetricAlarmDefinition): number {
  return periodSeconds ?? alarmPeriodSeconds(metrics);
}

interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** An alarm on metrics, and what is looked up of it once. */
interface OpenedAlarm {
  readonly alarm: DescribedAlarm;
  readonly definition: MetricAlarmDefinition;
  readonly region: CloudWatchRegion;
  readonly inputs: readonly AlarmInput[];
  /** The points that the last evaluation saw, newest first. */
  readonly points: readonly EvaluatedDatapoint[];
}

function openedAlarm(
  region: CloudWatchRegion,
  alarm: DescribedAlarm,
  definition: MetricAlarmDefinition,
): OpenedAlarm {
  const stored = region.metrics();
  const inputs = inputsOf(definition).map((input) => ({ ...input, unit: unitOf(stored, input.stat) }));
  return { alarm, definition, region, inputs, points: evaluatedDatapoints(region, alarm, definition) };
}

/** Drawn in the worker as two widgets of a dashboard: what is judged, and what that is computed from. */
async function drawCharts(
  drawer: Pick<Drawer, "draw">,
  { alarm, definition, region, inputs: all, points }: OpenedAlarm,
  span: Span,
): Promise<AlarmDetail["charts"]> {
  const unit = sharedUnit(all.map((input) => input.unit));
  const yAxis = { left: { min: 0, ...(unit !== undefined && { label: unit }) } };
  const judged = { annotations: { alarms: [alarm.arn] }, yAxis };
  // Without an expression what is judged is the metric itself: a second chart would show the same.
  const isComputed = definition.metrics?.some(({ expression }) => expression !== undefined) ?? false;
  const stats = isComputed ? all : [];
  const inputs = { title: "Metrics that it is computed from", yAxis, metrics: stats.map(inputRow) };
  const widgets = [judged, ...(stats.length === 0 ? [] : [inputs])].map((properties) => ({
    type: "metric",
    properties,
  }));
  const drawn = await drawer.draw({
    name: `alarm ${definition.alarmName}`,
    body: JSON.stringify({ widgets }),
    ...span,
    region: region.home.region,
    alarms: [knownAlarm(alarm)],
  });
  const [first, ...others] = drawn.widgets.map(
    (widget) => JSON.parse(widget) as AlarmDetail["charts"][number],
  );
  if (first === undefined) return [];
  return [withEvaluated(first, points.toReversed(), periodOf(definition)), ...others];
}

/** The points that the last evaluation saw, newest first; before the first one the window is of no time. */
function evaluatedDatapoints(
  { alarms }: CloudWatchRegion,
  { status }: DescribedAlarm,
  definition: MetricAlarmDefinition,
): readonly EvaluatedDatapoint[] {
  const points = alarms.evaluatedDatapoints(definition.alarmName);
  const newestMs = points[0]?.startMs ?? 0;
  return newestMs + PERIODS_BACK * periodOf(definition) * 1000 < status.configurationUpdatedMs ? [] : points;
}

/** The newest period of a window begins at most so many periods before the evaluation. */
const PERIODS_BACK = 3;

/**
 * The chart with the points of the last evaluation, whose window may slide beside the periods of the clock.
 */
function withEvaluated(
  chart: AlarmDetail["charts"][number],
  points: readonly EvaluatedDatapoint[],
  periodSeconds: number,
): AlarmDetail["charts"][number] {
  const [oldest] = points;
  if (chart.type !== "metric" || oldest === undefined) return chart;
  const evaluated = {
    id: "evaluated",
    label: "seen by the last evaluation",
    color: "#913fd8",
    yAxis: "left" as const,
    startMs: oldest.startMs,
    periodSeconds,
    values: points.map(({ value }) => value ?? null),
  };
  return { ...chart, series: [...chart.series, evaluated] };
}

/** The unit that all have; `undefined` where they differ, as an expression over them has neither. */
function sharedUnit(units: readonly string[]): string | undefined {
  const [unit] = units;
  return unit !== undefined && units.every((other) => other === unit) ? unit : undefined;
}

function knownAlarm({ arn, definition, status }: DescribedAlarm): KnownAlarm {
  return { arn, definition, state: status.state, stateUpdatedMs: status.stateUpdatedMs };
}

function inputRow({ id, label, stat: { metric, stat, periodSeconds } }: ReadMetric): readonly unknown[] {
  const dimensions = Object.entries(metric.dimensions).flat();
  return [
    metric.namespace,
    metric.metricName,
    ...dimensions,
    { id, label, stat, period: Math.max(60, periodSeconds) },
  ];
}

interface ReadMetric {
  readonly id: string;
  readonly label: string;
  readonly stat: MetricStat;
}

interface AlarmInput extends ReadMetric {
  readonly unit: string;
}

/** Stands for the metric of an alarm that has no expression. */
const SINGLE_METRIC = "metric";

/** The metrics that an alarm reads. */
function inputsOf(definition: MetricAlarmDefinition): readonly ReadMetric[] {
  const { namespace, metricName, dimensions = {}, statistic, extendedStatistic } = definition;
  if (definition.metrics !== undefined)
    return definition.metrics.flatMap(({ id, label, metricStat: stat }) =>
      stat === undefined ? [] : [{ id, label: label ?? stat.metric.metricName, stat }],
    );
  if (namespace === undefined || metricName === undefined) return [];
  const stat = statistic ?? extendedStatistic ?? "Average";
  const metric = { namespace, metricName, dimensions };
  return [
    { id: SINGLE_METRIC, label: metricName, stat: { metric, stat, periodSeconds: periodOf(definition) } },
  ];
}

/** Periods that the page lists; a day of five minutes has 288. */
const MAX_PERIODS = 24;

/** What the last evaluation looked at, newest first; without an evaluation yet, nothing. */
function evaluatedPeriods({ region, definition, inputs, points }: OpenedAlarm): readonly EvaluatedPeriod[] {
  const periodSeconds = periodOf(definition);
  // Breaching ones decide, however old: they come before those that say nothing.
  const shown = new Set([
    ...points.filter(({ breaching }) => breaching).slice(0, MAX_PERIODS),
    ...points.filter(({ value }) => value !== undefined).slice(0, MAX_PERIODS),
    ...points.slice(0, definition.evaluationPeriods),
  ]);
  return [...shown]
    .slice(0, MAX_PERIODS)
    .sort((a, b) => b.startMs - a.startMs)
    .map(({ startMs, value, breaching }) => ({
      startMs,
      endMs: startMs + periodSeconds * 1000,
      value: value ?? null,
      isBreaching: breaching,
      inputs: inputs.map((input) => evaluatedInput(region, input, { startMs, periodSeconds })),
    }));
}

interface Period {
  readonly startMs: number;
  readonly periodSeconds: number;
}

function evaluatedInput(
  region: CloudWatchRegion,
  { id, label, stat, unit }: AlarmInput,
  period: Period,
): EvaluatedInput {
  const query: MetricDataQuery = {
    id: "m",
    metricStat: { ...stat, periodSeconds: period.periodSeconds },
  };
  const [series]: readonly (Series | undefined)[] = region.readSeries([query], { ...period, slots: 1 });
  return {
    id,
    label,
    metricName: stat.metric.metricName,
    dimensions: stat.metric.dimensions,
    stat: stat.stat,
    unit,
    value: series?.values[0] ?? null,
    samples: series?.sampleCounts?.[0] ?? null,
  };
}

function unitOf(all: readonly StoredMetric[], { metric, unit }: MetricStat): string {
  if (unit !== undefined) return unit;
  if (metric.metricName.endsWith("Usd")) return "USD";
  const stored = all.find(
    ({ identity }) => identity.namespace === metric.namespace && identity.metricName === metric.metricName,
  );
  return stored?.units[0] ?? "None";
}

const STATE_CHANGE = /^Alarm updated from (\w+) to (\w+)$/;

/** The states over a span, from the history; before its first item an alarm had no state. */
function stateSpans(history: readonly AlarmHistoryItem[], { startMs, endMs }: Span): AlarmStateSpan[] {
  const changes = history.flatMap(({ timestampMs, historySummary }) => {
    const [, from, to] = STATE_CHANGE.exec(historySummary) ?? [];
    return isState(from) && isState(to) ? [{ timeMs: timestampMs, from, to }] : [];
  });
  const bornMs = history[0]?.timestampMs ?? endMs;
  const first = changes[0]?.from ?? "INSUFFICIENT_DATA";
  const starts = [{ timeMs: bornMs, to: first }, ...changes];
  return starts.flatMap(({ timeMs, to: state }, i) => {
    const fromMs = Math.max(startMs, timeMs);
    const toMs = Math.min(endMs, starts[i + 1]?.timeMs ?? endMs);
    return toMs > fromMs ? [{ state, fromMs, toMs }] : [];
  });
}

function isState(text: string | undefined): text is AlarmState {
  return ALARM_STATES.some((state) => state === text);
}

/** Evaluations write their reason data themselves; without such data somebody has set the state. */
function lastSetState(history: readonly AlarmHistoryItem[]): SetStateEvent | null {
  for (const { timestampMs, historyItemType, historyData } of history.toReversed()) {
    if (historyItemType !== "StateUpdate") continue;
    const next = parseJsonObject(historyData)?.newState as Record<string, unknown> | undefined;
    const data = next?.stateReasonData as Record<string, unknown> | undefined;
    if (data?.queryDate !== undefined || data?.triggeringAlarms !== undefined) continue;
    const state = String(next?.stateValue);
    if (isState(state)) return { timeMs: timestampMs, state, reason: String(next?.stateReason) };
  }
  return null;
}

function actionTargets(definition: AlarmDefinition): AlarmDetail["actions"] {
  const { okActions = [], alarmActions = [], insufficientDataActions = [] } = definition;
  const byState = [
    ["ALARM", alarmActions],
    ["OK", okActions],
    ["INSUFFICIENT_DATA", insufficientDataActions],
  ] as const;
  return byState.map(([state, arns]) => ({ state, targets: arns.map(targetName) }));
}

/** `arn:aws:sns:us-west-2:123456789012:wrist-agent-page` as `wrist-agent-page`, a function with its kind. */
function targetName(arn: string): string {
  const [, , service = "", , , ...rest] = arn.split(":");
  return service === "sns" ? rest.join(":") : `${service} ${rest.join(":")}`;
}
