import {
  AlarmStatusWidget,
  AlarmStatusWidgetSortBy,
  TextWidget,
  type HorizontalAnnotation,
} from "aws-cdk-lib/aws-cloudwatch";
import type { DashboardInputs } from "../lib/monitoring/dashboard-inputs.ts";
import { failuresNow } from "../lib/monitoring/table/answers/failure-alarms.ts";
import { BY_OUTCOME, LAST_FAILURES, VERSIONS } from "../lib/monitoring/queries/log-queries.ts";
import { LAST_ERRORS, STOCK_VERSIONS } from "../lib/monitoring/queries/stock-log-queries.ts";
import { COLOURS } from "./colours.ts";
import { badFates, countsByFate, requests } from "./counts.ts";
import type { GridRow } from "./grid.ts";
import { statusClasses, stockNumbers, troubleOfLambda } from "./lambda-rows.ts";
import { otherRegions } from "./other-regions.ts";
import { probeRows } from "./probe.ts";
import { logTable, overRange, overTime } from "./widgets.ts";

const FIVE_MINUTES = 300;
const HOUR = 3600;

/** Is it up, since when, what fails, what changed, and what Lambda says of it; the other Regions first. */
export function onCall(inputs: DashboardInputs): readonly GridRow[] {
  const own = inputs.sources.has("custom") ? ownRows : stockRows;
  return [
    ...otherRegions(inputs),
    [alarmStates(inputs), howToRead(inputs)],
    ...own(inputs),
    troubleOfLambda(inputs),
  ];
}

function ownRows(inputs: DashboardInputs): readonly GridRow[] {
  return [numbers(inputs), ...probeRows(inputs), fates(inputs), lastFailures(inputs), changes(inputs)];
}

function stockRows(inputs: DashboardInputs): readonly GridRow[] {
  return [
    stockNumbers(inputs),
    ...(inputs.sources.has("url") ? [statusClasses(inputs, 24)] : []),
    [
      logTable({ title: "Last lines that tell of a failure", width: 16, height: 7 }, inputs, LAST_ERRORS),
      logTable({ title: "Versions, by their first run", width: 8, height: 7 }, inputs, STOCK_VERSIONS),
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
    `Every alarm, what it means and what to do: ${docsLink("alarms.md")}`,
    ...(functionUrl === undefined ? [] : [`${isOwn ? "The Shortcut asks" : "Its URL"}: ${functionUrl}`]),
    isOwn ? "No dots: nobody dictated. A dot is one or a few requests." : "No dots: nobody asked.",
  ].join("\n\n");
  return new TextWidget({ width: 8, height: 4, markdown });
}

function numbers({ metrics }: DashboardInputs): GridRow {
  const frame = (title: string) => ({ title, width: 6, height: 3 });
  const { degraded, refused, failed } = badFates(metrics, FIVE_MINUTES);
  const share = metrics
    .custom("Failure", "Average", FIVE_MINUTES)
    .with({ label: "share", color: COLOURS.failed });
  const slowest = metrics
    .custom("Latency", "Maximum", FIVE_MINUTES)
    .with({ label: "slowest", color: COLOURS.model });
  const typical = metrics
    .custom("Latency", "p50", FIVE_MINUTES)
    .with({ label: "typical", color: COLOURS.good });
  return [
    overRange(frame("Requests"), requests(metrics, FIVE_MINUTES)),
    overRange(frame("Failed, and their share of all"), failed, share),
    overRange(frame("Refused, and plain text"), refused, degraded),
    overRange(frame("Time to the answer, ms"), typical, slowest),
  ];
}

function fates(inputs: DashboardInputs): GridRow {
  const { metrics, config } = inputs;
  const threshold: HorizontalAnnotation = {
    value: failuresNow(config),
    label: "failing-now alarms",
    color: COLOURS.limit,
  };
  return [
    overTime(
      { title: "What became of the requests of each hour", width: 12, height: 6 },
      countsByFate(inputs, HOUR),
      { unit: "requests", stacked: true },
    ),
    overTime(
      { title: "What went wrong in 5 minutes", width: 12, height: 6 },
      Object.values(badFates(metrics, FIVE_MINUTES)),
      { unit: "requests", thresholds: [threshold] },
    ),
  ];
}

function lastFailures(inputs: DashboardInputs): GridRow {
  return [
    logTable({ title: "Last refused and failed requests", width: 24, height: 6 }, inputs, LAST_FAILURES),
  ];
}

/** What holds and since when, and what was deployed meanwhile. */
function changes(inputs: DashboardInputs): GridRow {
  const frame = (title: string) => ({ title, width: 12, height: 5 });
  return [
    logTable(frame("Outcomes, by when each was last seen"), inputs, BY_OUTCOME),
    logTable(frame("Versions, by their first answer: what changed"), inputs, VERSIONS),
  ];
}
