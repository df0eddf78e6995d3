import { isJsonObject } from "@wrist-agent/cloudwatch/json";
import { AGENT_ENVIRONMENT } from "../../lambda/contract/environment.ts";
import { isMetricInProfile, type MetricName, METRICS } from "../../lambda/contract/metrics.ts";
import {
  ASSUMED_USE,
  type BilledFunction,
  billedFunctions,
  DAYS_PER_MONTH,
  type FunctionRuns,
  LOG_BYTES,
  LOG_EVENT_BYTES,
} from "./billed-function.ts";
import {
  billAreaOf,
  billedPlace,
  type BilledResource,
  type BilledStack,
  type BilledStage,
  type MeterReading,
  referencesIn,
  stackResources,
  templateNumber,
  templateText,
  type Usage,
} from "./billed-stack.ts";
import { type Price, PRICES } from "./prices.ts";

/** What the probe itself publishes: whether its run failed. */
const PROBE_METRICS: readonly MetricName[] = ["Failure"];

/** The custom metrics that each agent and each probe publishes, by the catalogue. */
export function readMetrics(billed: BilledStage): MeterReading {
  const usages = billedFunctions(billed).flatMap(customMetricUsages);
  return { usages, assumed: ["each custom metric has data in every hour of the month"] };
}

function customMetricUsages(fn: BilledFunction): readonly Usage[] {
  const names = metricNames(fn);
  if (names.length === 0) return [];
  return [
    {
      area: "monitoring",
      what: `${fn.name}: ${names.join(", ")}`,
      price: PRICES.customMetric,
      quantity: names.length,
    },
  ];
}

function metricNames({ isAgent, isProbe, environment }: BilledFunction): readonly MetricName[] {
  if (isProbe) return PROBE_METRICS;
  // Behind somebody else's URL nobody writes this project's lines.
  if (!isAgent || !(AGENT_ENVIRONMENT.metricsProfile in environment)) return [];
  const profile = environment[AGENT_ENVIRONMENT.metricsProfile] === "full" ? "full" : "default";
  return Object.values(METRICS)
    .filter((entry) => isMetricInProfile(entry, profile))
    .map(({ name }) => name);
}

/** An anomaly alarm is paid as three metrics: the measured one and the band's two edges. */
const ANOMALY_METRICS = 3;

/** Alarms, metric and composite, and those that target tracking makes by itself. */
export function readAlarms({ stacks }: BilledStage): MeterReading {
  const alarms = stacks.flatMap((stack) => stackResources(stack, "AWS::CloudWatch::Alarm"));
  const unreadable = alarms.filter(readsInsights);
  return {
    usages: [
      ...alarms.filter((alarm) => !readsInsights(alarm)).map(alarmUsage),
      ...stacks.flatMap(compositeUsages),
      ...stacks.flatMap(trackingUsages),
    ],
    notCounted: unreadable.map(
      (alarm) => `${billedPlace(alarm)}: a Metrics Insights query, paid per metric that it finds`,
    ),
  };
}

/** Metrics that an alarm is paid for: each that its math reads counts, and a band triples them. */
function alarmMetricsOf({ properties }: BilledResource): number {
  const queries = queriesOf(properties);
  const read = queries.filter(({ MetricStat }) => MetricStat !== undefined).length;
  const hasBand = queries.some((query) =>
    (templateText(query.Expression) ?? "").includes("ANOMALY_DETECTION_BAND"),
  );
  return Math.max(read, 1) * (hasBand ? ANOMALY_METRICS : 1);
}

function alarmUsage(alarm: BilledResource): Usage {
  const price = alarmPrice(alarm);
  const area = billAreaOf(alarm.stack);
  return { area, what: alarm.stack.stackName, price, quantity: alarmMetricsOf(alarm) };
}

function alarmPrice({ properties }: BilledResource): Price {
  const periods = queriesOf(properties).map(({ MetricStat }) =>
    isJsonObject(MetricStat) ? MetricStat.Period : undefined,
  );
  const isFast = [properties.Period, ...periods].some((period) => (templateNumber(period) ?? 60) < 60);
  return isFast ? PRICES.fastAlarmMetric : PRICES.alarmMetric;
}

