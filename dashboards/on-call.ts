import {
  AlarmStatusWidget,
  AlarmStatusWidgetSortBy,
  type HorizontalAnnotation,
  TextWidget,
} from "aws-cdk-lib/aws-cloudwatch";
import type { DashboardInputs, RegionMetrics } from "../lib/monitoring/agent-monitoring.ts";
import { failuresNow } from "../lib/monitoring/availability-alarms.ts";
import {
  FAILED_PROBE_RUNS_QUERY,
  FUNCTION_ERRORS_QUERY,
  FUNCTION_VERSIONS_QUERY,
  LAST_FAILURES_QUERY,
  OUTCOMES_QUERY,
  VERSIONS_QUERY,
} from "../lib/monitoring/log-queries.ts";
import { lambdaErrorsRow, lambdaSummaryRow, urlStatusWidgets } from "./lambda-rows.ts";
import {
  allRequests,
  failedPercent,
  failedTries,
  requestsByOutcome,
  unsuccessfulRequests,
} from "./request-counts.ts";
import { COLOURS, graph, type GridRow, logTable, singleValue } from "./widgets.ts";

const FIVE_MINUTES = 300;
const HOUR = 3600;

/** Is it up, since when, what fails, what changed, and what Lambda says of it; the other Regions first. */
export function onCall(inputs: DashboardInputs): readonly GridRow[] {
  const own = inputs.sources.has("custom") ? agentRows : anyFunctionRows;
  return [
    ...otherRegionRows(inputs),
    [alarmStates(inputs), howToRead(inputs)],
    ...own(inputs),
    lambdaErrorsRow(inputs),
  ];
}

function agentRows(inputs: DashboardInputs): readonly GridRow[] {
  return [
    summaryRow(inputs),
    ...probeRows(inputs),
    outcomesRow(inputs),
    lastFailuresRow(inputs),
    changesRow(inputs),
  ];
}

function anyFunctionRows(inputs: DashboardInputs): readonly GridRow[] {
  return [
    lambdaSummaryRow(inputs),
    ...(inputs.sources.has("url") ? [urlStatusWidgets(inputs, 24)] : []),
    [
      logTable({ title: "Last lines about a failure", width: 16, height: 7 }, inputs, FUNCTION_ERRORS_QUERY),
      logTable(
        { title: "Versions, by their first run", width: 8, height: 7 },
        inputs,
        FUNCTION_VERSIONS_QUERY,
      ),
    ],
  ];
}

function alarmStates({ alarms }: DashboardInputs): AlarmStatusWidget {
  return new AlarmStatusWidget({
    title: "Alarms",
    width: 16,
    height: 4,
    alarms: [...alarms.values()].map(({ alarm }) => alarm),
    // Those in ALARM first, the latest change before the others.
    sortBy: AlarmStatusWidgetSortBy.STATE_UPDATED_TIMESTAMP,
  });
}

function howToRead({ docsLink, title, functionUrl, sources }: DashboardInputs): TextWidget {
  const isOwn = sources.has("custom");
  const markdown = [
    `**${title}**`,
    `Every alarm, what it means and what to do: ${docsLink(isOwn ? "alarms.md" : "runbooks/any-function.md")}`,
    ...(functionUrl === undefined ? [] : [`${isOwn ? "The Shortcut calls" : "Its URL"}: ${functionUrl}`]),
    isOwn
      ? "An empty chart: nobody used the watch in that time."
      : "An empty chart: nobody called it in that time.",
  ].join("\n\n");
  return new TextWidget({ width: 8, height: 4, markdown });
}

