import type { AlarmInputs, AlarmRow } from "./alarm-row.ts";
import { estimatedCharges } from "./estimated-charges.ts";

const SIX_HOURS = 21_600;

/** The one alarm of the billing stack. */
export const CHARGES_ALARM: AlarmRow<Pick<AlarmInputs, "config">> = {
  key: "estimated-charges",
  severity: "ticket",
  profile: "default",
  happened: (config) =>
    `AWS estimates that this month has cost ${config.monthlyBudgetUsd} USD or more so far.`,
  means: "Nothing is broken; the whole account, not only this agent, costs more than you allowed.",
  firstStep: "Open the bill and sort it by service: which one grew?",
  thenSteps: [
    "Amazon Bedrock: open the cost dashboard of each stage; spend-today says which day.",
    "CloudWatch: `MONITORING_PROFILE=full`, further dashboards or log volume.",
    "Anything else: not this project; follow that service.",
    "As intended: raise `MONTHLY_BUDGET_USD` and deploy the billing stack.",
  ],
  why: "The figure rises through the month and is computed every few hours, so six hours hold a point or none; between two points nothing is known, and the state stays. The first figure of the next month brings OK.",
  rule: ({ config }) => ({
    metric: estimatedCharges(SIX_HOURS),
    threshold: config.monthlyBudgetUsd,
    datapointsToAlarm: 1,
    evaluationPeriods: 1,
    treatMissingData: "ignore",
  }),
};