function queriesOf({ Metrics }: BilledResource["properties"]) {
  return Array.isArray(Metrics) ? Metrics.filter(isJsonObject) : [];
}

function readsInsights({ properties }: BilledResource): boolean {
  return queriesOf(properties).some(({ Expression }) => /^\s*SELECT\b/i.test(templateText(Expression) ?? ""));
}

function compositeUsages(stack: BilledStack): readonly Usage[] {
  return stackResources(stack, "AWS::CloudWatch::CompositeAlarm").map(() => ({
    area: billAreaOf(stack),
    what: stack.stackName,
    price: PRICES.compositeAlarm,
    quantity: 1,
  }));
}

/** Application Auto Scaling makes two alarms for each policy of target tracking. */
function trackingUsages(stack: BilledStack): readonly Usage[] {
  return stackResources(stack, "AWS::ApplicationAutoScaling::ScalingPolicy")
    .filter(({ properties }) => properties.PolicyType === "TargetTrackingScaling")
    .map(() => ({
      area: billAreaOf(stack),
      what: "made by target tracking",
      price: PRICES.alarmMetric,
      quantity: 2,
    }));
}

/** Metrics that a free dashboard may draw. */
export const FREE_DASHBOARD_METRICS = 50;

/** What of a dashboard its price depends on. */
interface BilledDashboard {
  readonly name: string;
  readonly metrics: number;
  readonly logWidgets: number;
  /** Days that it shows when it is opened; three hours when its body does not say. */
  readonly rangeDays: number;
}

/** Every dashboard of the stacks. */
export function billedDashboards({ stacks }: BilledStage): readonly BilledDashboard[] {
  return stacks.flatMap((stack) => stackResources(stack, "AWS::CloudWatch::Dashboard")).map(billedDashboard);
}

/** Dashboards: the free ones draw 50 metrics at most. */
export function readDashboards(billed: BilledStage): MeterReading {
  return {
    usages: billedDashboards(billed).map(({ name, metrics }): Usage => ({
      area: "monitoring",
      what: `${name}: ${metrics} metrics`,
      price: metrics > FREE_DASHBOARD_METRICS ? PRICES.wideDashboard : PRICES.dashboard,
      quantity: 1,
    })),
  };
}

function billedDashboard(resource: BilledResource): BilledDashboard {
  const { DashboardName, DashboardBody } = resource.properties;
  const body: unknown = JSON.parse(templateText(DashboardBody) ?? "{}");
  const { widgets = [], start } = isJsonObject(body) ? body : {};
  const all = Array.isArray(widgets) ? widgets.filter(isJsonObject) : [];
  return {
    name: templateText(DashboardName) ?? resource.logicalId,
    metrics: all.reduce((sum, widget) => sum + metricsOnWidget(widget), 0),
    logWidgets: all.filter(({ type }) => type === "log").length,
    rangeDays: daysOf(start),
  };
}

function metricsOnWidget({ properties }: Readonly<Record<string, unknown>>): number {
  const rows = isJsonObject(properties) ? properties.metrics : undefined;
  if (!Array.isArray(rows)) return 0;
  return rows.filter((row) => Array.isArray(row) && typeof row[0] === "string").length;
}

const DAYS = { H: 1 / 24, D: 1, W: 7, M: 30 } as const;

/** A relative start as `-P7D` or `-PT24H`. */
function daysOf(start: unknown): number {
  const [, count, unit] = /^-PT?(\d+)([HDWM])$/.exec(String(start)) ?? [];
  return count === undefined ? 3 / 24 : Number(count) * DAYS[unit as keyof typeof DAYS];
}

const GB = 1e9;

/** Bytes of the platform's two lines of one run. */
const PLATFORM_BYTES = LOG_BYTES.platformLines + 2 * LOG_EVENT_BYTES;

