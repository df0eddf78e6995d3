import { MathExpression } from "aws-cdk-lib/aws-cloudwatch";
import { Duration } from "aws-cdk-lib/core";
import type { AlarmRow } from "../alarm-row.ts";

const HOUR = 3600;

/** Whether the other alarms see anything. */
export const TELEMETRY_ALARMS: readonly AlarmRow[] = [
  {
    key: "metrics-rejected",
    severity: "ticket",
    profile: "full",
    needs: "log",
    happened: () => "Within an hour CloudWatch could not turn a line of the agent's log into metrics.",
    means: "Dictating works; dashboards and alarms may be blind.",
    firstStep: "Find the last deploy of the application: which metric or dimension did it change?",
    thenSteps: [
      "EMFParsingErrors: the line is no sound EMF. Look for a value that is no number, or a text before the line.",
      "EMFValidationErrors: a name, unit or dimension breaks CloudWatch's rules.",
      "Go back to the previous version (`npm run cli -- rollback`), and report the line as a bug.",
    ],
    window: {
      kind: "sliding",
      why: "A line may be rejected at any minute of an hour; filled, it never judges an older hour instead.",
    },
    why: "Nobody is told when an EMF line is malformed; only these two counters move. They exist only when lines are rejected, so missing data is fine.",
    rule: ({ metrics }) => ({
      metric: new MathExpression({
        expression: "FILL(parsing, 0) + FILL(validation, 0)",
        usingMetrics: {
          parsing: metrics.logGroup("EMFParsingErrors", "Sum", HOUR),
          validation: metrics.logGroup("EMFValidationErrors", "Sum", HOUR),
        },
        label: "rejected lines",
        period: Duration.seconds(HOUR),
      }),
      threshold: 1,
      datapointsToAlarm: 1,
      evaluationPeriods: 1,
      treatMissingData: "notBreaching",
    }),
  },
];
