import type { MetricAlarmDefinition } from "@wrist-agent/cloudwatch/alarm";
import { isComposite } from "@wrist-agent/cloudwatch/alarm";
import { alarmCondition } from "@wrist-agent/cloudwatch/alarms/alarm-plan";
import type { MetricIdentity } from "@wrist-agent/cloudwatch/metric";
import { alarmMetrics, metricKey, shortestPeriod } from "./alarm-metrics.ts";
import { durationText, parseSeriesValues, type SeriesItem } from "./alarm-test.ts";
import { type FedSeries, filledStore } from "./fed-series.ts";
import { Simulation } from "./simulation.ts";
import { alarmsWithChildren, type TemplateAlarm, type TemplateAlarms } from "./template-alarms.ts";

/** A file with a first test of an alarm. */
export interface FirstTest {
  readonly fileName: string;
  readonly text: string;
  /** Whether an expectation of each state was found; without, the file says what to fill in. */
  readonly isComplete: boolean;
}

/** A Monday, as in a test that names no start. */
const START_MS = Date.parse("2026-01-05T00:00:00Z");

/** What is tried to move an alarm: values while healthy, and values that breach. */
interface Attempt {
  readonly healthy: (metric: MetricIdentity) => number;
  readonly breaching: (metric: MetricIdentity) => number;
}

/** A run that worked, or the first that was tried. */
interface Trial {
  readonly lines: readonly { readonly metric: MetricIdentity; readonly values: string }[];
  readonly intervalMs: number;
  readonly okMs?: number;
  readonly alarmMs?: number;
}

/**
 * Writes a first test for an alarm: series with its names and dimensions, one healthy and one breaching
 * expectation.
 */
export function firstTest(templates: TemplateAlarms, alarm: TemplateAlarm, templatePath: string): FirstTest {
  const trial = bestTrial(templates, alarm);
  const isComplete = trial.okMs !== undefined && trial.alarmMs !== undefined;
  const name = alarmReference(templates, alarm);
  const lines = [
    `# A first test of ${alarm.definition.alarmName}: make the series say what your metrics do, and run`,
    `#   npx cw-alarm-test ${fileNameOf(templates, alarm)}`,
    `# ${alarmCondition(alarm.definition)}`,
    `template: ${JSON.stringify(templatePath)}`,
    `interval: ${durationText(trial.intervalMs)}`,
    "# One item an interval: a value, _ for no datum, 5*3 for three samples, 5x4 for four more of it.",
    "series:",
    ...trial.lines.flatMap(({ metric, values }) => seriesLines(templates, alarm, { metric, values })),
    "expect:",
    ...expectationLines(trial, name),
  ];
  return { fileName: fileNameOf(templates, alarm), text: `${lines.join("\n")}\n`, isComplete };
}

function expectationLines({ okMs, alarmMs }: Trial, name: string): readonly string[] {
  const line = (atMs: number, state: string): string =>
    `  - { at: ${durationText(atMs)}, alarm: ${name}, state: ${state} }`;
  const missing =
    "  # These values do not bring the alarm into the states below: write series that do, and the times.";
  if (okMs !== undefined && alarmMs !== undefined)
    return ["  # Healthy.", line(okMs, "OK"), "  # Breaching.", line(alarmMs, "ALARM")];
  return [missing, "  # - { at: 5m, alarm: …, state: OK }", `  - { alarm: ${name}, transitions: [] }`];
}

/** Named after the logical id: generated names say nothing. */
function fileNameOf({ alarms }: TemplateAlarms, alarm: TemplateAlarm): string {
  const { logicalId, stackName } = alarm;
  return `${isShared(alarms, alarm) ? `${stackName}-` : ""}${logicalId}.alarm-test.yaml`;
}

function isShared(alarms: readonly TemplateAlarm[], { logicalId }: TemplateAlarm): boolean {
  return alarms.filter((alarm) => alarm.logicalId === logicalId).length > 1;
}

function seriesLines(
  templates: TemplateAlarms,
  alarm: TemplateAlarm,
  { metric, values }: { readonly metric: MetricIdentity; readonly values: string },
): readonly string[] {
  const { namespace, metricName, dimensions } = metric;
  const parts = Object.entries(dimensions).map(
    ([name, value]) => `${JSON.stringify(name)}: ${valueReference(templates, alarm, value)}`,
  );
  return [
    `  - namespace: ${JSON.stringify(namespace)}`,
    `    metric: ${JSON.stringify(metricName)}`,
    ...(parts.length === 0 ? [] : ["    dimensions:", ...parts.map((part) => `      ${part}`)]),
    `    values: ${values}`,
  ];
}

/** The alarm as a test names it: its logical id, with the stack where several stacks have it. */
function alarmReference({ alarms }: TemplateAlarms, alarm: TemplateAlarm): string {
  const { logicalId, stackName } = alarm;
  return JSON.stringify(isShared(alarms, alarm) ? `${stackName}/${logicalId}` : logicalId);
}

/**
 * A reference to the resource of the alarm's stack that a value names, so that no generated name is typed.
 */
