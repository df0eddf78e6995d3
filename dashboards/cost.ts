import { type IMetric, MathExpression } from "aws-cdk-lib/aws-cloudwatch";
import { Duration } from "aws-cdk-lib/core";
import type { DashboardInputs } from "../lib/monitoring/agent-monitoring.ts";
import { CACHE_TOKENS_QUERY, COST_BY_MODE_QUERY } from "../lib/monitoring/log-queries.ts";
import { estimatedCharges } from "../lib/monitoring/metrics.ts";
import { COLOURS, graph, type GridRow, latestValue, logTable, singleValue } from "./widgets.ts";

const DAY = 86_400;
const DAYS_OF_MONTH = 30.4;
/**
 * A month with all its days, today included, whatever range a reader looks at: a shorter one holds only a
 * part of the sum.
 */
const WHOLE_MONTH = { start: "-P31D" } as const;

/** What the model costs, and what the account costs. */
export function cost(inputs: DashboardInputs): readonly GridRow[] {
  return [summaryRow(inputs), spendRow(inputs), tokensRow(inputs), modesRow(inputs), accountRow(inputs)];
}

function dailyCost(inputs: DashboardInputs): IMetric {
  return inputs.metrics.custom("CostUsd", "Sum", DAY).with({ label: "spent", color: COLOURS.model });
}

function costPerAnswer({ metrics }: DashboardInputs): IMetric {
  return metrics.custom("CostUsd", "Average", DAY).with({ label: "per model answer", color: COLOURS.output });
}

/** Day of the month of the newest period; CloudWatch knows the days of the periods, and not today's. */
const TODAY = "SUM(IF(EPOCH(day) == MAX(EPOCH(day)), DATE(day), 0))";

/** What was spent since the first of the month, day after day (UTC). */
const SO_FAR = `RUNNING_SUM(IF(EPOCH(day) > MAX(EPOCH(day)) - ${TODAY} * ${DAY}, FILL(day, 0), 0))`;

function monthExpression(inputs: DashboardInputs, expression: string, label: string): IMetric {
  return new MathExpression({
    expression,
    usingMetrics: { day: inputs.metrics.custom("CostUsd", "Sum", DAY) },
    label,
    color: COLOURS.model,
    period: Duration.seconds(DAY),
  });
}

function summaryRow(inputs: DashboardInputs): GridRow {
  const frame = (title: string, width: number) => ({ title, width, height: 3 });
  return [
    latestValue(frame("Model, today in UTC (USD)", 6), dailyCost(inputs)),
    latestValue(
      { ...frame("Model, this month in UTC (USD)", 8), ...WHOLE_MONTH },
      monthExpression(inputs, SO_FAR, "so far"),
      monthExpression(inputs, `${SO_FAR} / ${TODAY} * ${DAYS_OF_MONTH}`, "whole month at this rate"),
    ),
    singleValue({ ...frame("Model, 31 days (USD)", 5), ...WHOLE_MONTH }, dailyCost(inputs)),
    singleValue(frame("Model, per answer (USD)", 5), costPerAnswer(inputs)),
  ];
}

function spendRow(inputs: DashboardInputs): GridRow {
  const { dailySpendUsd } = inputs.config;
  return [
    graph({ title: "Model, per day", width: 12, height: 6 }, [dailyCost(inputs)], {
      unit: "USD",
      thresholds: [{ value: dailySpendUsd, label: "threshold of spend-today", color: COLOURS.limit }],
    }),
    graph(
      { title: "Model, this month so far", width: 12, height: 6, ...WHOLE_MONTH },
      [monthExpression(inputs, SO_FAR, "so far")],
      { unit: "USD" },
    ),
  ];
}

function tokensRow(inputs: DashboardInputs): GridRow {
  const perDay = (name: "InputTokens" | "OutputTokens", label: string, color: string): IMetric =>
    inputs.metrics.custom(name, "Sum", DAY).with({ label, color });
  return [
    graph(
      { title: "Tokens per day", width: 12, height: 6 },
      [
        perDay("InputTokens", "input tokens", COLOURS.model),
        perDay("OutputTokens", "output tokens", COLOURS.output),
      ],
      { unit: "tokens", stacked: true },
    ),
    graph({ title: "Cost per answer, average of the day", width: 12, height: 6 }, [costPerAnswer(inputs)], {
      unit: "USD",
    }),
  ];
}

function modesRow(inputs: DashboardInputs): GridRow {
  return [
    logTable({ title: "Tokens and cost by mode", width: 15, height: 6 }, inputs, COST_BY_MODE_QUERY),
    logTable(
      { title: "Cache read and write tokens, per day", width: 9, height: 6 },
      inputs,
      CACHE_TOKENS_QUERY,
    ),
  ];
}

/** AWS's own figure: a few hours old, month to date, for everything in the account. */
function accountRow({ config }: DashboardInputs): GridRow {
  const charges = estimatedCharges(DAY / 4).with({ label: "month to date", color: COLOURS.requests });
  const limit = { value: config.monthlyBudgetUsd, label: "budget and threshold", color: COLOURS.limit };
  return [
    graph({ title: "Whole account, month to date, as AWS estimates it", width: 24, height: 6 }, [charges], {
      unit: "USD",
      thresholds: [limit],
    }),
  ];
}
