import { Duration } from "aws-cdk-lib/core";
import { MathExpression, type IMetric } from "aws-cdk-lib/aws-cloudwatch";
import type { DashboardInputs } from "../lib/monitoring/dashboard-inputs.ts";
import { estimatedCharges } from "../lib/monitoring/estimated-charges.ts";
import { BY_MODE } from "../lib/monitoring/log-queries.ts";
import { COLOURS } from "./colours.ts";
import type { GridRow } from "./grid.ts";
import { latest, logTable, overRange, overTime } from "./widgets.ts";

const DAY = 86_400;

/** What the model costs, and what the account costs. */
export function cost(inputs: DashboardInputs): readonly GridRow[] {
  return [numbers(inputs), spending(inputs), tokens(inputs), account(inputs)];
}

function spent(inputs: DashboardInputs): IMetric {
  return inputs.metrics.custom("CostUsd", "Sum", DAY).with({ label: "spent", color: COLOURS.model });
}

function perRequest({ metrics }: DashboardInputs): IMetric {
  return metrics.custom("CostUsd", "Average", DAY).with({ label: "per model answer", color: COLOURS.output });
}

function numbers(inputs: DashboardInputs): GridRow {
  const frame = (title: string) => ({ title, width: 6, height: 3 });
  const month = new MathExpression({
    expression: "30.4 * day",
    usingMetrics: { day: inputs.metrics.custom("CostUsd", "Sum", DAY) },
    label: "at that rate",
    color: COLOURS.limit,
    period: Duration.seconds(DAY),
  });
  return [
    latest(frame("Model, today (UTC), USD"), spent(inputs)),
    latest(frame("Model, a month at today's rate, USD"), month),
    overRange(frame("Model, 30 days, USD"), spent(inputs)),
    overRange(frame("Model, one answer, USD"), perRequest(inputs)),
  ];
}

function spending(inputs: DashboardInputs): GridRow {
  const { dailySpendUsd } = inputs.config;
  return [
    overTime({ title: "Model, per day", width: 12, height: 6 }, [spent(inputs)], {
      unit: "USD",
      thresholds: [{ value: dailySpendUsd, label: "spend-today alarms", color: COLOURS.limit }],
    }),
    overTime({ title: "One answer, average of the day", width: 12, height: 6 }, [perRequest(inputs)], {
      unit: "USD",
    }),
  ];
}

function tokens(inputs: DashboardInputs): GridRow {
  const perDay = (name: "InputTokens" | "OutputTokens", label: string, color: string): IMetric =>
    inputs.metrics.custom(name, "Sum", DAY).with({ label, color });
  return [
    overTime(
      { title: "Tokens per day", width: 12, height: 6 },
      [perDay("InputTokens", "read", COLOURS.model), perDay("OutputTokens", "written", COLOURS.output)],
      { unit: "tokens", stacked: true },
    ),
    logTable({ title: "By mode", width: 12, height: 6 }, inputs, BY_MODE),
  ];
}

/** AWS's own figure: a few hours old, month to date, for everything in the account. */
function account({ config }: DashboardInputs): GridRow {
  const charges = estimatedCharges(DAY / 4).with({ label: "month to date", color: COLOURS.requests });
  return [
    overTime(
      { title: "Whole account, month to date, as AWS estimates it", width: 24, height: 6 },
      [charges],
      {
        unit: "USD",
        thresholds: [{ value: config.monthlyBudgetUsd, label: "budget", color: COLOURS.limit }],
      },
    ),
  ];
}