function valueReference({ stacks }: TemplateAlarms, alarm: TemplateAlarm, value: string): string {
  const own = stacks.find(
    ({ stackName, region }) => stackName === alarm.stackName && region === alarm.region,
  );
  const owner = own?.resources.find((resource) => readRef(resource.ref) === value);
  if (owner === undefined) return JSON.stringify(value);
  const owners = stacks.filter(({ resources }) =>
    resources.some((each) => each.logicalId === owner.logicalId),
  );
  return owners.length > 1 ? `!Ref ${alarm.stackName}/${owner.logicalId}` : `!Ref ${owner.logicalId}`;
}

function readRef(ref: () => string): string | undefined {
  try {
    return ref();
  } catch {
    // A name that cannot be had is not the one that is looked for.
    return undefined;
  }
}

function bestTrial(templates: TemplateAlarms, alarm: TemplateAlarm): Trial {
  const alarms = alarmsWithChildren(
    templates.alarms.filter(
      ({ region, accountId }) => region === alarm.region && accountId === alarm.accountId,
    ),
    new Set([alarm.definition.alarmName]),
  );
  const trials = attempts(alarms).map((attempt) => tried(alarms, alarm, attempt));
  const [first] = trials;
  const best = trials.find(({ okMs, alarmMs }) => okMs !== undefined && alarmMs !== undefined) ?? first;
  return best ?? { lines: [], intervalMs: 60_000 };
}

/** All low then high, all high then low, and each metric alone: one of them moves most alarms. */
function attempts(alarms: readonly TemplateAlarm[]): readonly Attempt[] {
  const metrics = alarms.flatMap(({ definition }) => alarmMetrics(definition).map(({ metric }) => metric));
  const thresholds = alarms.map(({ definition }) => thresholdOf(definition as MetricAlarmDefinition));
  const low = Math.min(0, ...thresholds.map((threshold) => threshold - 1));
  const high = Math.max(1, ...thresholds.map((threshold) => threshold + 1));
  const only = (wanted: MetricIdentity, value: number, rest: number) => (metric: MetricIdentity) =>
    metricKey(metric) === metricKey(wanted) ? value : rest;
  const floor = Math.max(0, low);
  return [
    { healthy: () => floor, breaching: () => high },
    { healthy: () => high, breaching: () => floor },
    ...metrics.flatMap((metric) => [
      { healthy: only(metric, 0, 100), breaching: only(metric, 100, 100) },
      { healthy: only(metric, 100, 100), breaching: only(metric, 0, 100) },
    ]),
    { healthy: () => low, breaching: () => high },
    { healthy: () => high, breaching: () => low },
  ];
}

function thresholdOf(definition: MetricAlarmDefinition): number {
  return definition.threshold ?? 0;
}

function tried(alarms: readonly TemplateAlarm[], alarm: TemplateAlarm, attempt: Attempt): Trial {
  const definitions = alarms.map(({ definition }) => definition);
  const stats = definitions.flatMap((definition) => alarmMetrics(definition));
  const longest = Math.max(shortestPeriod(definitions), ...stats.map(({ periodSeconds }) => periodSeconds));
  const periods = Math.max(1, ...definitions.map((each) => (isComposite(each) ? 1 : each.evaluationPeriods)));
  const count = periods + 2;
  const metrics = [...new Map(stats.map(({ metric }) => [metricKey(metric), metric])).values()];
  const lines = metrics.map((metric) => ({
    metric,
    values: `${attempt.healthy(metric)}x${count - 1} ${attempt.breaching(metric)}x${count - 1}`,
  }));
  return {
    lines,
    intervalMs: longest * 1000,
    ...statesSeen({ alarms, alarm, lines, intervalMs: longest * 1000 }),
  };
}

interface TrialRun {
  readonly alarms: readonly TemplateAlarm[];
  readonly alarm: TemplateAlarm;
  readonly lines: Trial["lines"];
  readonly intervalMs: number;
}

/** When the alarm is OK before the breach, and first in ALARM after it. */
function statesSeen({ alarms, alarm, lines, intervalMs }: TrialRun): Pick<Trial, "okMs" | "alarmMs"> {
  const series = lines.map(({ metric, values }): FedSeries => ({ line: 1, metric, items: itemsOf(values) }));
  const feed = { series, startMs: START_MS, intervalMs };
  const store = filledStore(feed, alarms, alarm.region);
  const simulation = new Simulation({ alarms, muteRules: [], store: () => store, startMs: START_MS });
  const items = series[0]?.items.length ?? 0;
  const breachMs = (items / 2) * intervalMs;
  let isOkBefore = false;
  for (let atMs = simulation.stepMs; atMs <= items * intervalMs; atMs += simulation.stepMs) {
    simulation.evaluate(START_MS + atMs);
    if (simulation.failure(atMs) !== undefined) return {};
    const state = simulation.status(alarm)?.state;
    if (atMs === breachMs) isOkBefore = state === "OK";
    if (atMs > breachMs && state === "ALARM") return isOkBefore ? { okMs: breachMs, alarmMs: atMs } : {};
  }
  return {};
}

function itemsOf(values: string): readonly SeriesItem[] {
  const items = parseSeriesValues(values);
  return "bad" in items ? [] : items;
}