function summaryRow({ metrics }: DashboardInputs): GridRow {
  const frame = (title: string) => ({ title, width: 6, height: 3 });
  const { degraded, refused, failed } = unsuccessfulRequests(metrics, FIVE_MINUTES);
  const max = metrics.custom("Latency", "Maximum", FIVE_MINUTES).with({ label: "max", color: COLOURS.model });
  const p50 = metrics.custom("Latency", "p50", FIVE_MINUTES).with({ label: "p50", color: COLOURS.good });
  return [
    singleValue(frame("Requests"), allRequests(metrics, FIVE_MINUTES)),
    singleValue(frame("Failed"), failed, failedPercent(metrics, FIVE_MINUTES)),
    singleValue(frame("Refused, and plain text"), refused, degraded),
    singleValue(frame("Latency of answered requests (ms)"), p50, max),
  ];
}

function outcomesRow(inputs: DashboardInputs): GridRow {
  const { metrics, config } = inputs;
  const threshold: HorizontalAnnotation = {
    value: failuresNow(config),
    label: "threshold of failing-now",
    color: COLOURS.limit,
  };
  return [
    graph({ title: "Requests per hour, by outcome", width: 12, height: 6 }, requestsByOutcome(inputs, HOUR), {
      unit: "requests",
      stacked: true,
    }),
    graph(
      { title: "Unsuccessful requests per 5 minutes", width: 12, height: 6 },
      Object.values(unsuccessfulRequests(metrics, FIVE_MINUTES)),
      { unit: "requests", thresholds: [threshold] },
    ),
  ];
}

function lastFailuresRow(inputs: DashboardInputs): GridRow {
  return [
    logTable(
      { title: "Last refused and failed requests", width: 24, height: 6 },
      inputs,
      LAST_FAILURES_QUERY,
    ),
  ];
}

/** What holds and since when, and what was deployed meanwhile. */
function changesRow(inputs: DashboardInputs): GridRow {
  const frame = (title: string) => ({ title, width: 12, height: 5 });
  return [
    logTable(frame("Outcomes, by when each was last seen"), inputs, OUTCOMES_QUERY),
    logTable(frame("Versions, by their first answer: what changed"), inputs, VERSIONS_QUERY),
  ];
}

/** A row of figures for each other Region of the stage: whether the trouble is here alone. */
function otherRegionRows({ otherRegions: others }: DashboardInputs): readonly GridRow[] {
  return others.map(regionRow);
}

function regionRow({ region, metrics }: RegionMetrics): GridRow {
  const frame = (what: string) => ({ title: `${region}: ${what}`, width: 6, height: 3, region });
  const { failed, refused } = unsuccessfulRequests(metrics, FIVE_MINUTES);
  const crashed = metrics.lambda("Errors", "Sum", FIVE_MINUTES).with({ label: "crashed" });
  const throttled = metrics.lambda("Throttles", "Sum", FIVE_MINUTES).with({ label: "throttled" });
  const max = metrics.custom("Latency", "Maximum", FIVE_MINUTES);
  return [
    singleValue(frame("requests"), allRequests(metrics, FIVE_MINUTES), refused),
    singleValue(frame("failed"), failed, failedPercent(metrics, FIVE_MINUTES)),
    singleValue(frame("Lambda"), crashed, throttled),
    singleValue(frame("latency of answered requests (ms)"), max.with({ label: "max", color: COLOURS.model })),
  ];
}

/** Whether the probe is served, and where its failed runs got stuck; no row for a stage without a probe. */
function probeRows(inputs: DashboardInputs): readonly GridRow[] {
  const { sources, metrics, probeLogGroupName: logGroupName } = inputs;
  if (!sources.has("probe")) return [];
  const runs = metrics.probe("Failure", "SampleCount", HOUR).with({ label: "runs", color: COLOURS.requests });
  return [
    [
      graph(
        { title: "Probe per hour: runs and failed tries", width: 8, height: 5 },
        [failedTries(metrics, HOUR), runs],
        { unit: "runs, tries" },
      ),
      logTable(
        { title: "Last failed runs of the probe", width: 16, height: 5 },
        { ...inputs, logGroupName },
        FAILED_PROBE_RUNS_QUERY,
      ),
    ],
  ];
}