/** Bytes of the agent's own line of one run, by who asks. */
const AGENT_LINE: Readonly<Record<FunctionRuns["by"], number>> = {
  people: LOG_BYTES.requestLine,
  "the probe": LOG_BYTES.probeRequestLine,
  "the probe, for its health": LOG_BYTES.healthRequestLine,
  "its schedule": LOG_BYTES.requestLine,
};

/** Bytes of a function's own line of one run; none where it writes none. */
function lineBytes({ isAgent, isProbe }: BilledFunction, { by }: FunctionRuns): number {
  if (isAgent) return AGENT_LINE[by] + LOG_EVENT_BYTES;
  return isProbe ? LOG_BYTES.probeRunLine + LOG_EVENT_BYTES : 0;
}

/** Log lines as they come in, as they are kept, and as the dashboards read them again. */
export function readLogs(billed: BilledStage): MeterReading {
  const functions = billedFunctions(billed);
  const forever = functions.filter((fn) => fn.runs.length > 0 && retentionDays(fn) === undefined);
  return {
    usages: [
      ...functions.flatMap((fn) => fn.runs.flatMap((runs) => logLineUsages(fn, runs))),
      ...logScanUsages(billed, functions),
    ],
    assumed: [
      "log lines take as much room stored as they did coming in, and the oldest have reached their retention",
      "each dashboard is opened once a day, and its log widgets then read its whole range",
    ],
    notCounted: forever.map(
      ({ resource }) =>
        `log lines of ${billedPlace(resource)} after a year: nothing says how long they are kept`,
    ),
  };
}

/** The platform's lines belong to whoever caused the run; the line that carries the metrics is monitoring. */
function logLineUsages(fn: BilledFunction, runs: FunctionRuns): readonly Usage[] {
  const what = `${fn.name}, asked by ${runs.by}`;
  const keptMonths = (retentionDays(fn) ?? 365) / DAYS_PER_MONTH;
  const lines = [
    { area: runs.area, what: `${what}: Lambda's own lines`, gb: (runs.perMonth * PLATFORM_BYTES) / GB },
    {
      area: "monitoring" as const,
      what: `${what}: lines with metrics`,
      gb: (runs.perMonth * lineBytes(fn, runs)) / GB,
    },
  ];
  return lines
    .filter(({ gb }) => gb > 0)
    .flatMap(({ gb, ...line }) => [
      { ...line, price: PRICES.logIngestion, quantity: gb },
      { ...line, price: PRICES.logStorage, quantity: gb * keptMonths },
    ]);
}

/** Days that the function's log group keeps its lines; `undefined` when they are kept for ever. */
function retentionDays({ resource: { stack, properties } }: BilledFunction): number | undefined {
  const [group] = referencesIn(stack, properties.LoggingConfig).filter(
    ({ type }) => type === "AWS::Logs::LogGroup",
  );
  const named = group ?? stackResources(stack, "AWS::Logs::LogGroup")[0];
  return templateNumber(named?.properties.RetentionInDays);
}

function logScanUsages(billed: BilledStage, functions: readonly BilledFunction[]): readonly Usage[] {
  const ofAgents = functions.filter(({ isAgent }) => isAgent);
  const bytes = ofAgents.flatMap((fn) =>
    fn.runs.map((run) => run.perMonth * (PLATFORM_BYTES + lineBytes(fn, run))),
  );
  const bytesPerDay = bytes.reduce((sum, each) => sum + each, 0) / DAYS_PER_MONTH;
  return billedDashboards(billed)
    .filter(({ logWidgets }) => logWidgets > 0)
    .map(({ name, logWidgets, rangeDays }) => ({
      area: "monitoring",
      what: `${name}: ${logWidgets} widgets over ${Number(rangeDays.toFixed(2))} days`,
      price: PRICES.logScan,
      quantity:
        (bytesPerDay * rangeDays * logWidgets * ASSUMED_USE.dashboardViewsPerDay * DAYS_PER_MONTH) / GB,
    }));
}
