import { AlarmStatusWidget, TextWidget, type HorizontalAnnotation } from "aws-cdk-lib/aws-cloudwatch";
import type { DashboardInputs } from "../lib/monitoring/dashboard-inputs.ts";
import { failuresNow } from "../lib/monitoring/table/failure-alarms.ts";
import { nearTimeoutMs } from "../lib/monitoring/table/function-alarms.ts";
import { BY_OUTCOME, LAST_FAILURES } from "../lib/monitoring/log-queries.ts";
import { COLOURS } from "./colours.ts";
import { badFates, countsByFate, requests } from "./counts.ts";
import type { GridRow } from "./grid.ts";
import { probeRows } from "./probe.ts";
import { logTable, overRange, overTime } from "./widgets.ts";

const FIVE_MINUTES = 300;
const HOUR = 3600;

/** Is it up, since when, what fails, and what Lambda says of it. */
export function onCall(inputs: DashboardInputs): readonly GridRow[] {
  return [
    [alarmStates(inputs), howToRead(inputs)],
    numbers(inputs),
    ...probeRows(inputs),
    fates(inputs),
    lastFailures(inputs),
    lambda(inputs),
  ];
}

function alarmStates({ alarms }: DashboardInputs): AlarmStatusWidget {
  return new AlarmStatusWidget({
    title: "Alarms",
    width: 16,
    height: 4,
    alarms: [...alarms.values()].map(({ alarm }) => alarm),
  });
}

function howToRead({ docsLink, config, functionUrl }: DashboardInputs): TextWidget {
  const markdown = [
    `**Wrist Agent, ${config.stage}**`,
    `Every alarm, what it means and what to do: ${docsLink("alarms.md")}`,
    `The Shortcut asks: ${functionUrl}`,
    "No dots: nobody dictated. A dot is one or a few requests.",
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

function fates({ metrics, config }: DashboardInputs): GridRow {
  const threshold: HorizontalAnnotation = {
    value: failuresNow(config),
    label: "failing-now alarms",
    color: COLOURS.limit,
  };
  return [
    overTime(
      { title: "What became of the requests of each hour", width: 12, height: 6 },
      countsByFate(metrics, HOUR),
      {
        unit: "requests",
        stacked: true,
      },
    ),
    overTime(
      { title: "What went wrong in 5 minutes", width: 12, height: 6 },
      Object.values(badFates(metrics, FIVE_MINUTES)),
      {
        unit: "requests",
        thresholds: [threshold],
      },
    ),
  ];
}

function lastFailures(inputs: DashboardInputs): GridRow {
  return [
    logTable({ title: "Last refused and failed requests", width: 18, height: 7 }, inputs, LAST_FAILURES),
    logTable({ title: "Requests by outcome", width: 6, height: 7 }, inputs, BY_OUTCOME),
  ];
}

function lambda({ metrics, config }: DashboardInputs): GridRow {
  return [
    overTime(
      { title: "Lambda: crashes and throttles", width: 12, height: 6 },
      [
        metrics
          .lambda("Errors", "Sum", FIVE_MINUTES)
          .with({ label: "crashed or timed out", color: COLOURS.failed }),
        metrics.lambda("Throttles", "Sum", FIVE_MINUTES).with({ label: "throttled", color: COLOURS.refused }),
      ],
      { unit: "invocations", thresholds: [{ value: 1, label: "either alarms", color: COLOURS.limit }] },
    ),
    overTime(
      { title: "Lambda: slowest invocation", width: 12, height: 6 },
      [metrics.lambda("Duration", "Maximum", FIVE_MINUTES).with({ label: "slowest", color: COLOURS.model })],
      {
        unit: "ms",
        thresholds: [
          { value: nearTimeoutMs(config), label: "duration alarms", color: COLOURS.limit },
          { value: config.timeoutSeconds * 1000, label: "Lambda stops it", color: COLOURS.failed },
        ],
      },
    ),
  ];
}
