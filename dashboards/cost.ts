import { Duration } from "aws-cdk-lib/core";
import { MathExpression, type IMetric } from "aws-cdk-lib/aws-cloudwatch";
import type { DashboardInputs } from "../lib/monitoring/dashboard-inputs.ts";
import { estimatedCharges } from "../lib/monitoring/metrics/estimated-charges.ts";
import { CACHE_TOKENS, COST_BY_MODE } from "../lib/monitoring/queries/log-queries.ts";
import { COLOURS } from "./colours.ts";
import type { GridRow } from "./grid.ts";
import { latest, logTable, overRange, overTime } from "./widgets.ts";

const DAY = 86_400;
const DAYS_OF_MONTH = 30.4;

/** What the model costs, and what the account costs. */
export function cost(inputs: DashboardInputs): readonly GridRow[] {
  return [numbers(inputs), spending(inputs), tokens(inputs), perMode(inputs), account(inputs)];
}

function spent(inputs: DashboardInputs): IMetric {
  return inputs.metrics.custom("CostUsd", "Sum", DAY).with({ label: "spent", color: COLOURS.model });
}

function perRequest({ metrics }: DashboardInputs): IMetric {
  return metrics.custom("CostUsd", "Average", DAY).with({ label: "per model answer", color: COLOURS.output });
}

/** Day of the month of the newest period; CloudWatch knows the days of the periods, and not today's. */
const TODAY = "SUM(IF(EPOCH(day) == MAX(EPOCH(day)), DATE(day), 0))";

/** What was spent since the first of the month, day after day (UTC). */
const SO_FAR = `RUNNING_SUM(IF(EPOCH(day) > MAX(EPOCH(day)) - ${TODAY} * ${DAY}, FILL(day, 0), 0))`;

function ofMonth(inputs: DashboardInputs, expression: string, label: string): IMetric {
  return new MathExpression({
    expression,
    usingMetrics: { day: inputs.metrics.custom("CostUsd", "Sum", DAY) },
    label,
    color: COLOURS.model,
    period: Duration.seconds(DAY),
  });
}

function numbers(inputs: DashboardInputs): GridRow {
  const frame = (title: string, width: number) => ({ title, width, height: 3 });
  return [
    latest(frame("Model, today (UTC), USD", 6), spent(inputs)),
    latest(
      frame("Model, this month (UTC), USD", 8),
      ofMonth(inputs, SO_FAR, "so far"),
      ofMonth(inputs, `${SO_FAR} / ${TODAY} * ${DAYS_OF_MONTH}`, "whole month at this rate"),
    ),
    overRange(frame("Model, 31 days, USD", 5), spent(inputs)),
    overRange(frame("Model, one answer, USD", 5), perRequest(inputs)),
  ];
}

function spending(inputs: DashboardInputs): GridRow {
  const { dailySpendUsd } = inputs.config;
  return [
    overTime({ title: "Model, per day", width: 12, height: 6 }, [spent(inputs)], {
      unit: "USD",
      thresholds: [{ value: dailySpendUsd, label: "spend-today alarms", color: COLOURS.limit }],
    }),
    overTime(
      { title: "Model, this month so far", width: 12, height: 6 },
      [ofMonth(inputs, SO_FAR, "so far")],
      { unit: "USD" },
    ),
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
    overTime({ title: "One answer, average of the day", width: 12, height: 6 }, [perRequest(inputs)], {
      unit: "USD",
    }),
  ];
}

function perMode(inputs: DashboardInputs): GridRow {
  return [
    logTable({ title: "Tokens and dollars by mode", width: 15, height: 6 }, inputs, COST_BY_MODE),
    logTable({ title: "Tokens from and into the cache, per day", width: 9, height: 6 }, inputs, CACHE_TOKENS),
  ];
}

/** AWS's own figure: a few hours old, month to date, for everything in the account. */
function account({ config }: DashboardInputs): GridRow {
  const charges = estimatedCharges(DAY / 4).with({ label: "month to date", color: COLOURS.requests });
  const limit = { value: config.monthlyBudgetUsd, label: "budget, and alarm", color: COLOURS.limit };
  return [
    overTime(
      { title: "Whole account, month to date, as AWS estimates it", width: 24, height: 6 },
      [charges],
      { unit: "USD", thresholds: [limit] },
    ),
  ];
}
