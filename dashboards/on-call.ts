import { AlarmStatusWidget, GraphWidget, SingleValueWidget } from "aws-cdk-lib/aws-cloudwatch";
import type { DashboardInputs } from "../lib/monitoring/dashboard-inputs.ts";
import type { GridRow } from "./grid.ts";

/** Is it up, since when, what fails. */
export function onCall({ metrics, alarms }: DashboardInputs): readonly GridRow[] {
  return [
    [
      new AlarmStatusWidget({
        title: "Alarms",
        width: 24,
        height: 3,
        alarms: [...alarms.values()].map(({ alarm }) => alarm),
      }),
    ],
    [
      new SingleValueWidget({
        title: "Requests",
        width: 6,
        height: 4,
        setPeriodToTimeRange: true,
        metrics: [metrics.custom("Failure", "SampleCount", 300).with({ label: "requests" })],
      }),
      new GraphWidget({
        title: "Failed",
        width: 18,
        height: 4,
        left: [metrics.custom("Failure", "Sum", 300).with({ label: "failed" })],
      }),
    ],
  ];
}
